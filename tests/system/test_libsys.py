# SPDX-License-Identifier: MIT
"""libsys inside the system, as it shows on the screen and on the log: arguments, panics, long texts. The rest of it are cases:
tests/cases/plain/libsys.c."""

import re

import pytest
import session

# What the supervisor says; a row has 80 characters, so the rows are joined.
DEATHS = [
    ("double-free", r"libsys: heap: a block that was freed before: 0x4444444\w+$"),
    ("double-free large", r"libsys: heap: a block that was freed before: 0x4444444\w+$"),
    ("overflow", r"libsys: heap: a write behind the end of the block: 0x4444444\w+$"),
    ("bad-pointer", r"libsys: heap: a pointer that malloc did not return, or a write before its block: 0x7ff\w+$"),
    ("assert", r"libsys: assertion failed: argc == 0 at tests/programs/libsys/libsys\.c:\d+$"),
]


@pytest.fixture(scope="module")
def shell():
    with session.start("libsys", system=session.test_system()) as running:
        yield running


def test_a_program_finds_its_arguments(shell):
    assert shell.run("libsys arguments a 'b c'") == ["4: [libsys] [arguments] [a] [b c] end"]


@pytest.mark.parametrize("case, sentence", DEATHS, ids=[case for case, _ in DEATHS])
def test_a_broken_rule_ends_the_program_with_its_name(shell, case, sentence):
    mark = shell.log_mark()
    assert re.match(sentence, "".join(shell.run(f"libsys {case}")))
    # The log is sent by interrupts: it may come after the screen.
    shell.machine.wait(lambda: " main+" in shell.log_since(mark), "a backtrace on the log that reaches main", 10)


def test_a_printf_of_ten_thousand_characters_arrives_to_its_end(shell):
    assert "".join(shell.run("libsys print-much")).strip() == "7end"


def test_malloc_and_free_take_few_instructions(shell):
    with session.start("libsys-icount", system="tests", icount=True) as counted:
        pair = int(re.match(r"(\d+) per pair$", counted.run("libsys pairs")[0]).group(1))
    assert pair <= 70


def test_a_program_with_fpu_prints_floating_point(shell):
    assert shell.run("decimals") == ["The numbers are 42 and 0.333333", "some numbers: 42 1.337"]


def test_programs_that_compute_at_the_same_time_keep_their_own_registers(shell):
    shell.clear()
    for terms in (600000, 500000):
        shell.type(f"decimals {terms} &")
        shell.press("ret")
        shell.machine.wait(lambda: shell.last_row() == session.PROMPT.rstrip(), "a prompt", 20)
    shell.type("decimals 400000")
    shell.press("ret")
    # Each sums four times and compares; the shell says how a program in the background ended.
    shell.machine.wait(lambda: shell.machine.screen_text().count("pi squared is about 9.8696") == 3, "three sums", 60)
    assert "the sum changed" not in shell.machine.screen_text()
