# SPDX-License-Identifier: MIT
"""docs/behaviours.md is in step: `| id | test | what turns it red |`. Every id is known (docs/behaviour-ids.txt), every
row names a test or a gate that exists, no test of it is skipped, and what is due now has its row."""

import json
import re
import sys

PAGE = "docs/behaviours.md"
IDS = "docs/behaviour-ids.txt"
ROW = re.compile(r"^\|\s*(\d+\.\d+\w?)\s*\|([^|]*)\|([^|]*)\|\s*$", re.MULTILINE)
TEST = re.compile(r"tests/[\w./-]+::\w+")
GATE = re.compile(r"tools/check/\w+\.py")
SKIP = re.compile(r"pytest\.(?:mark\.)?(?:skip|skipif|xfail|importorskip)\b")


def collected(tree):
    """The names of all tests, without parameters: pytest itself says which there are."""
    python = "/usr/bin/python3" if sys.executable != "/usr/bin/python3" else sys.executable
    result = tree.run(python, "-m", "pytest", "-p", "no:cacheprovider", "--collect-only", "-q", "tests")
    return {line.split("[")[0] for line in result.stdout.splitlines() if "::" in line}


def outcomes(tree):
    """{test: set of outcomes of the last `make test`}"""
    path = tree.build / "log/tests.json"
    found = {}
    if path.is_file():
        for name, outcome in json.loads(path.read_text(encoding="utf-8")).items():
            found.setdefault(name.split("[")[0], set()).add(outcome)
    return found


def marked_as_skipped(tree, test):
    """Whether a Python test says itself that it may be skipped."""
    name, _, function = test.partition("::")
    if not name.endswith(".py"):
        return False
    match = re.search(rf"((?:^@.*\n)*)^def {function}\(.*\n((?:[ \t]+.*\n|\n)*)", tree.text(name), re.MULTILINE)
    return bool(match and SKIP.search(match[0]))


def check(tree):
    if PAGE not in tree.files or IDS not in tree.files:
        return "", [f"{name} is missing" for name in (PAGE, IDS) if name not in tree.files]
    known = dict(line.split()[:2] for line in tree.text(IDS).splitlines() if line.strip() and not line.startswith("#"))
    tests, last = collected(tree), outcomes(tree)
    problems, seen = [], set()
    for number, named, reason in ROW.findall(tree.text(PAGE)):
        where = f"{PAGE}: row {number}"
        if number not in known:
            problems.append(f"{where}: no such behaviour in {IDS}")
        if number in seen:
            problems.append(f"{where}: twice")
        seen.add(number)
        mentioned, gates = TEST.findall(named), GATE.findall(named)
        if not mentioned and not gates:
            problems.append(f"{where}: names no test")
        if not reason.strip():
            problems.append(f"{where}: does not say what turns it red")
        problems += [f"{where}: there is no {gate}" for gate in gates if gate not in tree.files]
        for test in mentioned:
            if test not in tests:
                problems.append(f"{where}: there is no test {test}")
            elif marked_as_skipped(tree, test) or "skipped" in last.get(test, ()):
                problems.append(f"{where}: {test} is skipped")
    problems += [f"{PAGE}: no row for {number}, which is due" for number, due in known.items()
                 if due == "now" and number not in seen]
    if not seen:
        problems.append(f"{PAGE}: no row")
    return f"{len(seen)} behaviours", problems
