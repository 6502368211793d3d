# SPDX-License-Identifier: MIT
"""Programs that end and servers that are killed leave the free frames as they were: a few of them here, a thousand programs
and a hundred deaths of each server in `make test-long`, which keeps the figures (tests/lives_table.py)."""

import json
import os
import re
import time

import pytest
import session
from harness.images import build_folder

LONG = bool(os.environ.get("LONG"))
LIVES, DEATHS = (1000, 100) if LONG else (20, 2)
BUDGET = 3000.0 if LONG else 240.0  # seconds of the host's


def servers():
    """Every server of the product but init, which cannot be killed, and memory, whose end is the machine's."""
    path = build_folder() / "system.json"
    entries = json.loads(path.read_text(encoding="utf-8"))["entries"] if path.is_file() else []
    return [entry["name"] for entry in entries if entry["kind"] == "server" and entry["restart"]]


def keep(what, times, lost, started):
    if LONG:
        with open(build_folder() / "log" / "lives.jsonl", "a", encoding="utf-8") as file:
            file.write(json.dumps({"what": what, "times": times, "lost": lost, "seconds": round(time.monotonic() - started)}) + "\n")


def lost(command, pattern):
    """Frames that are missing after a command of the test system's spawner."""
    # Virtual time: what lives long sleeps most of it, and that takes none of ours.
    with session.start("lives-" + command.replace(" ", "-"), system=session.test_system(), icount=True, budget=BUDGET) as shell:
        shell.enter(f"spawner {command}")
        rows = shell.machine.wait_screen(re.compile(pattern + r", frames lost: (-?\d+)"), BUDGET)
        assert "FAILED" not in shell.machine.screen_text()
        return int(rows[1])


def test_programs_leave_all_frames_free():
    started = time.monotonic()
    frames = lost(f"many {LIVES} hello", f"{LIVES} lives")
    keep("run hello", LIVES, frames, started)
    assert frames == 0


@pytest.mark.parametrize("name", servers())
def test_a_server_that_is_killed_leaves_all_frames_free(name):
    started = time.monotonic()
    frames = lost(f"age {name} {DEATHS}", f"{name} died {DEATHS} times")
    keep(f"kill {name}", DEATHS, frames, started)
    assert frames == 0
