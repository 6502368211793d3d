// SPDX-License-Identifier: MIT
// What vga leaves to its successor: the same screen, the same place, the same colours.
// sources: servers/vga/kept.c servers/vga/grid.c servers/vga/cp437.c servers/vga/colors.c common/utf8.c
#include "tests/host/test.h"

#include <string.h>

#include "servers/vga/kept.h"

static struct grid grid;
static struct colors colors;
static struct vga_kept kept;
static _Alignas(8) uint16_t screen[GRID_CELLS], other[GRID_CELLS];

static void begin(void)
{
    memset(screen, 0, sizeof screen);
    grid_adopt(&grid, screen, 0, 0);
    grid_clear(&grid, 0x07);
    colors_start(&colors);
    for (int i = 0; i < 40; i++)
        grid_write(&grid, "a line that scrolls\n", 20, (uint8_t)i);
    grid_write(&grid, "and half", 8, 0x1f);
    colors_set(&colors, 7, 0x2f);
    grid_show(&grid);
    kept_save(&kept, &grid, &colors);
}

TEST(the_successor_shows_the_same_screen_and_writes_on_where_the_dead_one_stood)
{
    begin();
    struct grid next = {0};
    struct colors next_colors = {0};
    memset(other, 0x55, sizeof other);
    assert_true(kept_load(&kept, sizeof kept, &next, other, &next_colors));
    grid_show(&next);
    assert_memory_equal(screen, other, sizeof screen);
    assert_int_equal(colors_get(&next_colors, 7), 0x2f);
    grid_write(&grid, " of it\n\nnext", 12, 3);
    grid_write(&next, " of it\n\nnext", 12, 3);
    grid_show(&grid);
    grid_show(&next);
    assert_memory_equal(screen, other, sizeof screen);
}

// A write that was shown but not committed has not happened.
TEST(half_a_write_on_the_screen_does_not_survive)
{
    begin();
    static uint16_t before[GRID_CELLS];
    memcpy(before, screen, sizeof before);
    grid_write(&grid, "never committed\n", 16, 4);
    grid_show(&grid);
    struct grid next;
    assert_true(kept_load(&kept, sizeof kept, &next, screen, &colors));
    grid_show(&next);
    assert_memory_equal(screen, before, sizeof before);
}

#define REFUSED(CHANGE) \
    do { \
        begin(); \
        size_t length = sizeof kept; \
        CHANGE; \
        struct grid untouched = grid; \
        assert_false(kept_load(&kept, length, &grid, screen, &colors)); \
        assert_memory_equal(&untouched, &grid, sizeof grid); \
    } while (0)

TEST(every_bound_is_checked)
{
    REFUSED(length--);
    REFUSED(kept.row = GRID_ROWS);
    REFUSED(kept.column = GRID_COLUMNS + 1);
    REFUSED(kept.first = GRID_ROWS);
    REFUSED(kept.colors.count = COLOR_CLIENTS + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_successor_shows_the_same_screen_and_writes_on_where_the_dead_one_stood),
        cmocka_unit_test(half_a_write_on_the_screen_does_not_survive),
        cmocka_unit_test(every_bound_is_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
