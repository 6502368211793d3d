# SPDX-License-Identifier: MIT
"""testd itself: cases that fail, each in its own way, are named with the reason, and the next one runs."""

import json
import re

import pytest

from harness import cases
from harness.images import ROOT, build_folder, make

BAD = ROOT / "tests/cases/bad/bad.c"
REASONS = {
    "good_at_the_beginning": "",
    "a_failing_check": r"tests/cases/bad/bad\.c:\d+: 2 \* 2 is 4 \(0x4\), not 5: 5 \(0x5\)",
    "a_condition_that_is_not_so": r"tests/cases/bad/bad\.c:\d+: 2 > 3 is not so",
    "another_text": r'tests/cases/bad/bad\.c:\d+: "one" is "one", not "two"',
    "a_user_fault": r"it ended before its end: PAGE FAULT at 0xdeadbea8",
    "an_instruction_that_is_none": r"it ended before its end: INVALID OPCODE, code 0",
    "a_panic": r"it ended before its end: a panic",
    "a_case_that_spins": r"its limit of 30 ms is used up",
    "a_case_that_waits_for_ever": r"its limit of 30 ms is used up",
    "a_wrong_exit_code": r"it ended before its end: exit 3",
    "an_end_before_its_end": r"it ended before its end: exit 0",
    "no_fault_where_one_is_expected": r"bad\.c:\d+: \(void\)0 did not end the process",
    "another_fault_than_expected": r"bad\.c:\d+: expected INVALID OPCODE, code 0; saw PAGE FAULT at 0x1000",
    "another_address_than_expected": r"bad\.c:\d+: expected PAGE FAULT at 0x1000; saw PAGE FAULT at 0x2000",
    "another_exit_code_than_expected": r"bad\.c:\d+: expected exit 3; saw exit 4",
    "a_second_fault_that_is_not_expected": r"it ended before its end: INVALID OPCODE",
    "what_is_not_denied": r"cap_drop\(case_slot\(\)\) is not denied, but ends with 0",
    "a_timeout_that_comes_early": r"ended \d+ ns before its deadline",
    "a_timeout_that_comes_late": r"ended \d+ ns after its deadline",
    "no_timeout_where_one_is_expected": r"OK does not end by its deadline, but with 0",
    "it_kills_its_server": r"it leaves something behind: life of fragile: 1 before, 2 after",
    "a_leak": r"4 of the 16 frames lent did not come back",
    "a_leak_by_a_fault": r"16 frames that it was lent did not come back",
    "a_check_that_fails_in_a_peer": r"fails: tests/cases/bad/bad\.c:\d+: word is 7 \(0x7\), not 8",
    "frames_without_asking": r"no frames: 131 \(did the case ask for \.pages\?\)",
    "a_kill_without_asking": r"fragile cannot be killed: 136",
    "good_at_the_end": "",
}


@pytest.fixture(scope="module")
def report():
    made = make("all", "test-system")
    assert made.returncode == 0, made.stdout + made.stderr
    return cases.run("bad-cases", ["program=bad-cases", "file=bad.c"])


def test_each_bad_case_has_its_reason_here():
    assert list(REASONS) == cases.DECLARED.findall(BAD.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", REASONS)
def test_a_bad_case_is_named_with_the_reason(report, name):
    assert name in report.verdicts, report.log
    if not REASONS[name]:
        assert report.verdicts[name] == ""
    else:
        assert re.search(REASONS[name], report.verdicts[name]), report.verdicts[name]


def test_the_suite_goes_on_behind_a_failure_and_counts(report):
    assert list(report.verdicts) == list(REASONS)
    assert report.count == (2, len(REASONS) - 2)


def test_a_run_with_a_failure_ends_with_exit_code_35(report):
    assert report.problem == ""  # judge: the code is the one that the log asks for


def test_only_testd_can_write_the_exit_device_and_nobody_in_the_product():
    assert make("all", "test-system").returncode == 0
    holders = {}
    for system in (".", "tests"):
        entries = json.loads((build_folder() / system / "system.json").read_text(encoding="utf-8"))["entries"]
        holders[system] = [entry["name"] for entry in entries
                           if any(port["first"] <= 0xF4 < port["first"] + port["count"] for port in entry["ports"])]
    assert holders == {".": [], "tests": ["testd"]}
