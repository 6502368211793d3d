// SPDX-License-Identifier: MIT
// The shell's line editor, against a screen of one long row that does what line_paint says and nothing more.
// with: user/shell/line.c common/utf8.c
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "user/shell/line.h"

static struct line line;
static uint32_t screen[LINE_CELLS + 1];
static uint32_t screen_cursor;
static uint32_t cells_written;

static void paint(void)
{
    struct line_paint p = line_paint(&line);
    if (p.moves_first) screen_cursor = p.from;
    for (uint32_t i = p.from; i < p.to; i++, cells_written++)
        screen[screen_cursor++] = line.text.cells[i];
    for (uint32_t i = 0; i < p.blanks; i++, cells_written++)
        screen[screen_cursor++] = ' ';
    if (p.moves_last) screen_cursor = p.cursor;
}

static int fresh(void **state)
{
    (void)state;
    memset(&line, 0, sizeof line);
    line_start(&line);
    for (size_t i = 0; i <= LINE_CELLS; i++)
        screen[i] = ' ';
    screen_cursor = 0;
    return 0;
}

static void check_screen(void)
{
    assert_true(line.cursor <= line.text.length && line.text.length <= LINE_CELLS);
    assert_int_equal(screen_cursor, line.cursor);
    for (uint32_t i = 0; i < LINE_CELLS; i++)
        assert_int_equal(screen[i], i < line.text.length ? line.text.cells[i] : ' ');
}

static enum line_event press(uint32_t key)
{
    if (line_append(&line, key)) {
        screen[screen_cursor++] = key;
        cells_written++;
        check_screen();
        return LINE_EDITED;
    }
    enum line_event event = line_key(&line, key);
    paint();
    check_screen();
    return event;
}

static void type(const char *text)
{
    for (; *text; text++)
        assert_int_equal(press((unsigned char)*text), LINE_EDITED);
}

static void enter(const char *text)
{
    line_start(&line);
    for (size_t i = 0; i <= LINE_CELLS; i++)
        screen[i] = ' ';
    screen_cursor = 0;
    type(text);
    assert_int_equal(press(EDIT_ENTER), LINE_ENTERED);
    line_remember(&line);
}

static void new_line(void)
{
    line_start(&line);
    for (size_t i = 0; i <= LINE_CELLS; i++)
        screen[i] = ' ';
    screen_cursor = 0;
}

static void expect(const char *text)
{
    char utf8[LINE_BYTES];
    size_t length = line_utf8(&line, 0, line.text.length, utf8);
    assert_string_equal(utf8, text);
    assert_int_equal(length, strlen(text));
}

static void typing_at_the_end_writes_one_cell_and_moves_nothing(void **state)
{
    (void)state;
    type("ech");
    assert_int_equal(line_key(&line, 'o'), LINE_EDITED);
    struct line_paint p = line_paint(&line);
    assert_int_equal(p.to - p.from, 1);
    assert_int_equal(p.blanks, 0);
    assert_false(p.moves_first);
    assert_false(p.moves_last);
    expect("echo");
}

static void letters_go_in_where_the_cursor_is(void **state)
{
    (void)state;
    type("hllo");
    press(EDIT_HOME);
    press(EDIT_RIGHT);
    press('e');
    expect("hello");
    press(EDIT_END);
    type("!");
    expect("hello!");
}

static void backspace_and_delete_take_one_cell_and_stop_at_the_ends(void **state)
{
    (void)state;
    press(EDIT_BACKSPACE);
    press(EDIT_DELETE);
    expect("");
    type("abcd");
    press(EDIT_DELETE);
    press(EDIT_BACKSPACE);
    expect("abc");
    press(EDIT_LEFT);
    press(EDIT_BACKSPACE);
    expect("ac");
    press(EDIT_DELETE);
    expect("a");
    press(EDIT_CTRL_A);
    press(EDIT_BACKSPACE);
    expect("a");
    press(EDIT_LEFT);
    press(EDIT_DELETE);
    press(EDIT_RIGHT);
    expect("");
}

static void control_letters_go_to_the_ends_and_cut(void **state)
{
    (void)state;
    type("one two three");
    press(EDIT_CTRL_A);
    assert_int_equal(line.cursor, 0);
    press(EDIT_CTRL_E);
    assert_int_equal(line.cursor, 13);
    for (int i = 0; i < 6; i++)
        press(EDIT_LEFT);
    press(EDIT_CTRL_K);
    expect("one two");
    for (int i = 0; i < 3; i++)
        press(EDIT_LEFT);
    press(EDIT_CTRL_U);
    expect("two");
    assert_int_equal(line.cursor, 0);
}

static void arrows_bring_back_what_was_entered_and_the_draft(void **state)
{
    (void)state;
    enter("first");
    enter("second");
    new_line();
    type("dra");
    press(EDIT_UP);
    expect("second");
    press(EDIT_UP);
    expect("first");
    press(EDIT_UP);
    expect("first");
    press(EDIT_DOWN);
    press(EDIT_DOWN);
    expect("dra");
    press(EDIT_DOWN);
    type("ft");
    expect("draft");
}

static void blank_and_repeated_lines_are_not_remembered(void **state)
{
    (void)state;
    enter("once");
    enter("once");
    enter("   ");
    enter("");
    assert_int_equal(line.history_count, 1);
}

static void the_history_keeps_the_newest(void **state)
{
    (void)state;
    char text[2] = "A";
    for (int i = 0; i < (int)LINE_HISTORY + 4; i++, text[0]++)
        enter(text);
    new_line();
    for (int i = 0; i < 2 * (int)LINE_HISTORY; i++)
        press(EDIT_UP);
    expect("E");
}

static void an_edited_old_line_leaves_the_history_as_it_was(void **state)
{
    (void)state;
    enter("old");
    new_line();
    press(EDIT_UP);
    type("er");
    expect("older");
    press(EDIT_ENTER);
    line_remember(&line);
    new_line();
    press(EDIT_UP);
    press(EDIT_UP);
    expect("old");
}

static void a_full_line_refuses_one_more(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < LINE_CELLS + 5; i++)
        press('x');
    assert_int_equal(line.text.length, LINE_CELLS);
    press(EDIT_HOME);
    press('y');
    assert_int_equal(line.text.cells[0], 'x');
}

static void letters_beyond_ascii_are_one_cell_each(void **state)
{
    (void)state;
    press(0xe4);
    press(0xdf);
    press(0x20ac);
    press(0x1f600);
    expect("\xc3\xa4\xc3\x9f\xe2\x82\xac\xf0\x9f\x98\x80");
    press(EDIT_LEFT);
    press(EDIT_LEFT);
    press(EDIT_BACKSPACE);
    expect("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80");
}

static void unknown_control_characters_change_nothing(void **state)
{
    (void)state;
    type("a");
    for (uint32_t key = 0; key < 0x20; key++) {
        if (key == EDIT_CTRL_A || key == EDIT_CTRL_C || key == EDIT_CTRL_E || key == EDIT_BACKSPACE ||
            key == EDIT_CTRL_K || key == EDIT_CTRL_L || key == EDIT_ENTER || key == EDIT_CTRL_U)
            continue;
        press(key);
        expect("a");
    }
    press(0x9b);
    expect("a");
}

static void enter_interrupt_and_clear_are_told_apart(void **state)
{
    (void)state;
    assert_int_equal(press(EDIT_ENTER), LINE_ENTERED);
    assert_int_equal(press(EDIT_CTRL_C), LINE_INTERRUPTED);
    assert_int_equal(press(EDIT_CTRL_L), LINE_CLEAR_SCREEN);
}

static void a_cleared_screen_gets_the_whole_line_again(void **state)
{
    (void)state;
    type("kept");
    press(EDIT_LEFT);
    for (size_t i = 0; i <= LINE_CELLS; i++)
        screen[i] = ' ';
    screen_cursor = 0;
    line_forget_screen(&line);
    paint();
    check_screen();
}

static void any_sequence_of_keys_leaves_line_and_screen_alike(void **state)
{
    (void)state;
    static const uint32_t keys[] = {'a',
                                    'b',
                                    ' ',
                                    0xe9,
                                    'z',
                                    EDIT_LEFT,
                                    EDIT_LEFT,
                                    EDIT_RIGHT,
                                    EDIT_HOME,
                                    EDIT_END,
                                    EDIT_UP,
                                    EDIT_DOWN,
                                    EDIT_BACKSPACE,
                                    EDIT_DELETE,
                                    EDIT_CTRL_A,
                                    EDIT_CTRL_E,
                                    EDIT_CTRL_U,
                                    EDIT_CTRL_K,
                                    'q',
                                    'r',
                                    's',
                                    't'};
    srand(1);
    for (int i = 0; i < 100000; i++) {
        uint32_t roll = (uint32_t)rand();
        if (roll % 50 == 0) {
            line_remember(&line);
            new_line();
        } else {
            press(keys[(roll / 64) % (sizeof keys / sizeof keys[0])]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(typing_at_the_end_writes_one_cell_and_moves_nothing, fresh),
        cmocka_unit_test_setup(letters_go_in_where_the_cursor_is, fresh),
        cmocka_unit_test_setup(backspace_and_delete_take_one_cell_and_stop_at_the_ends, fresh),
        cmocka_unit_test_setup(control_letters_go_to_the_ends_and_cut, fresh),
        cmocka_unit_test_setup(arrows_bring_back_what_was_entered_and_the_draft, fresh),
        cmocka_unit_test_setup(blank_and_repeated_lines_are_not_remembered, fresh),
        cmocka_unit_test_setup(the_history_keeps_the_newest, fresh),
        cmocka_unit_test_setup(an_edited_old_line_leaves_the_history_as_it_was, fresh),
        cmocka_unit_test_setup(a_full_line_refuses_one_more, fresh),
        cmocka_unit_test_setup(letters_beyond_ascii_are_one_cell_each, fresh),
        cmocka_unit_test_setup(unknown_control_characters_change_nothing, fresh),
        cmocka_unit_test_setup(enter_interrupt_and_clear_are_told_apart, fresh),
        cmocka_unit_test_setup(a_cleared_screen_gets_the_whole_line_again, fresh),
        cmocka_unit_test_setup(any_sequence_of_keys_leaves_line_and_screen_alike, fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
