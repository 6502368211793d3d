# SPDX-License-Identifier: MIT
"""What the tests of both compilers share: running them, and files to give them."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent


def run(tool, *arguments, **environment):
    """Run tools/TOOL; the finished process, its output as text."""
    return subprocess.run([sys.executable, "-B", str(ROOT / "tools" / tool), *map(str, arguments)], cwd=ROOT,
                          capture_output=True, text=True, check=False, timeout=60, env={**os.environ, **environment})


def tree(folder):
    """{path: bytes} of all files below a folder."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(Path(folder).rglob("*")) if p.is_file()}


def refused(done, file, key, reason):
    """Asserts that a compiler refused its input with one line that names file, key and reason."""
    assert done.returncode == 1, f"exit code {done.returncode}, output: {done.stdout}{done.stderr}"
    assert done.stderr.count("\n") == 1, f"not one line: {done.stderr}"
    start = f"{file}: {key}: " if key else f"{file}: "
    assert done.stderr.startswith(start), f"wanted {start!r}, got {done.stderr!r}"
    assert reason in done.stderr, f"wanted {reason!r} in {done.stderr!r}"
