# SPDX-License-Identifier: MIT
"""Each error that an operation can return has its cell in the matrix (tests/programs/attack_init/matrix*.c): those that
docs/syscalls.md lists for it, and those of capability and slot arguments, which the page says once for all. Each
operation that takes a capability has its line in operation × type × rights."""

import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "docs"))
import syscalls  # noqa: E402

FOLDER = "tests/programs/attack_init/matrix"
CELL = re.compile(r"^ +CELL(?:_\w+)?\((?:\w+, +)?(\w+), +(ERR_\w+), ", re.MULTILINE)
ARGUMENT = re.compile(r"^ +ARGUMENT\((\w+), +(\w+), ", re.MULTILINE)
SYSCALL = "ERR_BAD_SYSCALL"  # of all operations alike: one cell, any/ERR_BAD_SYSCALL
# Errors of what finds a capability that this operation cannot meet: it asks for no right, or for any type.
NEVER = {
    "call": {"ERR_SLOT_USED"}, "send": {"ERR_SLOT_USED"},  # the receiver's slots: ERR_NO_SLOT
    "reply": {"ERR_SLOT_USED", "ERR_WRONG_TYPE"},
    "recv": {"ERR_NO_RIGHT", "ERR_SLOT_USED"}, "reply_recv": {"ERR_BAD_SLOT", "ERR_WRONG_TYPE", "ERR_NO_RIGHT", "ERR_SLOT_USED"},
    "cap_info": {"ERR_WRONG_TYPE", "ERR_NO_RIGHT"},
    "memory_info": {"ERR_NO_RIGHT"}, "process_info": {"ERR_NO_RIGHT"}, "thread_info": {"ERR_NO_RIGHT"}, "clock_read": {"ERR_NO_RIGHT"},
}
NO_RIGHTS = {"cap_drop", "reply", "reply_recv"}  # no type and no right is asked for


def cell_names(texts):
    """Names as the log has them: OPERATION/ERROR and rights_of_OPERATION/PLACE, in their order."""
    names = []
    for text in texts:
        names += [f"{operation}/{error}" for operation, error in CELL.findall(text)]
        names += [f"rights_of_{operation}/{place}" for operation, place in ARGUMENT.findall(text)]
    return list(dict.fromkeys(names))


def possible(name, section, bodies):
    """The errors that an operation can return."""
    said = {error for row in re.findall(r"^\|([^|]*)\|", section, re.MULTILINE) for error in syscalls.ERROR.findall(row)}
    code = syscalls.errors_of(f"sys_{name}", bodies, syscalls.DROPPED.get(name, set()))
    return said | (code & syscalls.COMMON) - NEVER.get(name, set()) - {SYSCALL}


def check(tree):
    files = [name for name in tree.files if name.startswith(FOLDER) and name.endswith(".c")]
    cells = set(cell_names(tree.text(name) for name in files))
    sections = {name: text for name, _, text in syscalls.SECTION.findall(tree.text(syscalls.PAGE))}
    bodies = syscalls.functions(tree)
    wanted = {f"any/{SYSCALL}"}
    for name, section in sections.items():
        errors = possible(name, section, bodies)
        wanted |= {f"{name}/{error}" for error in errors}
        if "ERR_NO_CAP" in errors and name not in NO_RIGHTS and not any(c.startswith(f"rights_of_{name}/") for c in cells):
            wanted.add(f"rights_of_{name}/REGISTER")
    problems = [f"{cell}: no test in {FOLDER}*.c" for cell in sorted(wanted - cells)]
    problems += [f"{cell}: {syscalls.PAGE} knows no such error of it" for cell in sorted(cells - wanted)
                 if not cell.startswith("rights_of_")]
    return f"{len(wanted)} cells of {len(sections)} operations", problems
