# SPDX-License-Identifier: MIT
"""Pure C is tested on this machine, under the sanitizers, in seconds."""

import os
import subprocess

from harness.images import ROOT, build_folder, make

PROGRAMS = ("test_vga_grid", "test_kbd_decoder", "test_heap", "test_executor")
SECONDS = 5  # of the processor: what else this machine does must not count
TRIES = 3  # the best counts: a neighbour on the same core makes a program slower too


def seconds(path):
    """What one run takes of the processor."""
    before = os.times()
    done = subprocess.run([path], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    after = os.times()
    assert done.returncode == 0 and "PASSED" in done.stdout + done.stderr, done.stdout + done.stderr
    return after.children_user + after.children_system - before.children_user - before.children_system


def test_screen_keyboard_allocators_and_tasks_are_tested_on_the_host_in_five_seconds():
    made = make(*(f"@/host/{name}" for name in PROGRAMS))
    assert made.returncode == 0, made.stdout + made.stderr
    spent = {}
    for name in PROGRAMS:
        path = build_folder() / "host" / name
        symbols = subprocess.run(["nm", path], capture_output=True, text=True, check=True).stdout
        assert "__asan_init" in symbols and "__ubsan_handle" in symbols, f"{name} is built without the sanitizers"
        spent[name] = min(seconds(path) for _ in range(TRIES))
    assert sum(spent.values()) < SECONDS, spent
