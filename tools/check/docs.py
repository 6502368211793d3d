# SPDX-License-Identifier: MIT
"""The book is in step with the tree: tools/docs has the parts."""

import importlib
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "docs"))


def check(tree):
    said, problems = [], []
    for name in ("links", "goals", "syscalls", "samples"):
        looked_at, found = importlib.import_module(name).check(tree)
        said.append(looked_at)
        problems += found
    return ", ".join(said), problems
