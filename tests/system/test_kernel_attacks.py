# SPDX-License-Identifier: MIT
"""Attacks on the kernel from inside, by a module that stands where init does and holds every capability there is
(tests/programs/attack_init), and what only a noisy machine brings about."""

import functools
import os
import pathlib
import re
import threading

import pytest
import session
from harness import Machine
from harness.gdb import Debugger, symbols
from harness.images import ROOT, build_folder
from harness.verdict import Verdict

FOLDER = ROOT / "tests" / "programs" / "attack_init"
ATTACK = re.compile(r"(?<!define )\bATTACK\((\w+)\)")
# Boots of their own, which a module's name asks for: one that is short and comes first, one that wants more memory.
BOOTS = {"books.c": "hostile", "hostile.c": "hostile", "resources.c": "hostile", "stress.c": "stress", "revoke.c": "stress"}
MEMORY = {"stress": "2G"}
ORDER = ("hostile", "", "stress")
NAMES = {name: BOOTS.get(file.name, "")
         for file in sorted(FOLDER.glob("*.c"), key=lambda file: (ORDER.index(BOOTS.get(file.name, "")), file.name))
         for name in ATTACK.findall(file.read_text(encoding="utf-8"))}


def attacker():
    return build_folder() / "tests" / "programs" / "attack_init.elf"


def attack(asked_for, kernel):
    """What one boot says: {attack: "" or what went wrong}."""
    session.test_system()
    # Virtual time, and a log that is taken at once: who runs how long does not depend on how busy the host is. On the
    # host's clock a stall of QEMU is a slice of whoever ran just then.
    kernel = kernel or build_folder() / "kernel.elf"
    with Machine(name=f"kernel-attacks-{pathlib.Path(kernel).stem}-{asked_for}".strip("-"), kernel=kernel, budget=240,
                 modules=[(attacker(), word) for word in ("init", asked_for) if word], memory=MEMORY.get(asked_for, "128M"),
                 icount=True, log_file=True, extra=["-rtc", "clock=vm"]) as machine:
        machine.wait_log(r"^: all attacks are over$", timeout=220)
        log = machine.log()
        machine.quit()
    found = dict(re.findall(r"^: (?:ok|bad) (\w+) ?(.*)$", log, re.MULTILINE))
    assert found.keys() <= NAMES.keys(), "an attack that ran is not a test"
    return found


@functools.cache
def outcomes(asked_for, kernel=None):
    """The same; a boot that failed is not tried again for each attack."""
    try:
        return attack(asked_for, kernel)
    except Verdict as verdict:
        return verdict


@pytest.mark.parametrize("name", NAMES)
def test_an_attack_meets_what_the_book_says(name):
    found = outcomes(NAMES[name])
    if isinstance(found, Verdict):
        raise found
    assert found.get(name, "it did not run") == ""


@pytest.mark.parametrize("forgery", ["map-overlap", "map-many", "map-wrap", "map-unsorted"])
def test_no_map_of_the_boot_loader_gives_a_frame_away_twice(boot, forgery):
    session.test_system()
    machine = boot(modules=[(attacker(), "init")], kernel=build_folder() / "kernel.elf", append=f"forge={forgery}")
    assert machine.wait_log(r"^: (ok|bad) nothing_is_given_to_init_twice.*$", timeout=10)[1] == "ok"


def test_a_log_line_that_nobody_reads_costs_bytes_and_not_the_kernel(boot, tmp_path):
    session.test_system()
    line = tmp_path / "line"
    os.mkfifo(f"{line}.in")
    os.mkfifo(f"{line}.out")
    machine = boot(modules=[(attacker(), "init"), (attacker(), "flood")], kernel=build_folder() / "kernel.elf")
    machine.wait_log(r"^: ready to flood$", timeout=10)
    machine.monitor(f"chardev-change com1 pipe,path={line}")
    machine.wait(lambda: machine.cells().at(0, 0)[0] == ord("X"), "the end of the flood", timeout=15)
    read = bytearray()

    def drain():
        with open(f"{line}.out", "rb", buffering=0) as file:
            while data := file.read(65536):
                read.extend(data)

    threading.Thread(target=drain, daemon=True).start()
    machine.wait(lambda: read.count(b"the flood is over") > 5, "the log to go on", timeout=15)
    assert b"KERNEL PANIC" not in read
    lost = re.search(rb"^kernel: (\d+) bytes of the log were lost on the line", read, re.MULTILINE)
    assert lost and int(lost[1]) > 50_000
    machine.monitor(f"chardev-change com1 file,path={line}.end")


def test_an_interrupt_on_the_halt_itself_wakes_the_idle_loop(boot, tmp_path):
    # An NMI between sti and hlt returns to the hlt, and by then the cover of sti is gone: the next interrupt is taken
    # before it. Here it is the timer's.
    debugger = Debugger(boot, tmp_path)
    frame = {0: "(long)&idle_halt - 1", 8: "0x08", 16: "0x202", 24: "(long)&kernel_stack_top", 32: "0x10"}
    debugger.run("hbreak idle_loop", "continue", "delete", "set $rsp = (long)&kernel_stack_top - 40",
                 *[f"set *(long *)($rsp + {at}) = {value}" for at, value in frame.items()], "set $eflags = 2",
                 f"set $rip = {symbols(debugger.machine.symbols_file)['trap_32']:#x}")
    debugger.machine.wait_screen("annulet> ")
    debugger.machine.type_text("echo alive\n")
    debugger.machine.wait_screen(re.compile(r"^alive$", re.MULTILINE))
