# SPDX-License-Identifier: MIT
"""A whole game, played by its screen: keys in, cells out, as a person does."""

import re
import time

import pytest

import bridged
import session

COLUMNS, ROWS = 38, 21
HEADS = (" :", "..", ": ", "''")
HEAD, BODY, APPLE = 0x2F, 0x0A, 0x0C
WAYS = {"right": (1, 0), "down": (0, 1), "left": (-1, 0), "up": (0, -1)}


class Screen:
    """What one look at the screen shows: head, apple, body as (column, row), score, box."""

    def __init__(self, cells):
        self.cells = cells
        self.head = self.apple = None
        self.body = set()
        for row in range(ROWS):
            codes, attributes = cells.codes(row + 2), cells.attributes(row + 2)
            for column in range(COLUMNS):
                at = 2 + 2 * column
                if attributes[at] == attributes[at + 1] == HEAD:
                    self.head, self.face = (column, row), codes[at:at + 2].decode("cp437")
                elif attributes[at] == BODY:
                    self.body.add((column, row))
                elif attributes[at] == APPLE and codes[at:at + 2] == b"()":
                    self.apple = (column, row)
        title = re.search(r"score (\d+) +best (\d+)", cells.row(0))
        self.score, self.best = map(int, title.groups()) if title else (None, None)

    def facing(self):
        return list(WAYS)[HEADS.index(self.face)]

    def next_way(self):
        """Towards the apple, never back, never into wall or body."""
        def to(way):
            return self.head[0] + WAYS[way][0], self.head[1] + WAYS[way][1]

        def is_free(way):
            column, row = to(way)
            return 0 <= column < COLUMNS and 0 <= row < ROWS and (column, row) not in self.body

        ways = [way for way in WAYS if is_free(way)]
        return min(ways, key=lambda way: (abs(to(way)[0] - self.apple[0]) + abs(to(way)[1] - self.apple[1]),
                                          way != self.facing()), default=self.facing())


def look(shell):
    """A screen between two drawings: head and apple are there."""
    def seen():
        screen = Screen(shell.machine.cells())
        return screen if screen.head and screen.apple and screen.score is not None else None
    return shell.machine.wait(seen, "a head and an apple", 5)


def eat(shell, score, timeout=60):
    """Plays until that score. On a busy host a turn may come too late: then there is another game."""
    limit = time.monotonic() + timeout
    while True:
        if "GAME OVER" in shell.machine.screen_text():
            shell.press("r")
            shell.machine.wait(lambda: "GAME OVER" not in shell.machine.screen_text(), "a new game", 5)
        screen = look(shell)
        if screen.score >= score:
            return screen
        assert time.monotonic() < limit, f"no score of {score} within {timeout} s"
        way = screen.next_way()
        if way != screen.facing():
            shell.press(way)
            before = screen.head
            # Until the step that takes the turn: otherwise one key would be pressed twice.
            shell.machine.wait(lambda: "GAME OVER" in shell.machine.screen_text() or look(shell).head != before,
                               "the next step", 5)
        time.sleep(0.01)


@pytest.fixture(scope="module")
def shell():
    with session.start("snake", budget=240.0) as started:
        yield started


def test_a_whole_game_with_score_pause_end_restart_and_a_clean_way_back_to_the_shell(shell):
    shell.enter("snake 4")
    first = look(shell)
    assert first.score == 0 and len(first.body) == 3
    frame = shell.machine.cells()
    assert frame.row(0).strip().startswith("SNAKE")
    assert frame.row(1) == " ╔" + "═" * 76 + "╗" and frame.row(23) == " ╚" + "═" * 76 + "╝"
    assert all(frame.whole_row(row)[1] == "║" == frame.whole_row(row)[78] for row in range(2, 23))

    screen = eat(shell, 3)
    assert screen.score == 3 <= screen.best
    assert len(screen.body) in (5, 6), "four cells and three apples, one of them the head"

    shell.press("p")
    shell.machine.wait_screen("PAUSE")
    shell.settle(0.3)  # a step that was under way
    held = shell.machine.cells()
    shell.press("up")
    shell.settle(1)
    assert shell.machine.cells() == held, "nothing moves in a pause"
    shell.press("p")
    shell.machine.wait(lambda: "PAUSE" not in shell.machine.screen_text(), "the game to go on", 5)
    head = look(shell).head
    shell.machine.wait(lambda: look(shell).head != head, "a step", 5)

    shell.press("up")
    shell.press("left")
    shell.machine.wait_screen("GAME OVER", timeout=20)
    lost = Screen(shell.machine.cells())
    assert re.search(rf"\b{lost.score} points?\b", shell.machine.screen_text())
    shell.settle(0.5)
    assert "GAME OVER" in shell.machine.screen_text()

    shell.press("r")
    shell.machine.wait(lambda: "GAME OVER" not in shell.machine.screen_text(), "a new game", 5)
    again = look(shell)
    assert again.score == 0 and again.best == lost.best >= lost.score

    eat(shell, 1)
    shell.press("q")
    shell.wait_prompt()
    rows = [row for row in shell.rows() if row]
    assert re.fullmatch(rf"snake: \d+ points?, best {lost.best}", rows[0]) and len(rows) == 2
    assert shell.run("echo back") == ["back"]
    assert not any(" snake " in row for row in shell.run("ps"))


def test_ctrl_c_ends_the_game_too(shell):
    shell.enter("snake")
    look(shell)
    shell.press("ctrl", "c")
    shell.wait_prompt()
    assert shell.run("echo back") == ["back"]


def test_the_game_goes_on_when_the_servers_of_screen_and_keyboard_die():
    with bridged.connected("snake-restarts") as system:
        shell = session.Session(system.machine)
        shell.enter("snake 4")
        look(shell)
        for server in ("vga", "kbd"):
            system.init.kill(0, server)
            eat(shell, look(shell).score + 1)
        shell.press("q")
        shell.wait_prompt()
        assert re.search(r"^snake: \d+ points?, best [2-9]$", shell.machine.screen_text(), re.MULTILINE)
