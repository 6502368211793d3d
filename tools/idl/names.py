# SPDX-License-Identifier: MIT
"""Which names an interface file may use: what C and the generated code would make of them."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NAME_BYTES = 23  # what fits a name in the start page (NAME_SIZE in abi/start.h, less the closing NUL)
IDENTIFIER_BYTES = 40

KEYWORDS = frozenset(
    """
    auto break case char const continue default do double else enum extern float for goto if inline int long register
    restrict return short signed sizeof static struct switch typedef union unsigned void volatile while asm typeof
    alignas alignof bool complex constexpr false imaginary noreturn nullptr static_assert thread_local true
    typeof_unqual generic atomic
    """.split()
)
# Macros and types that the generated files see, so that none of them can be a name in C.
RESERVED = frozenset("must_use errno assert stdin stdout stderr linux unix main self null".split())
PYTHON_KEYWORDS = frozenset(
    """
    and as async await class def del elif except finally from global import in is lambda nonlocal not or pass raise
    try with yield
    """.split()
)


def refusal(name):
    """Why a name of a method, type, field or capability cannot be used, or None."""
    if not re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", name):
        return "a name is lower-case letters, digits and single underscores, and starts with a letter"
    if len(name) > IDENTIFIER_BYTES:
        return f"a name has at most {IDENTIFIER_BYTES} characters"
    if name in KEYWORDS:
        return f'"{name}" is a keyword of C'
    if name in PYTHON_KEYWORDS:
        return f'"{name}" is a keyword of Python'
    if name in RESERVED or name.endswith("_t"):
        return f'"{name}" is a reserved name'
    return None


def listed(header, macro):
    """The names in a list such as SYSCALLS(S) or ERRORS(E) of an abi header, with their numbers and texts."""
    text = (ROOT / "abi" / header).read_text(encoding="utf-8")
    return {
        name: (int(number), words)
        for name, number, words in re.findall(macro + r'\((\w+),\s*(\d+),\s*"([^"]*)"\)', text)
    }


def system_functions():
    """Functions of libsys that are named like an operation of the kernel: memory_map, clock_read …"""
    return frozenset(listed("syscall.h", "S"))


def errors():
    return listed("errors.h", "E")


class Taken:
    """The identifiers that the generated files define, each with what it came from."""

    def __init__(self):
        self.origin = {}

    def claim(self, table, key, identifier, what):
        """Note an identifier; a Problem if something else has it already."""
        if identifier in self.origin:
            raise table.wrong(key, f'"{identifier}", {what}, is already {self.origin[identifier]}')
        self.origin[identifier] = what
