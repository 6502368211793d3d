# SPDX-License-Identifier: MIT
"""FPU, SSE and AVX: each thread has its own state, exact over preemption and IPC, control words included; who never used
it pays nothing and leaves nothing. With XSAVE (-cpu max) and with FXSAVE (-cpu qemu64)."""

import re

import pytest
import session
from harness.gdb import symbols

KERNEL = 0xFFFFFFFF80000000
CR0_TS = 1 << 3
XCR0 = {"max": "0x7", "qemu64": "0"}  # x87, SSE and AVX, and no more; or no XSAVE at all


@pytest.fixture(scope="module", params=XCR0)
def shell(request):
    system = session.test_system()
    with session.start(f"fpu-{request.param}", system=system, cpu=request.param, budget=240.0) as started:
        started.cpu = request.param
        yield started


def words(shell, *names):
    known = symbols(shell.machine.symbols_file)
    return [int.from_bytes(shell.machine.physical(known[name] - KERNEL, 8), "little") for name in names]


def test_nobody_who_does_not_use_it_pays_for_it(shell):
    """Before any program used it in this boot: the partner waits, so it is the only one that has a state."""
    shell.run("run hello")
    owner, loaded = words(shell, "fpu_owner", "extras_loaded")
    cr0 = int(re.search(r"CR0=([0-9a-f]+)", shell.machine.monitor("info registers"))[1], 16)
    assert cr0 & CR0_TS, "the next use would not trap"
    assert loaded & 1 == 0
    partner = owner
    assert shell.run("fpu fresh")[-1].startswith("fpu fresh: nothing of anybody's")
    owner, = words(shell, "fpu_owner")
    assert owner in (0, partner), "the state of a program that has ended is kept"


def test_programs_that_interrupt_each_other_keep_all_of_it(shell):
    shell.enter("fpu keep 1 3000 &")
    shell.wait_row(r"^\[\d+\] fpu$")
    rows = shell.run("fpu keep 2 1500", timeout=60)
    assert any(re.fullmatch(r"fpu keep 2: \d{3,} rounds, nothing changed", row) for row in rows), rows
    shell.wait_row(r"fpu keep 1: \d{3,} rounds, nothing changed$", timeout=60)


def test_a_caller_and_its_server_keep_all_of_it_over_every_message(shell):
    shell.enter("fpu keep 5 3000 &")
    shell.wait_row(r"^\[\d+\] fpu$")
    rows = shell.run("fpu call 4 3000", timeout=60)
    assert "fpu call 4: 3000 rounds, nothing changed" in rows
    shell.wait_row(r"fpu keep 5: \d+ rounds, nothing changed$", timeout=60)
    assert "CHANGED" not in shell.machine.log()


def test_a_fresh_thread_finds_nothing_of_anybodys(shell):
    expected = f"fpu fresh: nothing of anybody's, XCR0 {XCR0[shell.cpu]}"
    shell.run("fpu keep 9 50")
    assert expected in shell.run("fpu fresh")
    shell.enter("fpu keep 6 4000 &")
    shell.wait_row(r"^\[\d+\] fpu$")
    for _ in range(3):
        assert expected in shell.run("fpu fresh")
    shell.wait_row(r"fpu keep 6: \d+ rounds, nothing changed$", timeout=60)


def test_reserved_bits_of_mxcsr_harm_nobody(shell):
    """A processor refuses them; the emulator lets them in, and the kernel saves and loads them."""
    shell.enter("fpu keep 8 3000 &")
    shell.wait_row(r"^\[\d+\] fpu$")
    shell.run("fpu mxcsr 0xffffffff")
    assert any(row.startswith("fpu fresh: nothing of anybody's") for row in shell.run("fpu fresh"))
    shell.wait_row(r"fpu keep 8: \d+ rounds, nothing changed$", timeout=60)


def test_ring_3_cannot_change_what_is_saved(shell):
    mark = shell.log_mark()
    shell.run("fpu xsetbv")
    shell.told(mark, r"^init: fpu: (GENERAL PROTECTION FAULT|INVALID OPCODE) ")
    assert f"fpu fresh: nothing of anybody's, XCR0 {XCR0[shell.cpu]}" in shell.run("fpu fresh")
