# SPDX-License-Identifier: MIT
"""From 4 MiB to 1000 GiB: a prompt or a sentence, every frame of the machine's map on the books once, and a boot that
does not grow with the machine."""

import re
import struct

import pytest
from harness.frames import DEVICE, FrameTable
from harness.images import build_folder

KIB_PER_FRAME = 4
BOOT_BUDGET = 80_000_000  # instructions to the prompt, whatever the size


def backend(size):
    """RAM that the host hands out when it is touched."""
    return ["-object", f"memory-backend-ram,id=ram,size={size},reserve=off", "-machine", "memory-backend=ram"]


def areas(log):
    return [(int(start, 16) >> 12, int(size, 16) >> 12)
            for start, size in re.findall(r"^kernel: memory: (\S+) \+ (\S+) usable$", log, re.MULTILINE)]


def overlap(first, pages, ram):
    return sum(max(0, min(first + pages, start + size) - max(first, start)) for start, size in ram)


def check_books(machine):
    """Free and used frames are the usable RAM of the map, to the frame: the kernel's report, and the frame table."""
    log = machine.log()
    ram = areas(log)
    total, kernel = map(int, re.search(r"^kernel: init starts: (\d+) KiB of RAM, (\d+) KiB of them", log,
                                       re.MULTILINE).groups())
    assert total == sum(pages for _, pages in ram) * KIB_PER_FRAME
    sums, table = {}, FrameTable(machine)
    for first, pages, kind in table.runs():
        inside = overlap(first, pages, ram)
        assert inside in (0, pages) or kind == DEVICE, f"the run at frame {first:#x} is only partly RAM"
        sums[kind] = sums.get(kind, 0) + inside
    assert sum(sums.values()) * KIB_PER_FRAME == total
    assert sums[0] * KIB_PER_FRAME < kernel, "the kernel has more frames than it says"
    return total


@pytest.mark.parametrize("memory, sentence", [("3M", "Annulet cannot start: too little RAM: "),
                                              ("4M", "Annulet cannot start: too little RAM: "),
                                              ("5M", "init died: too little RAM: error 131. The machine stops.")])
def test_a_machine_that_is_too_small_says_so(boot, memory, sentence):
    machine = boot(memory=memory, boot="iso")
    machine.wait_log(f"^kernel: {sentence}.*\n", timeout=30)
    assert sentence in machine.cells().row(0)


@pytest.mark.parametrize("memory", ["6M", "8M", "16M"])
def test_a_small_machine_boots_to_the_prompt(boot, memory):
    machine = boot(memory=memory, boot="iso")
    machine.wait_screen("annulet> ", timeout=30)
    check_books(machine)


@pytest.mark.parametrize("memory, cpu", [("24M", "max"), ("128M", "qemu64"), ("3G", "max"), ("5G", "qemu64"),
                                         ("80G", "max"), ("1000G", "max")])
def test_every_frame_of_the_map_is_on_the_books_once_and_the_boot_does_not_grow_with_the_machine(boot, memory, cpu):
    figures = build_folder() / "log" / f"size-{memory}.figures"
    figures.unlink(missing_ok=True)  # it counts on where it finds a file
    meter = ["-plugin", f"{build_folder() / 'meter.so'},out={figures},start=0x100020"]
    machine = boot(memory=memory, cpu=cpu, icount=True, extra=backend(memory) + meter)
    machine.wait_screen("annulet> ", timeout=60)
    counted = struct.unpack_from("<7Q", figures.read_bytes())  # tools/plugins/meter.c: all, …, those before the kernel
    assert counted[0] - counted[6] < BOOT_BUDGET
    check_books(machine)
    machine.type_text("run hello\n")
    machine.wait_screen("Hello World!")


@pytest.mark.parametrize("forgery", ["map-overlap", "map-wrap", "map-unsorted"])
def test_odd_maps_leave_every_frame_on_the_books_once(boot, forgery):
    machine = boot(append=f"forge={forgery}")
    machine.wait_screen("annulet> ", timeout=30)
    check_books(machine)


@pytest.mark.parametrize("memory", ["1G", "8G"])
def test_the_kernel_tells_what_its_tables_cost(boot, memory):
    machine = boot(memory=memory, extra=backend(memory))
    machine.wait_screen("annulet> ", timeout=30)
    told = re.search(r"^kernel: page tables: (\d+) KiB, frame table: (\d+) KiB$", machine.log(), re.MULTILINE)
    table = FrameTable(machine)
    assert int(told[2]) * 1024 == table.count * 32
    seen, pending = set(), [(table.root, 3)]
    while pending:
        at, level = pending.pop()
        seen.add(at)
        memory_of_table = machine.physical(at, 4096)
        for i in range(256 if level == 3 else 0, 512):
            entry = int.from_bytes(memory_of_table[i * 8:i * 8 + 8], "little")
            if level > 0 and entry & 1 and not entry & 0x80:
                pending.append((entry & 0x000FFFFFFFFFF000, level - 1))
    assert int(told[1]) * 1024 == len(seen) * 4096
    # Blocks of 2 MiB: a table of 4 KiB shows 1 GiB.
    assert int(told[1]) <= 80 + 4 * int(memory[:-1])
