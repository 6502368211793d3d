#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The test system: boot/system.toml with the entries of extra.toml, and with pong as somebody whom bench may call.

    tests/programs/system.py build/tests        writes build/tests/system.toml (make test-system)
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]


def text():
    system = (ROOT / "boot" / "system.toml").read_text(encoding="utf-8")
    extra = (pathlib.Path(__file__).parent / "extra.toml").read_text(encoding="utf-8")
    system, found = re.subn(r"(\[program\.bench\][^\[]*\ncalls = \[)", r'\1"pong", ', system)
    if found != 1:
        raise SystemExit("boot/system.toml has no [program.bench] with calls")
    return system + "\n" + extra


def write(folder):
    """Writes folder/system.toml, only when it differs."""
    path = pathlib.Path(folder) / "system.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text():
        path.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    write(sys.argv[1])
