# SPDX-License-Identifier: MIT
"""The plugin that counts how long the kernel keeps the processor, and the verdict that follows from it."""

import re

import pytest

from harness import entries
from harness.images import build_folder
from harness.verdict import LongEntry


def test_a_machine_whose_kernel_was_at_it_for_too_long_fails_by_name(boot, monkeypatch):
    machine = boot()
    machine.wait_screen("annulet> ")
    monkeypatch.setattr(entries, "LIMIT", 1000)
    with pytest.raises(LongEntry, match=r"\d+ instructions in sys_process_create, 1000 are allowed"):
        machine.quit()


def test_what_is_counted_is_what_the_time_stamp_counter_says(boot):
    machine = boot(system="tests", icount=True, append="fastpath=off")  # otherwise the empty operation never gets to sys_null
    machine.wait_screen("annulet> ")
    machine.type_text("bench\n")
    inside = int(machine.wait_log(r"bench null_syscall (\d+)", timeout=30)[1])
    # What the program measures has the instruction that it enters by, which is ring 3's.
    assert machine.entries.read()["sys_null"] == inside - 1


def test_what_machines_have_shown_is_kept_for_their_kernel_only(boot):
    machine = boot(name="entries-are-kept")
    machine.wait_screen("annulet> ")
    seen = machine.entries.read()
    machine.close()
    kernel = build_folder() / "kernel.elf"
    kept = entries.recorded(build_folder(), kernel)
    assert len(seen) > 20 and all(kept[name][0] >= value for name, value in seen.items())
    assert entries.recorded(build_folder(), build_folder() / "shim.elf") == {}


def test_every_operation_has_a_name_of_its_own(boot):
    machine = boot()
    operations = set(re.findall(r"^ +S\((\w+), ", (entries.ROOT / "abi/syscall.h").read_text(encoding="utf-8"), re.MULTILINE))
    assert {f"sys_{name}" for name in operations} <= set(machine.entries.names)
