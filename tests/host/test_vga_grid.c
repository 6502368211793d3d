// SPDX-License-Identifier: MIT
// The text screen's grid: what tutorials test of their writer, and random text against a model that is as plain as can be.
// sources: servers/vga/grid.c servers/vga/cp437.c common/utf8.c
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "servers/vga/cp437.h"
#include "servers/vga/grid.h"
#include "tests/host/vga_model.h"

#define UNTOUCHED 0x5a5a

static struct grid grid;
static _Alignas(8) uint16_t screen[GRID_CELLS];

static void start_empty(void)
{
    memset(screen, 0, sizeof screen);
    grid_adopt(&grid, screen, 0, 0);
    grid_clear(&grid, 0x07);
    grid_show(&grid);
}

static void write_text(const char *text, uint8_t attribute) { grid_print(&grid, text, strlen(text), attribute); }

static void expect_row(size_t row, const char *text, uint8_t attribute)
{
    size_t length = strlen(text);
    for (size_t i = 0; i < GRID_COLUMNS; i++)
        assert_int_equal(screen[row * GRID_COLUMNS + i], CELL(i < length ? text[i] : ' ', attribute));
}

static void a_character_goes_to_the_last_row_and_changes_no_other_cell(void **state)
{
    (void)state;
    start_empty();
    for (size_t i = 0; i < GRID_CELLS; i++)
        screen[i] = UNTOUCHED;
    write_text("X", 0x0b);
    write_text("Y", 0x0b);
    for (size_t i = 0; i < GRID_CELLS; i++)
        assert_int_equal(screen[i], i == 24 * 80 ? 0x0b58 : i == 24 * 80 + 1 ? 0x0b59 : UNTOUCHED);
}

static void a_newline_moves_all_rows_up_and_blanks_the_last_in_the_current_colour(void **state)
{
    (void)state;
    start_empty();
    write_text("top\n", 0x07);
    for (int i = 0; i < 22; i++)
        write_text("\n", 0x07);
    write_text("a\n", 0x1e);
    write_text("bc\n", 0x2f);
    expect_row(24, "", 0x2f);
    assert_int_equal(screen[23 * 80], 0x2f62);
    assert_int_equal(screen[23 * 80 + 1], 0x2f63);
    assert_int_equal(screen[23 * 80 + 2], 0x1e20); // that row was blanked by the newline before
    assert_int_equal(screen[22 * 80], 0x1e61);
    expect_row(0, "", 0x07); // "top" is lost by now
    assert_int_equal(grid.row, 24);
    assert_int_equal(grid.column, 0);
}

static void a_line_of_81_characters_wraps_its_last_one(void **state)
{
    char line[82];
    (void)state;
    start_empty();
    memset(line, 'a', 80);
    strcpy(line + 80, "b");
    write_text(line, 0x07);
    line[80] = 0;
    expect_row(23, line, 0x07);
    expect_row(24, "b", 0x07);
}

static void a_line_of_160_characters_fills_two_rows_and_no_third(void **state)
{
    char line[161];
    (void)state;
    start_empty();
    memset(line, 'a', 80);
    memset(line + 80, 'b', 80);
    line[160] = 0;
    write_text(line, 0x07);
    expect_row(24, line + 80, 0x07);
    assert_int_equal(grid.column, 80);
    write_text("\n", 0x07); // after a full row a newline is one newline
    expect_row(23, line + 80, 0x07);
    expect_row(24, "", 0x07);
}

static void a_newline_above_the_last_row_only_moves_down(void **state)
{
    (void)state;
    start_empty();
    grid.row = 3;
    write_text("one\ntwo", 0x07);
    expect_row(3, "one", 0x07);
    expect_row(4, "two", 0x07);
    assert_int_equal(grid.row, 4);
}

static void a_carriage_return_goes_to_the_start_of_the_row(void **state)
{
    (void)state;
    start_empty();
    write_text("hello\rJ", 0x07);
    expect_row(24, "Jello", 0x07);
}

static void a_backspace_moves_left_and_erases_nothing(void **state)
{
    (void)state;
    start_empty();
    write_text("abc\b\b", 0x07);
    expect_row(24, "abc", 0x07);
    assert_int_equal(grid.column, 1);
    write_text("\b\b\b \b", 0x07); // over the row's start to the end of the row above
    assert_int_equal(grid.row, 23);
    assert_int_equal(grid.column, 78);
}

static void a_backspace_in_the_first_cell_stays_there(void **state)
{
    (void)state;
    start_empty();
    grid.row = 0;
    write_text("\b\bx", 0x07);
    expect_row(0, "x", 0x07);
}

static void a_tab_blanks_up_to_the_next_multiple_of_eight(void **state)
{
    (void)state;
    start_empty();
    write_text("0123456789\ra\tb\tc", 0x07);
    expect_row(24, "a       b       c", 0x07);
    write_text("\r", 0x07);
    for (int i = 0; i < 10; i++)
        write_text("\t", 0x07);
    assert_int_equal(grid.column, 80);
    assert_int_equal(grid.row, 24);
}

static void all_256_attributes_reach_the_screen(void **state)
{
    (void)state;
    for (int attribute = 0; attribute < 256; attribute++) {
        start_empty();
        write_text("c", (uint8_t)attribute);
        assert_int_equal(screen[24 * 80], attribute << 8 | 'c');
    }
}

static void the_hardware_cursor_stays_within_a_full_row(void **state)
{
    (void)state;
    start_empty();
    assert_int_equal(grid_cursor_cell(&grid), 24 * 80);
    grid.column = 80;
    assert_int_equal(grid_cursor_cell(&grid), 24 * 80 + 79);
}

static void a_screen_is_taken_over_as_it_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < GRID_CELLS; i++)
        screen[i] = (uint16_t)(i * 7);
    grid_adopt(&grid, screen, 10, 5);
    write_text("!", 0x07);
    for (size_t i = 0; i < GRID_CELLS; i++)
        assert_int_equal(screen[i], i == 805 ? 0x0721 : (uint16_t)(i * 7));
    grid.row = 24;
    write_text("\n", 0x07);
    for (size_t i = 0; i < 24 * 80; i++)
        assert_int_equal(screen[i], i + 80 == 805 ? 0x0721 : (uint16_t)((i + 80) * 7));
}

static void cells_are_read_back_as_character_and_attribute(void **state)
{
    uint8_t cells[2 * GRID_CELLS];
    (void)state;
    start_empty();
    write_text("Hi\n", 0x4e);
    grid_read(&grid, 23 * 80, 3, cells);
    assert_memory_equal(cells, "H\x4ei\x4e \x07", 6);
    grid_read(&grid, 0, GRID_CELLS, cells);
    assert_memory_equal(cells, screen, sizeof screen);
}

static void an_umlaut_takes_one_cell(void **state)
{
    (void)state;
    start_empty();
    write_text("\nHello W\xc3\xb6rld!", 0x0e);
    expect_row(24, "Hello W\x94rld!", 0x0e);
}

static void same_as_model(const struct model *model)
{
    for (size_t row = 0; row < GRID_ROWS; row++)
        for (size_t column = 0; column < GRID_COLUMNS; column++)
            assert_int_equal(screen[row * GRID_COLUMNS + column], model->cells[row][column]);
    assert_int_equal(grid.row, model->row);
    assert_int_equal(grid.column, model->column);
}

// One write on both, from a blank screen.
static void compare(const char *text, size_t length)
{
    static struct model model;
    start_empty();
    model_start(&model);
    grid_print(&grid, text, length, 0x1f);
    model_write(&model, text, length, 0x1f);
    same_as_model(&model);
}

static void every_single_byte_shows_as_the_model_says(void **state)
{
    (void)state;
    for (int byte = 0; byte < 256; byte++)
        compare((char[]){(char)byte}, 1);
}

// Only what the two bytes make, on the row where they fall: 65,536 whole screens would take minutes.
static void every_pair_of_bytes_shows_as_the_model_says(void **state)
{
    static struct model model;
    (void)state;
    start_empty();
    model_start(&model);
    for (int pair = 0; pair < 65536; pair++) {
        char text[3] = {(char)(pair >> 8), (char)pair, '|'};
        grid_write(&grid, text, 3, (uint8_t)pair);
        model_write(&model, text, 3, (uint8_t)pair);
        if (pair % 64 == 63) {
            grid_show(&grid);
            same_as_model(&model);
        }
    }
}

// Leads of three and four bytes with continuation bytes right, at the borders and wrong, and cut off after each.
static void every_malformed_sequence_is_one_block_for_each_byte_that_is_wrong(void **state)
{
    static const char borders[] = "\x41\x7f\x80\x8f\x90\x9f\xa0\xbf\xc0\xff";
    static struct model model;
    (void)state;
    start_empty();
    model_start(&model);
    for (int lead = 0xe0; lead <= 0xff; lead++) {
        for (int i = 0; i < 10000; i++) {
            char text[5] = {(char)lead, borders[i % 10], borders[i / 10 % 10], borders[i / 100 % 10], '|'};
            size_t length = i < 1000 ? 5 : (size_t)(i / 1000 % 5); // and cut short
            grid_write(&grid, text, length, 0x07);
            model_write(&model, text, length, 0x07);
            if (i % 50 == 49) {
                grid_show(&grid);
                same_as_model(&model);
            }
        }
    }
}

static void random_text_never_breaks_the_grid(void **state)
{
    static struct model model;
    char text[400];
    (void)state;
    srand(1);
    start_empty();
    model_start(&model);
    for (int round = 0; round < 10000; round++) {
        size_t length = (size_t)rand() % sizeof text;
        int style = rand() % 3; // raw bytes, mostly text, mostly control characters
        for (size_t i = 0; i < length; i++)
            text[i] = (char)(style == 0 || rand() % 8 == 0 ? rand() : style == 1 ? ' ' + rand() % 95 : 8 + rand() % 6);
        uint8_t attribute = (uint8_t)rand();
        if (rand() % 50 == 0) {
            grid.row = model.row = (uint8_t)(rand() % GRID_ROWS);
            grid.column = model.column = (uint8_t)(rand() % (GRID_COLUMNS + 1));
        }
        grid_print(&grid, text, length, attribute);
        model_write(&model, text, length, attribute);
        same_as_model(&model);
        assert_true(grid.first < GRID_ROWS);
        assert_true(grid.stale_from >= grid.stale_to);
    }
}

static void every_unicode_character_has_its_glyph_or_the_block(void **state)
{
    (void)state;
    for (uint32_t code = 0; code < 0x120000; code++)
        assert_int_equal(cp437_from_unicode(code), model_glyph(code));
    assert_int_equal(cp437_from_unicode(0xffffffff), 0xfe);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_character_goes_to_the_last_row_and_changes_no_other_cell),
        cmocka_unit_test(a_newline_moves_all_rows_up_and_blanks_the_last_in_the_current_colour),
        cmocka_unit_test(a_line_of_81_characters_wraps_its_last_one),
        cmocka_unit_test(a_line_of_160_characters_fills_two_rows_and_no_third),
        cmocka_unit_test(a_newline_above_the_last_row_only_moves_down),
        cmocka_unit_test(a_carriage_return_goes_to_the_start_of_the_row),
        cmocka_unit_test(a_backspace_moves_left_and_erases_nothing),
        cmocka_unit_test(a_backspace_in_the_first_cell_stays_there),
        cmocka_unit_test(a_tab_blanks_up_to_the_next_multiple_of_eight),
        cmocka_unit_test(all_256_attributes_reach_the_screen),
        cmocka_unit_test(the_hardware_cursor_stays_within_a_full_row),
        cmocka_unit_test(a_screen_is_taken_over_as_it_is),
        cmocka_unit_test(cells_are_read_back_as_character_and_attribute),
        cmocka_unit_test(an_umlaut_takes_one_cell),
        cmocka_unit_test(every_single_byte_shows_as_the_model_says),
        cmocka_unit_test(every_pair_of_bytes_shows_as_the_model_says),
        cmocka_unit_test(every_malformed_sequence_is_one_block_for_each_byte_that_is_wrong),
        cmocka_unit_test(random_text_never_breaks_the_grid),
        cmocka_unit_test(every_unicode_character_has_its_glyph_or_the_block),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
