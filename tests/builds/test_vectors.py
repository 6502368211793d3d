# SPDX-License-Identifier: MIT
"""The interrupt descriptor table as it lies in memory, and exceptions that no program can raise."""

import re
import struct

from harness.gdb import symbols

KERNEL = 0xFFFFFFFF80000000
KERNEL_CODE, INTERRUPT_GATE = 0x08, 0xE
BREAKPOINT = 3
OWN_STACKS = {1: 1, 2: 2, 8: 3, 18: 4}  # debug, NMI, double fault, machine check: places of the TSS
MCI_STATUS = 1 << 63 | 1 << 61 | 1 << 60 | 1 << 57  # valid, uncorrected, enabled, context corrupt
MCG_STATUS = 1 << 2 | 1 << 1  # in progress, instruction pointer valid


def gates(machine):
    """[(handler, selector, stack, type, privilege, present)] of all vectors."""
    base, limit = (int(word, 16) for word in re.search(r"IDT= *(\w+) (\w+)", machine.monitor("info registers")).groups())
    memory = machine.physical(base - KERNEL, limit + 1)
    for low, selector, stack, kind, middle, high, _ in struct.iter_unpack("<HHBBHII", memory):
        yield low | middle << 16 | high << 32, selector, stack, kind & 0xF, kind >> 5 & 3, kind >> 7


def test_all_256_vectors_have_a_gate_and_ring_3_may_use_the_breakpoints_only(boot):
    machine = boot()
    machine.wait_screen("annulet> ")
    known = symbols(machine.build)
    seen = list(gates(machine))
    assert len(seen) == 256
    for vector, (handler, selector, stack, kind, privilege, present) in enumerate(seen):
        assert handler == known[f"trap_{vector}"], f"vector {vector}"
        assert (present, kind, selector) == (1, INTERRUPT_GATE, KERNEL_CODE), f"vector {vector}"
        assert privilege == (3 if vector == BREAKPOINT else 0), f"vector {vector}"
        assert stack == OWN_STACKS.get(vector, 0), f"vector {vector}"


def test_a_machine_check_stops_the_machine_with_a_sentence(boot):
    machine = boot(expect_panic=True)
    machine.wait_screen("annulet> ")
    machine.monitor(f"mce 0 0 {MCI_STATUS:#x} {MCG_STATUS:#x} 0 0")
    machine.wait_log(r"^kernel: KERNEL PANIC$", timeout=10)
    machine.wait_log(r"^kernel: .*[Mm]achine check|^kernel: EXCEPTION: MACHINE CHECK", timeout=5)
    machine.wait(lambda: "HLT=1" in machine.monitor("info registers"), "the processor to stop", timeout=5)
