# SPDX-License-Identifier: MIT
"""Operation × documented error, and operation × type × right: each cell of the matrix (tests/programs/attack_init/
matrix*.c) is a result of its own. `make check`, gate `matrix`, holds the cells against docs/syscalls.md."""

import re
import sys

import pytest
import session
from harness import Machine
from harness.images import ROOT, build_folder

sys.path.insert(0, str(ROOT / "tools" / "check"))
from matrix import cell_names  # noqa: E402

FOLDER = ROOT / "tests" / "programs" / "attack_init"
NAMES = cell_names(file.read_text(encoding="utf-8") for file in sorted(FOLDER.glob("matrix*.c")))


@pytest.fixture(scope="module")
def outcomes():
    """{cell: "" or what went wrong} of one boot."""
    session.test_system()
    attacker = build_folder() / "tests" / "programs" / "attack_init.elf"
    with Machine(name="kernel-matrix", modules=[(attacker, "init"), (attacker, "matrix")], memory="512M",
                 kernel=build_folder() / "kernel.elf", icount=True, log_file=True) as machine:
        machine.wait_log(r"^: all attacks are over$", timeout=50)
        log = machine.log()
        machine.quit()
    found = {}
    for name, wrong in re.findall(r"^: (?:ok|bad) ([\w/]+) ?(.*)$", log, re.MULTILINE):
        found[name] = found.get(name, "") + wrong
    return found


@pytest.mark.parametrize("name", NAMES)
def test_an_operation_refuses_and_nothing_has_changed(outcomes, name):
    assert outcomes.get(name, "it did not run") == ""
