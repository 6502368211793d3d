// SPDX-License-Identifier: MIT
// Colours belong to clients: who keeps one, and whose is forgotten.
// sources: servers/vga/colors.c
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "servers/vga/colors.h"

static struct colors colors;

static void a_client_starts_light_grey_on_black(void **state)
{
    (void)state;
    colors_start(&colors);
    assert_int_equal(colors_get(&colors, 0), 0x07);
    assert_int_equal(colors_get(&colors, 5), 0x07);
}

static void each_client_keeps_its_own_colour(void **state)
{
    (void)state;
    colors_start(&colors);
    colors_set(&colors, 1, 0x1f);
    colors_set(&colors, 2, 0x4e);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(colors_get(&colors, 1), 0x1f);
        assert_int_equal(colors_get(&colors, 2), 0x4e);
        assert_int_equal(colors_get(&colors, 3), 0x07);
    }
}

static void all_256_colours_can_be_set(void **state)
{
    (void)state;
    colors_start(&colors);
    for (int color = 0; color < 256; color++) {
        colors_set(&colors, 9, (uint8_t)color);
        assert_int_equal(colors_get(&colors, 9), color);
        assert_int_equal(colors_get(&colors, 8), 0x07);
        assert_int_equal(colors_get(&colors, 9), color);
    }
}

static void the_default_colour_takes_no_room(void **state)
{
    (void)state;
    colors_start(&colors);
    colors_set(&colors, 1, 0x1f);
    colors_set(&colors, 1, COLOR_DEFAULT);
    assert_int_equal(colors.count, 0);
    for (uint64_t client = 1; client <= 1000; client++)
        colors_set(&colors, client, COLOR_DEFAULT);
    assert_int_equal(colors.count, 0);
}

static void a_full_table_forgets_the_client_that_was_silent_longest(void **state)
{
    (void)state;
    colors_start(&colors);
    for (uint64_t client = 1; client <= COLOR_CLIENTS; client++)
        colors_set(&colors, client, 0x20);
    assert_int_equal(colors_get(&colors, 1), 0x20); // speaks: now client 2 is the oldest
    colors_set(&colors, 100, 0x30);
    assert_int_equal(colors_get(&colors, 2), 0x07);
    assert_int_equal(colors_get(&colors, 1), 0x20);
    assert_int_equal(colors_get(&colors, 3), 0x20);
    assert_int_equal(colors_get(&colors, 100), 0x30);
}

static void who_writes_all_the_time_is_not_forgotten(void **state)
{
    (void)state;
    colors_start(&colors);
    colors_set(&colors, 1, 0x11);
    for (uint64_t client = 2; client <= 200; client++) {
        colors_set(&colors, client, 0x22);
        assert_int_equal(colors_get(&colors, 1), 0x11);
        assert_int_equal(colors_get(&colors, client), 0x22);
    }
}

static void no_client_ever_gets_the_colour_of_another(void **state)
{
    (void)state;
    srand(2);
    colors_start(&colors);
    for (int i = 0; i < 100000; i++) {
        uint64_t client = (uint64_t)rand() % 60;
        uint8_t own = (uint8_t)(0x40 + client), color = colors_get(&colors, client);
        assert_true(color == own || color == COLOR_DEFAULT);
        if (rand() % 3 == 0) colors_set(&colors, client, rand() % 4 == 0 ? COLOR_DEFAULT : own);
        assert_true(colors.count <= COLOR_CLIENTS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_client_starts_light_grey_on_black),
        cmocka_unit_test(each_client_keeps_its_own_colour),
        cmocka_unit_test(all_256_colours_can_be_set),
        cmocka_unit_test(the_default_colour_takes_no_room),
        cmocka_unit_test(a_full_table_forgets_the_client_that_was_silent_longest),
        cmocka_unit_test(who_writes_all_the_time_is_not_forgotten),
        cmocka_unit_test(no_client_ever_gets_the_colour_of_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
