# SPDX-License-Identifier: MIT
"""Says to make which components the given files (boot/system.toml and the test system's entries) give the FPU or threads:
they are built or linked differently."""

import pathlib
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
    fpu, threads = set(), set()  # by the names of their folders, which are those of the images
    for path in sys.argv[1:]:
        try:
            with open(path, "rb") as file:
                system = tomllib.load(file)
        except tomllib.TOMLDecodeError as error:
            sys.exit(f"{path}: {error}")
        for name, entry in entries(system):
            folder = pathlib.PurePath(entry.get("image", name)).stem
            if entry.get("fpu") is True:
                fpu.add(folder)
            if "threads" in entry.get("grants", []):
                threads.add(folder)
    print("FPU_COMPONENTS :=", *sorted(fpu))
    print("THREAD_COMPONENTS :=", *sorted(threads))


main()
