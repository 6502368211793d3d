# SPDX-License-Identifier: MIT
"""docs/syscalls.md against abi/syscall.h and the kernel's code: each operation has its section, with the words of the
list, and the errors that stand there are those that its handler can return."""

import re

PAGE = "docs/syscalls.md"
ENTRY = re.compile(r"^ *S\((\w+), *(\d+), \"(.*)\"\)", re.MULTILINE)
SECTION = re.compile(r"^### (\w+) \((\d+)\)\n\n(.*?)(?=^##|\Z)", re.MULTILINE | re.DOTALL)
FUNCTION = re.compile(r"^[\w *]+?\b(\w+)\([^;{}]*\)\s*\{(?:([^\n]*)\}$|\n(.*?)^\})", re.MULTILINE | re.DOTALL)
ERROR = re.compile(r"\bERR_\w+")

# Any capability, and any empty slot: said once at the top of the page.
COMMON = {"ERR_BAD_SLOT", "ERR_NO_CAP", "ERR_WRONG_TYPE", "ERR_NO_RIGHT", "ERR_SLOT_USED", "ERR_BAD_SYSCALL"}
# Handlers pass these to other threads, whose calls end with them; only operations that wait return them themselves.
TO_OTHERS = {"ERR_SERVER_DIED", "ERR_GONE", "ERR_TIMEOUT"}
WAITS = {"call": {"ERR_SERVER_DIED", "ERR_GONE"}, "send": {"ERR_GONE"}, "recv": {"ERR_TIMEOUT", "ERR_GONE"},
         "reply_recv": {"ERR_GONE"}}
# What delivers a message of somebody else's: its errors are that thread's.
NOT_FOLLOWED = {"receive_next", "ipc_fail", "scheduler_ready", "scheduler_return", "scheduler_switch", "fault_raise",
                "fault_replied", "panic", "stop_machine", "log_line", "thread_end", "endpoint_signal"}
# reply_recv drops what its reply says.
DROPPED = {"reply_recv": {"reply", "sys_reply", "answer"}}
# What no argument can bring about, though the code that is shared with others has it.
IMPOSSIBLE = {}


def functions(tree):
    """{name: body} of the kernel's C."""
    bodies = {}
    for name in tree.sources(".c", ".h", folders=("kernel",)):
        text = re.sub(r"//[^\n]*", "", tree.text(name))
        for function, line, body in FUNCTION.findall(text):
            bodies.setdefault(function, line or body)
    return bodies


def errors_of(name, bodies, dropped, seen=None):
    """The errors that stand in a function and in those that it calls."""
    seen = set() if seen is None else seen
    if name in seen or name in NOT_FOLLOWED or name in dropped or name not in bodies:
        return set()
    seen.add(name)
    found = set(ERROR.findall(bodies[name]))
    for called in re.findall(r"\b(\w+)\(", bodies[name]):
        found |= errors_of(called, bodies, dropped, seen)
    return found


def check_section(name, text, bodies):
    said = {error for row in re.findall(r"^\|([^|]*)\|", text, re.MULTILINE) for error in ERROR.findall(row)}
    code = errors_of(f"sys_{name}", bodies, DROPPED.get(name, set()))
    possible = (code | WAITS.get(name, set())) - (TO_OTHERS - WAITS.get(name, set())) - COMMON - IMPOSSIBLE.get(name, set())
    for error in sorted(possible - said):
        yield f"{PAGE}: {name}: its handler can return {error}, which is not listed"
    for error in sorted(said - possible - COMMON):
        yield f"{PAGE}: {name}: {error} is listed, but no code of its handler returns it"


def check(tree):
    sections = {name: (number, text) for name, number, text in SECTION.findall(tree.text(PAGE))}
    entries = ENTRY.findall(tree.text("abi/syscall.h"))
    bodies = functions(tree)
    problems = [] if entries else ["abi/syscall.h: no list of operations"]
    for name, number, words in entries:
        if name not in sections:
            problems.append(f"{PAGE}: no section for {name}")
            continue
        said_number, text = sections.pop(name)
        if said_number != number:
            problems.append(f"{PAGE}: {name} is operation {number}, not {said_number}")
        start = words[0].upper() + words[1:]
        if not re.sub(r"\s+", " ", text).startswith(start):
            problems.append(f"{PAGE}: {name} does not begin with the words of abi/syscall.h: {start}")
        if f"sys_{name}" not in bodies:
            problems.append(f"kernel: no handler sys_{name}")
        problems += check_section(name, text, bodies)
    problems += [f"{PAGE}: there is no operation {name}" for name in sections]
    known = set(ERROR.findall(tree.text("abi/errors.h")))
    problems += [f"{PAGE}: {error} is no error" for error in sorted(set(ERROR.findall(tree.text(PAGE))) - known)]
    return f"{len(entries)} operations", problems
