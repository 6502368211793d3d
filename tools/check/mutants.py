# SPDX-License-Identifier: MIT
"""What `make mutate` takes away is there: each line of tests/mutants.toml stands in its file exactly once. There are enough
of them, and some of each kind of check that a kernel cannot do without."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import mutate  # noqa: E402

LEAST = 60
NAMED = ("stamp", "right", "lies in", "invlpg", "EOI", "IST", "CR0.WP", "reply token", "pool")


def check(tree):
    try:
        listed = mutate.mutants(tree.text)
    except mutate.Broken as error:
        return "", str(error).splitlines()
    problems = [f"{mutate.LIST}: {len(listed)} mutants, at least {LEAST} are due"] if len(listed) < LEAST else []
    problems += [f"{mutate.LIST}: none is about: {words}" for words in NAMED
                 if not any(words in f"{mutant['kind']} {mutant['name']}" for mutant in listed)]
    return f"{len(listed)} mutants", problems
