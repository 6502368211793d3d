# SPDX-License-Identifier: MIT
"""The memory server: frames, page faults, spans, blocks, quotas."""

import re
import struct

import pytest

import session
from harness import cases

MARK = struct.pack("<Q", 0x6B72616D72657461)  # tests/programs/eater
STACK = 16  # pages of a program's stack, of which it has touched the first
PAGE = 4096
RAM = 128 << 20


@pytest.fixture(scope="module")
def shell():
    with session.start("memory", system=session.test_system(), budget=240.0) as started:
        yield started


def figures(shell):
    """The table of `mem`: {"total": pages, ...}."""
    return {m[1]: int(m[2]) for m in (re.match(r"(\w+) +(\d+) pages", row) for row in shell.run("mem")) if m}


def test_the_figures_add_up(shell):
    seen = figures(shell)
    assert seen["total"] == seen["free"] + seen["processes"] + seen["init"] + seen["books"]
    assert 0 < seen["books"] < seen["total"] // 100


def test_pages_get_a_frame_when_they_are_touched_and_give_it_back_when_they_are_released(shell):
    rows = shell.run("pages")
    assert not [row for row in rows if "WRONG" in row]
    assert rows[3:5] == ["a span: OK", "starts at 0x444444440000"]
    assert rows[5:7] == ["untouched, used: 0", "touched, used: 40"]
    assert "used: 2, the last page says 39" in rows
    assert "used: 0, reserved: 0" in rows
    assert rows[-1] == "its word: 0", "a page that comes back is zero again"


def test_blocks_asked_for_by_message_lie_apart_from_their_books(shell):
    rows = shell.run("pages blocks")
    assert not [row for row in rows if "WRONG" in row]
    assert "apart by 112, blocks: 2" in rows
    assert rows[-1] == "blocks: 0"


def test_a_released_page_is_gone(shell):
    rows = shell.run("pages gone")
    assert re.search(r"^pages: PAGE FAULT: write to 0x444444441000, not mapped, at ", "\n".join(rows), re.M)


@pytest.mark.parametrize("deed, sentence, bits", [
    ("null-read", "read from 0x0, not mapped", "P=0 W=0 U=1 RSVD=0 I=0"),
    ("null-write", "write to 0x0, not mapped", "P=0 W=1 U=1 RSVD=0 I=0"),
    ("null-call", "jump to 0x0, not mapped", "P=0 W=0 U=1 RSVD=0 I=1"),
    ("unmapped-write", "write to 0xdeadbeaf, not mapped", "P=0 W=1 U=1 RSVD=0 I=0"),
    ("text-write", r"write to 0x\w+, read-only", "P=1 W=1 U=1 RSVD=0 I=0"),
    ("rodata-write", r"write to 0x\w+, read-only", "P=1 W=1 U=1 RSVD=0 I=0"),
    ("data-exec", r"jump to 0x\w+, not executable", "P=1 W=0 U=1 RSVD=0 I=1"),
    ("stack-exec", r"jump to 0x\w+, not executable", "P=1 W=0 U=1 RSVD=0 I=1"),
    ("stack-overflow", r"write to 0x7fffdffef\w+, stack overflow", "P=0 W=1 U=1 RSVD=0 I=0"),
    ("kernel-read", r"read from 0xffffffff8\w+, the kernel's half", "P=. W=0 U=1 RSVD=0 I=0"),
])
def test_a_page_that_nobody_asked_for_is_a_fault_with_its_address_and_bits(shell, deed, sentence, bits):
    mark = shell.log_mark()
    text = " ".join(shell.run(f"probe {deed}"))
    wanted = rf"probe: PAGE FAULT: {sentence}, at 0x\w+"
    assert re.search(wanted, text.replace("  ", " ")), text
    if deed not in ("null-call", "data-exec", "stack-exec"):
        shell.told(mark, wanted + r" \w+\+0x")
    shell.told(mark, f"^init: probe: page fault: {bits}$")


def test_a_quota_is_the_most_that_a_program_gets_and_its_end_gives_all_of_it_back(shell):
    before = figures(shell)
    rows = shell.run("probe hog")
    refused = re.search(r"memory refused after (\d+) blocks of 64 KiB", "\n".join(rows))
    assert 60 <= int(refused[1]) <= 64, "a quota of 1,024 pages is 64 blocks, less the stack and the heap's own needs"
    assert figures(shell) == before


def reserved_ranges(log):
    """What the kernel said of itself and of modules: (first page, last page)."""
    found = re.findall(r"kernel: (?:0x)?([0-9a-f]+) to 0x([0-9a-f]+)", log)
    ranges = [(int(first, 16), int(end, 16)) for first, end in found]
    for start, size in re.findall(r"(?:module \S+:|boot information:) 0x([0-9a-f]+) \+ 0x([0-9a-f]+)", log):
        ranges.append((int(start, 16), int(start, 16) + int(size, 16)))
    return [(first // PAGE, (end - 1) // PAGE) for first, end in ranges]


def usable_ranges(log):
    return [(int(start, 16), int(start, 16) + int(size, 16))
            for start, size in re.findall(r"memory: (?:0x)?([0-9a-f]+) \+ 0x([0-9a-f]+) usable", log)]


def promised_to_others(shell):
    """Pages that malloc got for servers and the shell, and that nobody has touched yet: they are free, and not to be had."""
    rows = [row.split() for row in shell.run("mem")]
    return sum(int(row[3]) - int(row[2]) for row in rows if len(row) == 6 and row[0].isdigit())


def test_all_frames_are_handed_out_once_clean_and_none_of_them_is_anybody_elses(shell):
    before = figures(shell)
    promised = promised_to_others(shell)
    shell.enter("eater &")
    eaten = shell.wait_row(r"eaten: (\d+), not clean: (\d+), lost: (\d+), free: (\d+)", 60)
    pages, dirty, lost, left = map(int, eaten.groups())
    assert dirty == 0 and lost == 0
    assert pages > before["free"] * 0.99
    assert promised <= left <= promised + STACK, "only what others, and its own stack, were promised is left"
    ram = shell.machine.physical(0, RAM)
    numbers = {}
    for frame in range(RAM // PAGE):
        if ram[frame * PAGE:frame * PAGE + 8] == MARK:
            number = struct.unpack_from("<Q", ram, frame * PAGE + 8)[0]
            assert number not in numbers, f"page {number} is in frames {numbers[number]:#x} and {frame:#x}"
            numbers[number] = frame
    assert sorted(numbers) == list(range(pages))
    log = shell.machine.log()
    reserved, usable = reserved_ranges(log), usable_ranges(log)
    assert len(reserved) > 10 and len(usable) >= 2
    for number, frame in numbers.items():
        assert not any(first <= frame <= last for first, last in reserved), f"frame {frame:#x} is reserved"
        assert any(start <= frame * PAGE and frame * PAGE + PAGE <= end for start, end in usable), \
            f"frame {frame:#x} is no RAM"
    shell.run("kill eater")
    shell.machine.wait(lambda: figures(shell) == before, "all frames back", 20)


def test_frames_that_were_given_back_can_all_be_had_again(shell):
    before, eaten = figures(shell), []
    for _ in range(2):
        shell.enter("eater &")
        eaten.append(shell.wait_row(r"eaten: (\d+), not clean: 0, lost: 0", 60)[1])
        shell.run("kill eater")
        shell.machine.wait(lambda: figures(shell) == before, "all frames back", 20)
    assert eaten[0] == eaten[1]


def test_a_fault_that_comes_again_where_all_is_well_ends_its_thread_and_is_told_of():
    name = "a_thread_that_faults_again_where_all_is_well_is_ended"
    report = cases.run("fault-again", ["program=cases", name])
    assert report.verdicts == {name: ""} and not report.problem, report
    told = re.findall(r"^memory: process \d+, thread \d+ faults again at 0x[0-9a-f]+, which is mapped: it would for ever$",
                      report.log, re.MULTILINE)
    assert len(told) == 1
