#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The test system: boot/system.toml with the entries of extra.toml, and with pong as somebody whom bench may call.

    tests/programs/system.py build/tests

Writes build/tests/system.toml and prints the variables that make needs to build it.
"""

import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = "tests/programs/*/*.c tests/programs/*/*.asm"


def text():
    system = (ROOT / "boot" / "system.toml").read_text(encoding="utf-8")
    extra = (pathlib.Path(__file__).parent / "extra.toml").read_text(encoding="utf-8")
    system, found = re.subn(r"(\[program\.bench\][^\[]*\ncalls = \[)", r'\1"pong", ', system)
    if found != 1:
        raise SystemExit("boot/system.toml has no [program.bench] with calls")
    return system + "\n" + extra


def write(folder):
    """Writes folder/system.toml, only when it differs; returns make's variables."""
    path = pathlib.Path(folder) / "system.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text():
        path.write_text(text(), encoding="utf-8")
    return [f"BUILD={folder}", f"SYSTEM_TOML={path}", f"EXTRA_SOURCES={SOURCES}"]


if __name__ == "__main__":
    print("\n".join(write(sys.argv[1])))
