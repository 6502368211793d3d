# SPDX-License-Identifier: MIT
"""Explains a log: behind each code address of a death comes the function and the line of source it belongs to.

    python3 tools/explain.py build/log/kbd.log      a log that a run left
    make run 2>&1 | python3 tools/explain.py        or one that is just being written

    init: kbd: PAGE FAULT: write to 0x0, not mapped, at 0x1401234 handle_key+0x14
        handle_key at servers/kbd/main.c:101

Addresses are looked up in the files with debug sections that the build leaves beside each image (*.debug),
which must be those of the system that wrote the log. Each image has a range of addresses of its own, so an address
names its image; the kernel's lie in the upper half."""

import argparse
import pathlib
import re
import struct
import subprocess
import sys

sys.dont_write_bytecode = True
ROOT = pathlib.Path(__file__).resolve().parents[1]
# "at 0x4000f42 serve+0x3d2": how init and the kernel write a place; in the kernel's backtrace two blanks stand for "at".
PLACE = re.compile(r"(?:\bat|^kernel:  ) 0x([0-9a-f]+)\b")
# A return address is that of the instruction behind the call, which may belong to the next line. The kernel's are the
# calls' already.
RETURNS = re.compile(r"^init: \S+: at 0x")
EXECUTABLE, LOADED = 1, 1
FOLDERS = (".", "servers", "user", "tests/programs")  # below build/ may lie other builds, with addresses of their own


class Image:
    """A file with debug sections, and the addresses of its code."""

    def __init__(self, path):
        self.path = path
        data = path.read_bytes()
        self.ranges = []
        if data[:4] != b"\x7fELF":
            return
        offset, size, count = struct.unpack_from("<Q", data, 32)[0], *struct.unpack_from("<HH", data, 54)
        for i in range(count):
            kind, flags, _, address, _, _, length = struct.unpack_from("<IIQQQQQ", data, offset + i * size)
            if kind == LOADED and flags & EXECUTABLE:
                self.ranges.append((address, address + length))

    def has(self, address):
        return any(first <= address < end for first, end in self.ranges)

    def places(self, address):
        """The function and line of an address, outermost last where calls were inlined: ["f at a.c:1", ...]."""
        said = subprocess.run(["addr2line", "-f", "-i", "-e", self.path, hex(address)], capture_output=True, text=True,
                              check=False).stdout.splitlines()
        return [function if line.startswith("??") else f"{function} at {shorten(line)}"
                for function, line in zip(said[::2], said[1::2]) if function != "??"]


def shorten(line):
    """A path as seen from the root of the tree; the compiler's remarks behind the number go."""
    return line.split(" (")[0].removeprefix(f"{ROOT}/").removeprefix("./")


class Explainer:
    def __init__(self, build):
        self.images = [Image(path) for folder in FOLDERS for path in sorted(pathlib.Path(build, folder).glob("*.debug"))]
        # Two kernels at one address: the debug kernel names itself in its log.
        self.debug_kernel = [image for image in self.images if image.path.name == "kernel-debug.debug"]
        self.images = [image for image in self.images if image not in self.debug_kernel]

    def explain(self, line):
        """What there is to say about a line of a log."""
        if line.startswith("kernel: debug kernel: "):
            self.images = self.debug_kernel + self.images
        found = []
        for match in PLACE.finditer(line):
            address = int(match[1], 16) - bool(RETURNS.match(line))
            image = next((image for image in self.images if image.has(address)), None)
            if image:
                found += image.places(address)
        return found


def main():
    parser = argparse.ArgumentParser(description="Puts source lines behind the addresses of a log.")
    parser.add_argument("log", nargs="?", help="a file; standard input without it")
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build", help="where the images are")
    arguments = parser.parse_args()
    explainer = Explainer(arguments.build)
    if not explainer.images:
        sys.exit(f"{arguments.build}: no images with debug sections; build first")
    try:
        with open(arguments.log, encoding="utf-8", errors="replace") if arguments.log else sys.stdin as log:
            for line in log:
                print(line.rstrip("\r\n"))
                for place in explainer.explain(line):
                    print(f"    {place}", flush=True)
    except OSError as error:
        sys.exit(f"{arguments.log}: {error.strerror}")
    except (BrokenPipeError, KeyboardInterrupt):
        sys.exit(1)


if __name__ == "__main__":
    main()
