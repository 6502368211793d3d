# SPDX-License-Identifier: MIT
"""Whom the kernel charges for time. In virtual time: who runs how long does not depend on the host."""

import re

import session

ENOUGH = 800  # ms that are looked at; a turn has 10


def times(shell):
    """{number: (name, ms of processor time)} of all processes."""
    rows = (re.match(r" *(\d+) (\S+) +\S+ +running +\d+ +\d+ +(\d+)", row) for row in shell.run("ps"))
    return {int(row[1]): (row[2], int(row[3])) for row in rows if row}


def test_a_program_that_keeps_a_server_busy_pays_for_the_servers_time():
    # Charged instead of its caller, vga would never use up a turn: the program would keep the processor as long as it
    # likes to ask, and the other's half would be less.
    with session.start("time", system=session.test_system(), icount=True, budget=200.0) as shell:
        shell.run("share compute &")
        shell.run("share screen &")
        before = after = times(shell)
        two = [number for number, (name, _) in before.items() if name == "share"]
        assert len(two) == 2, before
        spent = {}
        while sum(spent.values()) < ENOUGH:
            after = times(shell)
            spent = {number: after[number][1] - before[number][1] for number in two}
        half = sum(spent.values()) / 2
        assert all(abs(ms - half) <= 0.05 * half for ms in spent.values()), spent
        vga = [number for number, (name, _) in after.items() if name == "vga"]
        assert after[vga[0]][1] - before[vga[0]][1] < 0.05 * half, "vga works for others only"
