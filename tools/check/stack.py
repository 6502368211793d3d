# SPDX-License-Identifier: MIT
"""The kernel's stack: no recursion, and the deepest chain of calls takes at most half of it, by the machine code of every
function and who calls whom. On top of that come, once and for the last time, an exception's frame and the panic."""

import re

FUNCTION = re.compile(r"^([0-9a-f]+) <(.+)>:$")
CALL = re.compile(r"^(?:call|jmp|j\w+)\s+[0-9a-f]+ <([^>+]+)>$")
INDIRECT = re.compile(r"^call\s+\*")
PUSH = re.compile(r"^push\w*\s")
TAKE = re.compile(r"^(sub|add)\w*\s+\$0x([0-9a-f]+),%rsp$")
ALIGN = re.compile(r"^and\w*\s+\$0xf+([0-9a-f]+),%rsp$")
SIZE = re.compile(r"^#define KERNEL_STACK_SIZE (\w+)", re.MULTILINE)
RETURN_ADDRESS = 8
TRAP_FRAME = 22 * 8  # what an exception in ring 0 pushes: kernel/panic.h, struct trap_frame
# Who calls through a register, and what: the table of operations, and the jump into the higher half.
THROUGH_A_REGISTER = {"syscall_slow.run": r"sys_\w+", "boot_long": r"kernel_main"}


def taken(instruction, number):
    """GCC writes 128 bytes as `add $-128`, which is shorter; the reverse of either gives them back."""
    signed = number - (1 << 64) if number >> 63 else number
    return max(0, signed if instruction == "sub" else -signed)


def read(listing):
    """{function: (bytes of its own frame, set of those that it calls)}, and the functions that call through a register."""
    functions, indirect, name = {}, set(), None
    for line in listing.splitlines():
        if match := FUNCTION.match(line):
            name = match[2]
            functions[name] = [RETURN_ADDRESS, set()]
            continue
        code = line.partition("\t")[2].strip()
        if not code or name is None:
            continue
        if PUSH.match(code):
            functions[name][0] += 8
        elif match := TAKE.match(code):
            functions[name][0] += taken(match[1], int(match[2], 16))
        elif ALIGN.match(code):
            functions[name][0] += 64
        elif match := CALL.match(code):
            functions[name][1].add(match[1])
        elif INDIRECT.match(code):
            indirect.add(name)
    for name, (_, calls) in functions.items():
        calls.discard(name)  # a jump inside
    return functions, indirect


def resolve(functions, indirect):
    """Puts in who is called through a register; yields a problem for each function of which that is not known."""
    for name in sorted(indirect):
        if name not in THROUGH_A_REGISTER:
            yield f"{name}: calls through a register; whom?"
            continue
        functions[name][1].update(other for other in functions if re.fullmatch(THROUGH_A_REGISTER[name], other))


def depths(functions):
    """{function: (bytes, the chain of calls that needs them)}; raises RecursionError with the names of a circle."""
    known, path = {}, []

    def depth(name):
        if name in known:
            return known[name]
        if name in path:
            raise RecursionError(" → ".join([*path[path.index(name):], name]))
        path.append(name)
        own, calls = functions.get(name, (0, ()))
        below = max((depth(other) for other in calls if other in functions), default=(0, []))
        path.pop()
        known[name] = own + below[0], [name, *below[1]]
        return known[name]

    for name in functions:
        depth(name)
    return known


# The end of everything: what runs before does not count it in its chain.
LAST_WORDS = {"panic", "panic_trap", "stop_machine"}


def check(tree):
    functions, indirect = read(tree.run("objdump", "-d", "--no-show-raw-insn", tree.build / "kernel.debug").stdout)
    problems = list(resolve(functions, indirect))
    if len(functions) < 100:
        return "", ["objdump shows no kernel"]
    size = int(SIZE.search(tree.text("kernel/x86/cpu.h"))[1], 16)
    last_words = {name: functions[name] for name in LAST_WORDS if name in functions}
    for name, (own, calls) in functions.items():
        calls -= LAST_WORDS if name not in LAST_WORDS else set()
    try:
        known = depths(functions)
    except RecursionError as circle:
        return "", [*problems, f"recursion: {circle}"]
    deepest, chain = max(value for name, value in known.items() if name not in LAST_WORDS)
    end = TRAP_FRAME + max(known[name][0] for name in last_words)
    if deepest > size // 2:
        problems.append(f"{' → '.join(chain)}: {deepest} bytes; half of the stack is {size // 2}")
    if deepest + end > size:
        problems.append(f"{deepest} bytes, and a panic on top of them of {end}, are more than the stack")
    return f"{deepest} bytes of {size} at most ({' → '.join(chain[:3])} …), a panic {end} more", problems
