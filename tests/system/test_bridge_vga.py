# SPDX-License-Identifier: MIT
"""vga, called from outside: what its interface promises, what it refuses, and its death."""

import bridged
import pytest
from bridged import refusal
from harness.screen import ADDRESS


@pytest.fixture(scope="module")
def system():
    with bridged.connected("bridge-vga") as connected:
        yield connected


@pytest.fixture(autouse=True)
def empty_screen(system):
    system.vga.set_color(0x07)
    system.vga.clear()
    system.vga.move(0, 0)


def text(system, row, column, count):
    return system.vga.read_cells(row, column, count).cells[::2].decode("cp437")


def test_what_is_written_is_read_back(system):
    system.vga.write("hello")
    assert system.vga.read_cells(0, 0, 5).cells == b"h\x07e\x07l\x07l\x07o\x07"


def test_the_cells_are_those_of_the_screens_memory(system):
    system.vga.write("Some test string that fits on a single line")
    assert system.machine.physical(ADDRESS, 160) == system.vga.read_cells(0, 0, 80).cells


def test_the_cursor_stands_behind_what_was_written(system):
    system.vga.write("abc")
    assert system.vga.cursor() == (0, 3)


def test_a_newline_goes_to_the_next_row(system):
    system.vga.write("a\nb")
    assert (text(system, 0, 0, 1), text(system, 1, 0, 1)) == ("a", "b")


def test_column_81_is_the_next_row(system):
    system.vga.write("x" * 81)
    assert text(system, 0, 0, 80) == "x" * 80 and text(system, 1, 0, 2) == "x "


def test_a_full_row_does_not_wrap_before_the_next_character(system):
    system.vga.write("x" * 80)
    assert system.vga.cursor() == (0, 80)


def test_the_last_row_scrolls(system):
    system.vga.move(24, 0)
    system.vga.write("last\n")
    assert text(system, 23, 0, 4) == "last" and text(system, 24, 0, 4) == "    "


def test_a_row_that_scrolls_in_is_blank_in_the_callers_colour(system):
    system.vga.set_color(0x1E)
    system.vga.move(24, 0)
    system.vga.write("\n")
    assert system.vga.read_cells(24, 0, 2).cells == b" \x1e \x1e"


def test_a_colour_holds_from_call_to_call(system):
    system.vga.set_color(0x4F)
    system.vga.write("a")
    system.vga.write("b")
    assert system.vga.read_cells(0, 0, 2).cells == b"a\x4fb\x4f"


def test_every_attribute_byte_reaches_the_screen(system):
    for attribute in range(256):
        system.vga.set_color(attribute)
        system.vga.write("x")
    assert system.vga.read_cells(0, 0, 256).cells[1::2] == bytes(range(256))


def test_clear_leaves_blanks_and_the_cursor_in_the_last_row(system):
    system.vga.write("something")
    system.vga.clear()
    assert text(system, 0, 0, 2000) == " " * 2000 and system.vga.cursor() == (24, 0)


def test_an_umlaut_is_one_cell(system):
    system.vga.write("Wörld")
    assert text(system, 0, 0, 6) == "Wörld "


def test_bytes_that_are_no_utf8_show_as_blocks(system):
    system.vga.write(b"a\xff\xfeb")
    assert system.vga.read_cells(0, 0, 4).cells[::2] == b"a\xfe\xfeb"


def test_a_character_without_a_glyph_is_one_block(system):
    system.vga.write("a\N{SNOWMAN}b")
    assert system.vga.read_cells(0, 0, 3).cells[::2] == b"a\xfeb"


def test_a_tab_goes_to_the_next_multiple_of_8(system):
    system.vga.write("ab\tc")
    assert text(system, 0, 0, 9) == "ab      c"


def test_a_backspace_moves_and_erases_nothing(system):
    system.vga.write("ab\b")
    assert system.vga.cursor() == (0, 1) and text(system, 0, 0, 2) == "ab"


def test_a_carriage_return_writes_over(system):
    system.vga.write("abc\rX")
    assert text(system, 0, 0, 3) == "Xbc"


def test_an_empty_text_changes_nothing(system):
    system.vga.write("")
    assert system.vga.cursor() == (0, 0)


def test_the_longest_text_fills_and_scrolls_the_screen(system):
    system.vga.write("y" * 4000)
    assert text(system, 0, 0, 2000).count("y") == 2000


def test_one_byte_more_is_refused_before_it_is_sent(system):
    with pytest.raises(ValueError):
        system.vga.write("y" * 4001)


def test_cells_behind_the_screen_are_refused(system):
    refusal("ERR_RANGE", system.vga.read_cells, 24, 79, 2)
    refusal("ERR_RANGE", system.vga.read_cells, 25, 0, 1)


def test_a_run_of_cells_goes_on_in_the_next_row(system):
    system.vga.move(0, 79)
    system.vga.write("ab")
    assert text(system, 0, 79, 2) == "ab"


def test_the_cursor_cannot_leave_the_screen(system):
    refusal("ERR_RANGE", system.vga.move, 25, 0)
    refusal("ERR_RANGE", system.vga.move, 0, 81)
    assert system.vga.cursor() == (0, 0)


def test_two_callers_lines_are_never_mixed(system):
    writers = [system.background(system.vga.write, f"{letter * 79}\n" * 3) for letter in "ab"]
    for writer in writers:
        writer.result()
    rows = [text(system, row, 0, 79) for row in range(6)]
    assert sorted(rows) == ["a" * 79] * 3 + ["b" * 79] * 3 and rows[0] == rows[1] == rows[2]


def test_after_its_death_a_new_screen_server_answers(system):
    before = bridged.processes(system)["vga"]
    system.init.kill(before.id)
    system.vga.move(0, 0)
    system.vga.write("back")
    assert text(system, 0, 0, 4) == "back"
    assert bridged.processes(system)["vga"].generation == before.generation + 1
