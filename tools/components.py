# SPDX-License-Identifier: MIT
"""Says to make which components the given files (boot/system.toml and the test system's entries) give the FPU or threads:
they are built or linked differently."""

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
    names, threads = set(), set()
    for path in sys.argv[1:]:
        try:
            with open(path, "rb") as file:
                system = tomllib.load(file)
        except tomllib.TOMLDecodeError as error:
            sys.exit(f"{path}: {error}")
        names |= {name for name, entry in entries(system) if entry.get("fpu") is True}
        threads |= {name for name, entry in entries(system) if "threads" in entry.get("grants", [])}
    print("FPU_COMPONENTS :=", *sorted(names))
    print("THREAD_COMPONENTS :=", *sorted(threads))


main()
