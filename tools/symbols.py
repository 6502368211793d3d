# SPDX-License-Identifier: MIT
"""Writes the kernel's table of its own functions (NASM) from `nm -n` on standard input.

--none writes an empty table for the first link; --compare TABLE checks, after the second link, that no function has
moved, which would make every backtrace lie."""

import re
import sys

HEAD = """; SPDX-License-Identifier: MIT
section .note.GNU-stack noalloc noexec nowrite progbits
section .rodata.symbols progbits alloc noexec nowrite align=8
global kernel_symbols_count
global kernel_symbols
"""


def functions(lines):
    """(address, name) of every function, in order of address. Local labels of assembly (name.label) are none."""
    found = []
    for line in lines:
        match = re.fullmatch(r"([0-9a-f]+) [tTwW] ([A-Za-z_][A-Za-z0-9_]*)", line.strip())
        if match:
            found.append((int(match[1], 16), match[2]))
    return found


def table(symbols):
    text = HEAD + f"kernel_symbols_count: dq {len(symbols)}\nkernel_symbols:\n"
    text += "".join(f"    dq 0x{address:x}, name{i}\n" for i, (address, _) in enumerate(symbols))
    text += "".join(f"name{i}: db '{name}', 0\n" for i, (_, name) in enumerate(symbols))
    return text


def main():
    if sys.argv[1:] == ["--none"]:
        sys.stdout.write(table([]))
        return
    text = table(functions(sys.stdin))
    if sys.argv[1:2] == ["--compare"]:
        with open(sys.argv[2], encoding="utf-8") as file:
            if file.read() != text:
                sys.exit("the symbol table moved the kernel's functions: it must lie behind all code (boot/kernel.ld)")
        return
    sys.stdout.write(text)


main()
