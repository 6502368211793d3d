# SPDX-License-Identifier: MIT
"""The kernel stays small enough to be read: lines of code of everything that is linked into kernel.elf, headers
included; and no file of the tree is longer than one idea."""

import re

from tree import assembly_lines, code_lines

C_LIMIT = 5000
ASSEMBLY_LIMIT = 600
FILE_LIMIT = 400


def linked_objects(tree):
    """Object files that the linker took, from its map: the kernel's own, and those drawn from the archive."""
    path = tree.build / "kernel.debug.map"
    text = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    taken = set(re.findall(r"^LOAD (\S+\.o)$", text, re.MULTILINE))
    members = set(re.findall(r"kernel-common\.a\((\S+?)\.o\)", text))
    return taken, members


def kernel_files(tree):
    """Every file of the tree that something linked was made from, by the compiler's dependency files."""
    taken, members = linked_objects(tree)
    folder = tree.build / "obj/kernel"
    depends = [tree.root / path for path in taken] + [folder / "common" / f"{name}.o" for name in members]
    files = set()
    for path in depends:
        rules = path.with_suffix(".d")
        if rules.is_file():
            words = rules.read_text(encoding="utf-8").replace("\\\n", " ").split("\n")[0].partition(":")[2].split()
            files |= {word.removeprefix("./") for word in words}
    return sorted(name for name in files if name in tree.files)


def check(tree):
    problems = []
    names = kernel_files(tree)
    c = sum(code_lines(tree.text(name)) for name in names if name.endswith((".c", ".h")))
    assembly = sum(assembly_lines(tree.text(name)) for name in names if name.endswith((".asm", ".inc")))
    if not names:
        problems.append("nothing is known to be linked into the kernel")
    if c > C_LIMIT:
        problems.append(f"the kernel has {c} lines of C; {C_LIMIT} are allowed")
    if assembly > ASSEMBLY_LIMIT:
        problems.append(f"the kernel has {assembly} lines of assembly; {ASSEMBLY_LIMIT} are allowed")
    for name in tree.sources(".c", ".h", ".asm", ".py", ".mk", ".ld"):
        length = len(tree.text(name).splitlines())
        if length > FILE_LIMIT:
            problems.append(f"{name}: {length} lines; {FILE_LIMIT} are allowed: look for the seam")
    return f"kernel {c} lines of C of {C_LIMIT}, {assembly} of assembly of {ASSEMBLY_LIMIT}", problems
