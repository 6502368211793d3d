# SPDX-License-Identifier: MIT
"""The interrupt descriptor table as it lies in memory, and exceptions that no program can raise."""

import pathlib
import re
import struct
import sys

from harness.gdb import symbols

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))
from test_kernel import ADDRESS, pages, register  # noqa: E402

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
    known = symbols(machine.symbols_file)
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


CODE, DATA, LONG = 0b11010, 0b10010, 1 << 53  # with the bit of "accessed" left out; 64-bit code
BUSY_TSS = 0xB


def descriptor_table(machine):
    base, limit = (int(word, 16) for word in re.search(r"GDT= *(\w+) (\w+)", machine.monitor("info registers")).groups())
    memory = machine.physical(base - KERNEL, limit + 1)
    return struct.unpack(f"<{(limit + 1) // 8}Q", memory)


def test_segments_and_the_task_state_are_as_the_manual_wants_them(boot):
    machine = boot()
    machine.wait_screen("annulet> ")
    known = symbols(machine.symbols_file)
    table = descriptor_table(machine)
    assert table[0] == 0
    for place, (kind, privilege) in {1: (CODE, 0), 2: (DATA, 0), 3: (DATA, 3), 4: (CODE, 3)}.items():
        entry = table[place]
        assert entry >> 40 & 0x1E == kind and entry >> 47 & 1 and entry >> 45 & 3 == privilege, f"descriptor {place}"
        assert bool(entry & LONG) == (kind == CODE), f"descriptor {place}"
    # SYSRET takes SS = STAR[63:48] + 8 and CS = STAR[63:48] + 16: data must stand before code.
    selector, base, limit = (int(word, 16) for word in
                             re.search(r"TR *=(\w+) (\w+) (\w+)", machine.monitor("info registers")).groups())
    low, high = table[selector // 8:selector // 8 + 2]
    assert base == (low >> 16 & 0xFFFFFF) | (low >> 56) << 24 | (high & 0xFFFFFFFF) << 32 == known["task_state"]
    assert limit == (low & 0xFFFF) == 103 and low >> 40 & 0x1F == BUSY_TSS and low >> 47 & 1 and low >> 45 & 3 == 0
    state = machine.physical(base - KERNEL, 104)
    rsp0, ist = struct.unpack_from("<Q", state, 4)[0], struct.unpack_from("<7Q", state, 36)
    assert rsp0 == known["kernel_stack_top"]
    assert struct.unpack_from("<H", state, 102)[0] > limit, "no bitmap of I/O ports: each faults"
    stacks = ist[:len(OWN_STACKS)]
    assert ist[len(OWN_STACKS):] == (0, 0, 0)
    assert all(stack % 16 == 0 for stack in stacks) and len(set(stacks)) == len(stacks)
    mapped = {address for address, _, size, _ in pages(machine, register(machine, "CR3") & ADDRESS)
              if address >= KERNEL for address in range(address, address + size, 4096)}
    for top in (*stacks, rsp0):
        size = 0
        while top - size - 4096 in mapped:
            size += 4096
        assert size == (0x4000 if top == rsp0 else 0x2000), f"a page that is not mapped below the stack at {top:#x}"
