# SPDX-License-Identifier: MIT
"""pytest's side of the harness: the `boot` fixture, C programs as tests, and the line that every run ends in."""

import json
import os
import pathlib
import re
import sys

import pytest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).parent))
from harness import Machine  # noqa: E402
from harness.cases import collect_cases  # noqa: E402
from harness.host import collect_program  # noqa: E402
from harness.images import build_folder  # noqa: E402

OUTCOMES = {}


@pytest.fixture
def boot(request):
    """boot(...) starts a Machine (arguments: harness/machine.py) and ends it with the test."""
    machines = []

    def start(**options):
        options.setdefault("name", request.node.name + (f"-{len(machines)}" if machines else ""))
        machines.append(Machine(**options))
        return machines[-1]

    yield start
    try:
        report = getattr(request.node, "report_of_call", None)
        if report is not None and report.passed:
            for machine in machines:
                if machine.verdict is None:
                    machine.quit()
    finally:
        for machine in machines:
            machine.close()


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    if call.when == "call":
        item.report_of_call = outcome.get_result()


def pytest_collect_file(parent, file_path):
    if re.fullmatch(r"(test|fuzz)_\w+\.c", file_path.name):
        return collect_program(parent, file_path)
    return collect_cases(parent, file_path)


def pytest_runtest_logreport(report):
    """A test counts once: failed if any of its phases failed, otherwise what its call said."""
    known = OUTCOMES.get(report.nodeid)
    if report.failed:
        OUTCOMES[report.nodeid] = "failed"
    elif known is None and (report.when == "call" or report.skipped):
        OUTCOMES[report.nodeid] = "skipped" if report.skipped else "passed"


def pytest_collectreport(report):
    if report.failed:
        OUTCOMES[report.nodeid or "collection"] = "failed"


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session):
    """No test at all is a failure too: a wrong path must not look like success."""
    config = session.config
    if hasattr(config, "workerinput"):
        return
    config.count_line = None
    if config.option.collectonly:
        return
    counts = {kind: list(OUTCOMES.values()).count(kind) for kind in ("passed", "failed", "skipped")}
    if not counts["passed"] and not counts["failed"]:
        counts["failed"] = 1
        chosen = config.option.keyword
        config.count_reason = f"no test's name matches {chosen}" if chosen else "zero tests ran"
    if counts["failed"] and session.exitstatus in (0, 5):
        session.exitstatus = 1
    config.count_line = f"{counts['passed']} passed, {counts['failed']} failed"
    if counts["skipped"]:
        config.count_reason = f"{counts['skipped']} skipped"
    folder = pathlib.Path(os.environ.get("TEST_RESULTS") or build_folder() / "log")
    folder.mkdir(parents=True, exist_ok=True)
    if (folder / "tests.json").exists():
        (folder / "tests.json").replace(folder / "tests-before.json")
    (folder / "tests.json").write_text(json.dumps(OUTCOMES, indent=1, sort_keys=True) + "\n", encoding="utf-8")


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config):
    """The very last line, behind everything that pytest says."""
    if getattr(config, "count_line", None):
        if getattr(config, "count_reason", None):
            print(config.count_reason)
        print(config.count_line, flush=True)
