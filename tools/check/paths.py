# SPDX-License-Identifier: MIT
"""Nothing in the tree names a place of one machine: a home, a work folder, where packages come from."""

import re

HOME = re.compile(r"(?<![\w.$)}-])/(?:home|root|work|Users|mnt|srv)/\w")
HOST = re.compile(r"https?://[\w.-]+/(?:debian|simple)\b")
GATE = "tools/check/paths.py"


def check(tree):
    problems = []
    for name in tree.files:
        if name == GATE:
            continue
        for number, line in enumerate(tree.text_or_empty(name).splitlines(), 1):
            if HOME.search(line) or HOST.search(line):
                problems.append(f"{name}:{number}: {line.strip()[:100]}")
    return f"{len(tree.files)} files", problems
