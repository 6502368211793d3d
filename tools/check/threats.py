# SPDX-License-Identifier: MIT
"""docs/threats.md is in step: `| number | what is tried | what closes it | what shows it | what would turn it red |`. Every
number from 1 to 41 has one row, and what a row names as its test exists and is not skipped: a test of pytest, an attack
or a cell of tests/programs/attack_init, a gate."""

import re

import behaviours
import matrix

PAGE = "docs/threats.md"
LAST = 41
ROW = re.compile(r"^\|\s*(\d+)\s*\|([^|]*)\|([^|]*)\|([^|]*)\|([^|]*)\|\s*$", re.MULTILINE)
ATTACKS = re.compile(r"(?<!define )\bATTACK\((\w+)\)")
NAMED = re.compile(r"`(attack|cell) ([\w/]+)`")


def attacks_and_cells(tree):
    files = [tree.text(name) for name in tree.files
             if name.startswith("tests/programs/attack_init/") and name.endswith(".c")]
    return {"attack": {name for text in files for name in ATTACKS.findall(text)}, "cell": set(matrix.cell_names(files))}


def check_row(tree, number, cells, tests, known):
    """The problems of one row; cells: threat, mechanism, tests, what turns it red."""
    where, named = f"{PAGE}: row {number}", cells[2]
    for words, cell in zip(("what is tried", "what closes it", "what shows it", "what would turn it red"), cells):
        if not cell.strip():
            yield f"{where}: does not say {words}"
    pytests, gates, others = behaviours.TEST.findall(named), behaviours.GATE.findall(named), NAMED.findall(named)
    if not (pytests or gates or others):
        yield f"{where}: names no test"
    for test in pytests:
        if test not in tests:
            yield f"{where}: there is no test {test}"
        elif behaviours.marked_as_skipped(tree, test):
            yield f"{where}: {test} is skipped"
    for gate in gates:
        if gate not in tree.files:
            yield f"{where}: there is no {gate}"
    for kind, name in others:
        if name not in known[kind]:
            yield f"{where}: there is no {kind} {name}"


def check(tree):
    if PAGE not in tree.files:
        return "", [f"{PAGE} is missing"]
    tests, known = behaviours.collected(tree), attacks_and_cells(tree)
    problems, seen = [], []
    for number, *cells in ROW.findall(tree.text(PAGE)):
        seen.append(int(number))
        problems += check_row(tree, number, cells, tests, known)
    problems += [f"{PAGE}: {seen.count(number)} rows for {number}" for number in range(1, LAST + 1)
                 if seen.count(number) != 1]
    return f"{len(seen)} threats", problems
