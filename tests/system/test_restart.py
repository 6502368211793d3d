# SPDX-License-Identifier: MIT
"""Restarts that lose nothing: same endpoint, keep regions, repeated calls, heartbeats; deaths explained."""

import random
import re
import string
import subprocess
import sys

import pytest

import session
from harness.images import ROOT, build_folder
from harness.keys import keys_of


@pytest.fixture(scope="module")
def shell():
    with session.start("restart", system=session.test_system(), budget=300.0) as started:
        yield started


def life(shell, *deeds):
    """What fragile answers to the last of these, one line each."""
    return shell.run("poke " + " ".join(deeds))


def ps(shell, name):
    return next(row.split() for row in shell.run("ps") if f" {name} " in row)


def wait_calm(shell):
    """Ten seconds of life forgive the deaths before: the next restart is immediate again."""
    shell.settle(10.5)


# --- nothing that was typed is lost ---

SENTENCES = {"kbd: killed", "vga: killed"}


def shown(shell):
    """The screen as one text, without the sentences that init put between: each is a row of its own."""
    return "".join(row.rstrip() for row in shell.rows() if row.rstrip() not in SENTENCES)


def type_on(shell, text):
    """Types as fast as the PS/2 queue of 16 bytes allows when nobody reads it: three keys ahead of the screen."""
    for at, character in enumerate(text):
        shell.machine.send_key(*keys_of(character))
        wanted = text[:max(0, at - 1)].rstrip()
        shell.machine.wait(lambda: wanted in shown(shell), f"the echo of {wanted!r}", 20)


def test_three_hundred_characters_typed_while_kbd_and_vga_are_killed_arrive_whole(shell):
    letters = random.Random(3).choices(string.ascii_letters + string.digits, k=300)
    halves = "".join(letters[:150]), "".join(letters[150:])
    shell.clear()
    mark = shell.log_mark()
    for half in halves:
        shell.enter("spawner storm 4 &")
        type_on(shell, "echo " + half)
        shell.press("ret")
        shell.machine.wait(lambda half=half: shown(shell).count(half) == 2, "what was typed, and its echo", 20)
        shell.machine.wait(lambda: shell.log_since(mark).count("the storm is over") > halves.index(half), "its end", 20)
        wait_calm(shell)
    log = shell.log_since(mark)
    assert log.count("init: kbd: killed") == 8 and log.count("init: vga: killed") == 8
    assert "thrown away" not in log and "cannot" not in log
