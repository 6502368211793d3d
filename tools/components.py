# SPDX-License-Identifier: MIT
"""Says to make which components the given files (boot/system.toml and the test system's entries) give the FPU: they are
built and linked differently."""

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
    names = set()
    for path in sys.argv[1:]:
        try:
            with open(path, "rb") as file:
                system = tomllib.load(file)
        except tomllib.TOMLDecodeError as error:
            sys.exit(f"{path}: {error}")
        names |= {name for name, entry in entries(system) if entry.get("fpu") is True}
    print("FPU_COMPONENTS :=", *sorted(names))


main()
