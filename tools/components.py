# SPDX-License-Identifier: MIT
"""Says to make which components boot/system.toml gives the FPU: they are built and linked differently."""

import sys
import tomllib


def entries(system):
    """All tables that describe a server or a program: [name] for a server, [program.name] for a program."""
    for name, entry in system.items():
        if not isinstance(entry, dict):
            continue
        inner = [value for value in entry.values() if isinstance(value, dict)]
        if inner and len(inner) == len(entry):
            yield from entry.items()
        else:
            yield name, entry


def main():
    try:
        with open(sys.argv[1], "rb") as file:
            system = tomllib.load(file)
    except tomllib.TOMLDecodeError as error:
        sys.exit(f"{sys.argv[1]}: {error}")
    names = sorted(name for name, entry in entries(system) if entry.get("fpu") is True)
    print("FPU_COMPONENTS :=", *names)


main()
