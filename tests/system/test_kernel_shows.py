# SPDX-License-Identifier: MIT
"""What tests/programs/attack_init/shows.c sets up and this machine looks at from outside: bits of page table entries, a
mapping of the screen, an interrupt line whose server does half of its work."""

import re
import time

import session
from harness.images import build_folder
from test_kernel import ADDRESS, PRESENT, WRITE, USER, LARGE, NX, PHYSMAP, register

WRITE_THROUGH, CACHE_DISABLE, ACCESSED, DIRTY, GLOBAL = 1 << 3, 1 << 4, 1 << 5, 1 << 6, 1 << 8
PLACE = 0x0000200000000000  # tests/programs/attack_init/attack.h
FRAMES, KERNEL_TEXT = 0xFFFFFF0000000000, 0xFFFFFFFF80000000
NO_CAP, NO_RIGHT = 64, 66  # abi/errors.h


def show(boot, name):
    session.test_system()
    attacker = build_folder() / "tests" / "programs" / "attack_init.elf"
    return boot(modules=[(attacker, "init"), (attacker, name)], kernel=build_folder() / "kernel.elf")


def entries(machine, address):
    """The entries of all levels for an address, the top one first; the last is the page's."""
    at, found = register(machine, "CR3") & ADDRESS, []
    for level in (3, 2, 1, 0):
        index = address >> (12 + 9 * level) & 511
        entry = int.from_bytes(machine.physical(at + 8 * index, 8), "little")
        found.append(entry)
        if not entry & PRESENT or entry & LARGE:
            break
        at = entry & ADDRESS
    return found


def test_each_bit_of_an_entry_is_what_the_mapping_asked_for(boot):
    machine = show(boot, "bits")
    machine.wait_log(r"^: look at the bits$", timeout=10)
    read, written, code, untouched, device = (entries(machine, PLACE + i * 4096) for i in range(5))
    for walk in (read, written, code, untouched, device):
        assert len(walk) == 4 and all(entry & PRESENT and entry & USER for entry in walk)
        assert all(entry & WRITE and not entry & NX for entry in walk[:-1]), "the page decides, not the tables above"
    read, written, code, untouched, device = (walk[-1] for walk in (read, written, code, untouched, device))
    assert [bool(page & WRITE) for page in (read, written, code, untouched, device)] == [False, True, False, True, True]
    assert [bool(page & NX) for page in (read, written, code, untouched, device)] == [True, True, False, True, True]
    assert [bool(page & ACCESSED) for page in (read, written, code, untouched, device)] == [True, True, False, False, True]
    assert [bool(page & DIRTY) for page in (read, written, code, untouched, device)] == [False, True, False, False, False]
    for page in (read, written, code, untouched):
        assert not page & (WRITE_THROUGH | CACHE_DISABLE | GLOBAL | LARGE)
    assert device & WRITE_THROUGH and device & CACHE_DISABLE and not device & GLOBAL
    assert device & ADDRESS == 0xB8000
    # The kernel's own: large pages, global, and closed to ring 3.
    physmap = entries(machine, PHYSMAP + 0x4000000)[-1]
    assert physmap & LARGE and physmap & GLOBAL and physmap & NX and physmap & WRITE
    for address in (PHYSMAP + 0x4000000, FRAMES + 0x1000, KERNEL_TEXT + 0x110000):
        walk = entries(machine, address)
        assert walk[-1] & PRESENT and walk[-1] & GLOBAL and not walk[-1] & USER


def test_a_program_that_may_maps_the_screen_where_it_likes_and_shows_new(boot):
    machine = show(boot, "new")
    machine.wait_log(r"^: look at the screen before$", timeout=10)
    before = machine.cells()
    assert int(re.search(r"^: without the device memory: (\d+)$", machine.log(), re.MULTILINE)[1]) == NO_CAP
    assert int(re.search(r"^: without the right to map: (\d+)$", machine.log(), re.MULTILINE)[1]) == NO_RIGHT
    assert not before.row(20).startswith("New!")
    machine.wait_log(r"^: look at the screen$", timeout=10)
    assert machine.wait_log(r"^: with both: (\d+)$")[1] == "0"
    after = machine.cells()
    assert [after.at(20, column) for column in range(4)] == [(ord(c), 0xF0) for c in "New!"]
    rest = 2 * (20 * 80 + 4)
    assert after.memory[rest:] == before.memory[rest:] and after.memory[:rest - 8] == before.memory[:rest - 8]


def listen(machine, name, keys):
    """Presses keys while the server listens in that way; returns (interrupts, dots)."""
    machine.wait_log(rf"^: press keys: {name}$", timeout=10)
    for key in keys:
        machine.send_key(key)
        time.sleep(0.05)
    told = machine.wait_log(rf"^: {name}: (\d+) interrupts, (\d+) dots$", timeout=20)
    return int(told[1]), int(told[2])


def test_a_line_fires_again_when_it_was_acknowledged_and_its_byte_was_read(boot):
    machine = show(boot, "line")
    keys = "abcde"
    both, dots = listen(machine, "reads and acknowledges", keys)
    assert both == 2 * len(keys), "pressed and released"
    assert 38 <= dots <= 40, "fifty milliseconds each, whatever the keys do"
    assert listen(machine, "reads, does not acknowledge", keys)[0] == 1
    assert listen(machine, "acknowledges, does not read", keys)[0] == 1
    assert listen(machine, "reads and acknowledges again", keys)[0] == 2 * len(keys)
    machine.wait_log(r"^: the line is closed$")
