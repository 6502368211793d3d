# SPDX-License-Identifier: MIT
"""The attacks of test_kernel_attacks.py once more on the debug kernel: a census at the end of every process finds the books
in order, whatever was tried."""

import pytest
import test_kernel_attacks as attacks

from harness.images import make
from harness.verdict import Verdict


@pytest.fixture(scope="module", autouse=True)
def debug_kernel():
    made = make("all", "debug-kernel")
    assert made.returncode == 0, made.stdout + made.stderr


@pytest.mark.parametrize("name", attacks.NAMES)
def test_an_attack_leaves_the_books_in_order(name):
    found = attacks.outcomes(attacks.NAMES[name], "debug")
    if isinstance(found, Verdict):
        raise found
    assert found.get(name, "it did not run") == ""
