# SPDX-License-Identifier: MIT
"""testd, told from outside what to run: `tools/call testd.run NAME`."""

import re

import bridged
import pytest
from bridged import refusal

from harness.cases import DECLARED, read
from harness.images import ROOT


@pytest.fixture(scope="module")
def system():
    with bridged.connected("bridge-testd", log_file=True) as connected:
        yield connected


def run(system, *words):
    """(passed, failed), and what the log says of them."""
    mark = len(system.machine.log())
    counts = system.testd.run("".join(f"{word}\0" for word in words).encode())
    system.machine.wait(lambda: re.search(r"^testd: end:.*\n", system.machine.log()[mark:], re.MULTILINE), "the log", 10)
    return (counts.passed, counts.failed), read(system.machine.log()[mark:])


def test_one_case_is_run_by_its_name(system):
    counts, report = run(system, "a_peer_doubles")
    assert counts == (1, 0) and report.verdicts == {"a_peer_doubles": ""}


def test_a_file_is_run_by_its_name_in_the_order_of_its_lines(system):
    counts, report = run(system, "file=sample.c")
    assert counts == (4, 0)
    assert list(report.verdicts) == ["a_block_of_malloc_is_aligned", "echo_says_the_same", "text_is_not_writable",
                                     "a_peer_doubles"]


def test_what_is_behind_a_case_can_be_asked_for(system):
    counts, report = run(system, "file=sample.c", "after=echo_says_the_same")
    assert counts == (2, 0) and list(report.verdicts) == ["text_is_not_writable", "a_peer_doubles"]


def test_several_words_are_a_union(system):
    counts, report = run(system, "a_peer_doubles", "nobody_calls_himself", "no_such_case")
    assert counts == (2, 0) and set(report.verdicts) == {"a_peer_doubles", "nobody_calls_himself"}


def test_a_failure_is_counted_and_the_system_goes_on(system):
    counts, report = run(system, "program=bad-cases", "a_failing_check", "good_at_the_end")
    assert counts == (1, 1) and report.verdicts["good_at_the_end"] == ""
    assert "2 * 2 is 4 (0x4), not 5" in report.verdicts["a_failing_check"]
    assert system.echo.say("still there").text == "still there"


def test_a_choice_of_nothing_runs_nothing(system):
    assert run(system, "no_such_case")[0] == (0, 0)


def test_one_run_at_a_time(system):
    first = system.background(system.testd.run, b"program=bad-cases\0file=bad.c\0")
    refusal("ERR_BUSY", system.testd.run, b"")
    assert sum(first.result()) == len(DECLARED.findall((ROOT / "tests/cases/bad/bad.c").read_text(encoding="utf-8")))


def test_words_that_are_not_closed_are_refused(system):
    refusal("ERR_BAD_MESSAGE", system.testd.run, b"a_peer_doubles")


def test_what_cases_say_to_testd_nobody_else_may_say(system):
    refusal("ERR_DENIED", system.testd.done)
    refusal("ERR_DENIED", system.testd.failed, "no")
    refusal("ERR_DENIED", system.testd.frames)
    refusal("ERR_DENIED", system.testd.kill_server, "echo")
    refusal("ERR_DENIED", system.testd.declare, 0, 0, "name", "file", "")
    refusal("ERR_DENIED", system.testd.peer_end, 1, True)
