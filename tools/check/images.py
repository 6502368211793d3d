# SPDX-License-Identifier: MIT
"""Every image is freestanding and static: nothing undefined, no interpreter, nothing to relocate, no unwind tables in
memory, and no segment that is both writable and executable."""

import re

LOAD = re.compile(r"^\s+LOAD\s+\S+ +(0x\w+) +\S+ +\S+ +(0x\w+) +([RWE ]{3})", re.MULTILINE)
SECTION = re.compile(r"^\s*\[ *\d+\] (\S+)\s+\S+\s+(\w+) \w+ \w+ \w+ +([A-Zlopx]*)", re.MULTILINE)


def look_at(tree, image):
    name = image.relative_to(tree.build)
    undefined = tree.run("nm", "-u", image).stdout.split()
    if undefined:
        yield f"{name}: undefined symbols: {' '.join(undefined)}"
    layout = tree.run("readelf", "-lSW", image)
    if layout.returncode or "LOAD" not in layout.stdout:
        yield f"{name}: no ELF image with segments"
        return
    for unwanted in ("INTERP", "DYNAMIC", "TLS"):
        if re.search(rf"^\s+{unwanted}\s", layout.stdout, re.MULTILINE):
            yield f"{name}: has a PT_{unwanted}"
    for address, size, access in LOAD.findall(layout.stdout):
        if "W" in access and "E" in access:
            yield f"{name}: the segment at {address} is writable and executable"
        if "W" not in access and int(size, 16) == 0:
            yield f"{name}: the segment at {address} is empty"
    for section, _, flags in SECTION.findall(layout.stdout):
        if section.startswith(".eh_frame") and "A" in flags:
            yield f"{name}: {section} is loaded"
        if section.startswith(".debug"):
            yield f"{name}: {section} is shipped"


def check(tree):
    problems = [problem for image in tree.images for problem in look_at(tree, image)]
    if len(tree.images) < 2:
        problems.append("there are no images of servers and programs")
    return f"{len(tree.images)} images", problems
