#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The test system: boot/system.toml with the entries of extra.toml, with pong as somebody whom bench may call, and with
spawner as somebody who may call init.

    tests/programs/system.py build/tests      writes build/tests/system.toml
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
    system, found = re.subn(r'(\nspawners = \["shell")\]', r'\1, "spawner"]', system)
    if found != 1:
        raise SystemExit("boot/system.toml has no spawners but the shell")
    return system + "\n" + extra


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "system.toml").write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
