# SPDX-License-Identifier: MIT
"""Talks to the shell of a booted system as a person does: keys in, screen out.

    with session.start("shell") as shell:              # the product
        assert shell.run("echo hello") == ["hello"]
    with session.start("canary", system=session.test_system()) as shell:   # with the programs of tests/programs
        shell.run("sections")
"""

import re
import time

from harness import Machine
from harness.images import make
from harness.keys import keys_of

PROMPT = "annulet> "
LAST_ROW = 24
PS2_BYTES = 16  # what the keyboard keeps
PS2_QUEUE = 3  # keys at once: four bytes each with Shift, of the 16 that the keyboard keeps, and what came before


def test_system():
    """Builds the product with the programs of tests/programs besides, one builder at a time; returns the system's name
    for Machine."""
    made = make("all", "test-system")
    assert made.returncode == 0, f"the build failed:\n{made.stdout}{made.stderr}"
    return "tests"


test_system.__test__ = False  # no test, whatever its name says


class Session:
    def __init__(self, machine):
        self.machine = machine

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.machine.__exit__(kind, value, trace)

    # --- the screen ---

    def rows(self):
        return self.machine.screen_text().split("\n")

    def last_row(self):
        return self.machine.cells().row(LAST_ROW)

    def wait_prompt(self, timeout=10):
        """Until the last row is a prompt with nothing behind it."""
        self.machine.wait(lambda: self.last_row() == PROMPT.rstrip(), "a prompt", timeout)

    # --- the keyboard ---

    def press(self, *names):
        self.machine.send_key(*names)

    def type(self, text):
        """Types what shows, as fast as the screen follows; the line must not reach the end of the row."""
        for start in range(0, len(text), PS2_QUEUE):
            before = self.last_row()
            for character in text[start:start + PS2_QUEUE]:
                self.machine.send_key(*keys_of(character))
            wanted = len(PROMPT) + len(text[:start + PS2_QUEUE].rstrip())
            if before.startswith(PROMPT.rstrip()):
                self.machine.wait(lambda: len(self.last_row()) >= wanted, f"the echo of {text!r}", 5)

    def tap(self, *keys, times=1):
        """Presses keys that show nothing, or what nobody waits for: each when the one before has been read."""
        for key in keys * times:
            self.drain()
            self.machine.send_key(key)

    def drain(self):
        """Until the guest has taken all that was typed out of the keyboard, which loses what does not fit: bit 0 of the
        controller's status, which looking at it does not change."""
        self.machine.wait(lambda: not int(self.machine.monitor("i /b 0x64").partition("=")[2], 16) & 1,
                          "the keyboard to be read", 10)

    def feed(self, text, pause=0.0):
        """Types without looking at the screen."""
        room = 0
        for character in text:
            keys = keys_of(character)
            if room < 2 * len(keys):
                self.drain()
                room = PS2_BYTES
            room -= 2 * len(keys)  # down and up
            self.machine.send_key(*keys)
            time.sleep(pause)

    def clear(self):
        """Ctrl-L: a prompt on an empty screen. What a test before left behind, a line or a program, is ended first."""
        if self.last_row() != PROMPT.rstrip():
            self.press("ctrl", "c")
            self.wait_prompt()
        # Where it is empty already, nobody could see when Ctrl-L has been dealt with, and `type` would run ahead of it.
        if self.machine.screen_text().strip() == PROMPT.rstrip():
            return
        self.press("ctrl", "l")
        self.machine.wait(lambda: self.machine.screen_text().strip() == PROMPT.rstrip(), "an empty screen", 5)

    # --- commands ---

    def enter(self, text):
        """Clears the screen, types a line and Enter; does not wait for what it does."""
        self.clear()
        self.type(text)
        self.machine.wait(lambda: self.last_row() == (PROMPT + text).rstrip(), f"the line {text!r}", 5)
        self.press("ret")

    def run(self, text, timeout=20):
        """Enters a line and waits for the next prompt; returns the rows that were written in between."""
        self.enter(text)
        line = (PROMPT + text).rstrip()
        self.machine.wait(lambda: self.last_row() == PROMPT.rstrip() and line != PROMPT.rstrip(), f"the end of {text!r}",
                          timeout)
        rows = self.rows()[:LAST_ROW]
        if line in rows:
            rows = rows[rows.index(line) + 1:]
        return [row for row in rows if row]

    def wait_row(self, pattern, timeout=10):
        """Until a row matches; returns the match."""
        regex = re.compile(pattern)

        def find():
            return next((m for m in map(regex.search, self.rows()) if m), None)

        return self.machine.wait(find, f"a row like /{pattern}/", timeout)

    def log_mark(self):
        return len(self.machine.log())

    def log_since(self, mark):
        return self.machine.log()[mark:]

    def told(self, mark, pattern, timeout=5):
        """Until the log since then has a match. The log's line is slower than the screen: what a command says there may
        arrive after the next prompt."""
        regex = re.compile(pattern, re.MULTILINE)
        return self.machine.wait(lambda: regex.search(self.log_since(mark)), f"/{pattern}/ in the log", timeout)

    def settle(self, seconds):
        time.sleep(seconds)
        self.machine.check()


def start(name, quiet=True, **options):
    """Boots to the prompt. Not quiet: somebody may have written behind it meanwhile."""
    options.setdefault("budget", 120.0)
    session = Session(Machine(name=name, **options))
    try:
        if quiet:
            session.wait_prompt(60)
        else:
            session.wait_row(rf"^{PROMPT.rstrip()}", 60)
    except BaseException:
        session.machine.close()
        raise
    return session
