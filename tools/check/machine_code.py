# SPDX-License-Identifier: MIT
"""The kernel's code uses no vector or x87 register, no GS (and so no swapgs), and nothing below its stack pointer: an
interrupt would write there."""

import re

REGISTER = re.compile(r"%(?:[xyz]mm\d+|mm\d|st\b|k\d\b)")
GS = re.compile(r"\b(?:swapgs|rdgsbase|wrgsbase)\b|%gs:")
# A memory operand below rsp. lea computes an address and touches nothing.
RED_ZONE = re.compile(r"(?<!lea)\s+.*-0x[0-9a-f]+\(%rsp[,)]")
FUNCTION = re.compile(r"^[0-9a-f]+ <(.+)>:$")


def check(tree):
    listing = tree.run("objdump", "-d", "--no-show-raw-insn", tree.build / "kernel.elf").stdout
    problems, function, count = [], "?", 0
    for line in listing.splitlines():
        if match := FUNCTION.match(line):
            function = match[1]
            continue
        code = line.partition("\t")[2]
        if not code:
            continue
        count += 1
        if REGISTER.search(code):
            problems.append(f"{function}: vector or x87 register: {code.strip()}")
        elif GS.search(code):
            problems.append(f"{function}: GS: {code.strip()}")
        elif not code.startswith(("lea", "nop")) and RED_ZONE.search(" " + code):
            problems.append(f"{function}: below the stack pointer: {code.strip()}")
    if count == 0:
        problems.append("objdump shows no instruction")
    return f"{count} instructions of the kernel", problems
