# SPDX-License-Identifier: MIT
"""Every goal of make that the book or the front door names is one, and says in `make help` what it does."""

import re

import links

GOAL = re.compile(r"^([a-z][a-z-]*):.* ## ", re.MULTILINE)
# In a line of its own, or between backticks; what has a / or a . in it is a file of the build.
NAMED = re.compile(r"(?:^ {4}|`)make (?:-j\d* )?([a-z][a-z-]*)(?![\w./-])", re.MULTILINE)
FRONT_DOOR = re.compile(r"^(?:PLAIN|GOALS) := (.*)$", re.MULTILINE)


def check(tree):
    goals = {goal for name in tree.files if name.startswith("make/") for goal in GOAL.findall(tree.text(name))}
    named = {(page, goal) for page in links.pages(tree) for goal in NAMED.findall(tree.text(page))}
    named |= {("Makefile", goal) for line in FRONT_DOOR.findall(tree.text("Makefile")) for goal in line.split()}
    problems = [f"{page}: make has no goal {goal} that says in make help what it does"
                for page, goal in sorted(named) if goal not in goals]
    return f"{len(goals)} goals", problems
