# SPDX-License-Identifier: MIT
"""The text screen, looked at from outside the machine: the program `screen` calls vga as told, and the cells at 0xb8000
are compared. Each script ends with the cursor in row 12, so that the shell's next prompt disturbs no other row."""

import re

import pytest
import session

PROMPT_ROW = 12
BLANK = (0x20, 0x07)
BLOCK = 0xFE
PICTURES = "☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼"  # 0x01–0x1f, which Python leaves to control characters


@pytest.fixture(scope="module")
def shell():
    with session.start("vga", system=session.test_system()) as running:
        yield running


def draw(shell, script):
    """Runs a script on a blank screen and returns the cells."""
    shell.enter(f"screen clear {script} move {PROMPT_ROW} 0")
    shell.machine.wait(lambda: shell.machine.cells().row(PROMPT_ROW) == session.PROMPT.rstrip(), "a prompt in row 12", 20)
    cells = shell.machine.cells()
    shell.press("ctrl", "l")
    shell.wait_prompt()
    return cells


def expect(cells, rows, attribute=0x07):
    """rows: {row: text} or {row: bytes of code page 437}; every other row but the prompt's is blank."""
    for row in range(25):
        if row == PROMPT_ROW:
            continue
        text = rows.get(row, b"")
        codes = (text if isinstance(text, bytes) else text.encode("cp437")).ljust(80)
        assert cells.codes(row) == codes, f"row {row}"
        assert cells.attributes(row) == bytes([attribute]) * 80, f"attributes of row {row}"


def test_characters_go_to_the_last_row_and_change_no_other_cell(shell):
    expect(draw(shell, "text 58 text 59"), {24: "XY"})


def test_all_256_attributes_reach_the_screen(shell):
    cells = draw(shell, "move 0 0 attributes")
    seen = [cells.at(i // 80, i % 80) for i in range(256)]
    assert seen == [(ord("#"), attribute) for attribute in range(256)]
    assert cells.at(3, 16) == BLANK


def test_a_line_of_81_characters_wraps_its_last_one(shell):
    expect(draw(shell, "repeat 61 81"), {23: "a" * 80, 24: "a"})


def test_a_line_of_160_characters_fills_two_rows_and_no_third(shell):
    expect(draw(shell, "repeat 61 80 repeat 62 80"), {23: "a" * 80, 24: "b" * 80})


def test_a_newline_moves_rows_up_and_blanks_the_last_in_the_current_colour(shell):
    cells = draw(shell, "color 0e text 610a color 1f text 62630a")
    assert cells.row(22) == "a" and cells.at(22, 0) == (ord("a"), 0x0E) and cells.at(22, 1) == BLANK
    assert cells.row(23) == "bc" and cells.attributes(23) == bytes([0x1F] * 2 + [0x0E] * 78)
    assert cells.row(24) == "" and cells.attributes(24) == bytes([0x1F] * 80)


def test_a_newline_in_the_last_row_loses_the_top_row(shell):
    expect(draw(shell, "move 0 0 text 610a620a63 move 24 0 text 640a"), {0: "b", 1: "c", 23: "d"})


def test_the_greeting_with_an_umlaut_is_yellow_in_the_lower_left(shell):
    text = "Hello Wörld!"
    cells = draw(shell, f"color 0e text {text.encode().hex()}")
    assert cells.row(24) == text
    assert cells.attributes(24) == bytes([0x0E] * len(text) + [0x07] * (80 - len(text)))


def test_every_byte_that_is_not_ascii_alone_is_the_block(shell):
    cells = draw(shell, "move 0 0 each 20 ff")
    wanted = bytes(range(0x20, 0x7F)) + bytes([BLOCK]) * 0x81
    assert b"".join(cells.codes(row) for row in range(3))[:len(wanted)] == wanted


def test_control_characters_without_a_meaning_are_the_block(shell):
    expect(draw(shell, "each 00 07 each 0b 0c each 0e 1f"), {24: bytes([BLOCK]) * 28})


def code_page_437(code):
    character = chr(code)
    if character in PICTURES:
        return PICTURES.index(character) + 1
    return character.encode("cp437", "replace")[0] if character.encode("cp437", "ignore") else BLOCK


@pytest.mark.parametrize("first, last", [(0xA0, 0xFF), (0x391, 0x3C9), (0x2550, 0x259F), (0x2200, 0x2270), (0x2630, 0x2670)])
def test_characters_show_as_code_page_437_has_them(shell, first, last):
    cells = draw(shell, f"move 0 0 runes {first:x} {last:x}")
    wanted = bytes(code_page_437(code) for code in range(first, last + 1))
    assert b"".join(cells.codes(row) for row in range(2))[:len(wanted)] == wanted


def test_cells_read_back_by_message_are_the_cells_seen_from_outside(shell):
    cells = draw(shell, "color 4e text 4162c3b6 readback 24")
    # the hexadecimal text begins behind the three characters that it tells of, and pushes them up
    flat = b"".join(cells.codes(row) for row in range(20, 25)).decode("cp437")
    told = bytes.fromhex(re.search(r"414e624e944e(?:2007){77}", flat)[0])
    assert told[:6] == bytes([0x41, 0x4E, 0x62, 0x4E, 0x94, 0x4E])
    assert cells.memory[20 * 160:20 * 160 + 6] == told[:6]


def test_what_vga_must_refuse_is_refused_and_vga_lives_on(shell):
    assert "refuse: 0 wrong" in shell.run("screen refuse")


def test_a_screen_server_that_is_killed_leaves_the_screen_as_it_was(shell):
    shell.run("screen color 2f text 41206c696e650a")
    before = shell.machine.cells()
    row = next(row for row in range(25) if before.row(row) == "A line")
    shell.type("kill vga")
    shell.press("ret")
    shell.machine.wait(lambda: shell.machine.log().count("vga: text screen") == 2, "the successor", 10)
    shell.machine.wait(lambda: shell.last_row() == session.PROMPT.rstrip() and shell.rows()[23] != "", "a prompt", 10)
    after = shell.machine.cells()
    moved = next(row for row in range(25) if after.row(row) == "A line")
    assert moved < row
    assert after.attributes(moved) == before.attributes(row)
    assert shell.run("echo still here") == ["still here"]


def test_the_hardware_cursor_stands_where_the_next_character_goes(shell):
    shell.clear()
    shell.type("abc")

    def cursor():
        place = []
        for number in (0x0E, 0x0F):
            shell.machine.monitor(f"o/b 0x3d4 {number}")
            place.append(int(re.search(r"= (0x[0-9a-f]+)", shell.machine.monitor("i/b 0x3d5"))[1], 16))
        return place[0] << 8 | place[1]

    shell.machine.wait(lambda: cursor() == 24 * 80 + len(session.PROMPT) + 3, "the cursor behind the text", 5)
    shell.press("ret")
