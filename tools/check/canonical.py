# SPDX-License-Identifier: MIT
"""No address that is none can get into an instruction pointer: `sysret` to one faults in ring 0 on some processors, and the
emulator does not show it (threats, row 24). The only functions that set a thread's are known, and the machine code of
those that take one from ring 3, or map pages, compares it with the end of the user half."""

import re

FUNCTION = re.compile(r"^[0-9a-f]+ <(.+)>:$")
SETS = re.compile(r"->rip\s*[-+]?=[^=]|memcpy\(&t->rip\b")
# Where a thread's instruction pointer is set: from a checked number, back to the syscall that is tried again, or checked
# by the caller.
KNOWN = {"kernel/thread.c": 1, "kernel/registers.c": 1, "kernel/ipc.c": 1}
# USER_TOP, or what the compiler makes of the comparison: less one, without the base, in pages
LIMITS = r"\$0x(?:7ffffffff000|7fffffffefff|7fffffbfefff|7fffffbff000|7ffffffff|7fffffffe)\b"
GUARDS = {"thread_set_registers": "registers that a handler or a debugger sets", "sys_thread_start": "where a thread starts",
          "memory_check_range": "where pages are mapped: never in the last page, behind which syscall would return to"}
NEAR = 8  # instructions between the number and the comparison


def functions(listing):
    found, name = {}, None
    for line in listing.splitlines():
        if match := FUNCTION.match(line):
            name = match[1]
            found[name] = []
        elif name and "\t" in line:
            found[name].append(line.partition("\t")[2].strip())
    return found


def compares(code):
    """Whether a limit is loaded, compared and decided on."""
    for i, instruction in enumerate(code):
        if not re.search(LIMITS, instruction):
            continue
        behind = code[i + 1:i + 1 + NEAR]
        compared = next((n for n, other in enumerate(behind) if re.match(r"cmp|sub", other)), None)
        if compared is not None and any(re.match(r"j[ab]e?\b|set[ab]e?\b|cmov[ab]e?\b|sbb\b", other) for other in behind[compared:]):
            return True
    return False


def check(tree):
    problems = []
    code = functions(tree.run("objdump", "-d", "--no-show-raw-insn", tree.build / "kernel.elf").stdout)
    for name, what in GUARDS.items():
        if name not in code:
            problems.append(f"{name} is not in the kernel: what checks {what}?")
        elif not compares(code[name]):
            problems.append(f"{name} does not compare with the end of the user half: {what}")
    for name in tree.sources(".c", folders=("kernel",)):
        count = 0 if name.startswith("kernel/debug/") else len(SETS.findall(tree.text(name)))
        if count != KNOWN.get(name, 0):
            problems.append(f"{name}: sets an instruction pointer {count} times, {KNOWN.get(name, 0)} are known")
    return f"{len(GUARDS)} guards", problems
