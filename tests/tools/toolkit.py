# SPDX-License-Identifier: MIT
"""What the tests of both compilers share: running them, and files to give them."""

import os
import runpy
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

from harness.images import build_folder

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent
COMPILED = build_folder() / "test-bytecode"  # the tools', once for all runs


def run(tool, *arguments, **environment):
    """Run tools/TOOL; the finished process, its output as text. Hundreds of runs: a fork instead of a new interpreter,
    unless the environment shall be another."""
    path, arguments = ROOT / "tools" / tool, [str(argument) for argument in arguments]
    if environment:
        return subprocess.run([sys.executable, "-B", str(path), *arguments], cwd=ROOT, capture_output=True, text=True,
                              check=False, timeout=60, env={**os.environ, **environment})
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        child = os.fork()
        if child == 0:
            os._exit(run_here(path, arguments, out, err))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess([str(path), *arguments], code, out.read(), err.read())


def run_here(path, arguments, out, err):
    """In the child: the tool as its own main program; its exit code."""
    sys.stdout, sys.stderr, sys.argv = out, err, [str(path), *arguments]
    sys.path.insert(0, str(path.parent))
    sys.dont_write_bytecode, sys.pycache_prefix = False, str(COMPILED)
    os.chdir(ROOT)
    code = 0
    try:
        runpy.run_path(str(path), run_name="__main__")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 1 if end.code else 0
    except BaseException:
        traceback.print_exc()
        code = 1
    out.flush()
    err.flush()
    return code


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
