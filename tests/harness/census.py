# SPDX-License-Identifier: MIT
"""The debug kernel's audit of everything that it keeps (kernel/debug/), asked for from outside."""

import re

LINE = re.compile(r"^kernel: census (\d+): good; frames: (\d+) = kernel (\d+) \+ memory (\d+) \+ processes (\d+) \+ pools (\d+); "
                  r"free in pools (\d+), mappings (\d+), processes (\d+), stack (\d+) bytes$", re.MULTILINE)
FIGURES = ("number", "ram", "kernel", "memory", "in processes", "pools", "free in pools", "mappings", "processes", "stack")


def census(machine, timeout=10):
    """Has the debug kernel look at all its books, and returns its figures: {"ram": frames, "free in pools": ...}. What is
    wrong is a kernel panic."""
    before = len(LINE.findall(machine.log()))
    machine.monitor("nmi")
    found = machine.wait(lambda: LINE.findall(machine.log())[before:], "a census", timeout)
    return dict(zip(FIGURES, map(int, found[0])))
