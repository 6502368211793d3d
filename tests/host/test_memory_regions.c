// SPDX-License-Identifier: MIT
// sources: servers/memory/regions.c
// Regions against a model: one flag for each page.
#include "tests/host/test.h"

#include "servers/memory/regions.h"

#define PAGES 512

static struct regions regions;
static bool model[PAGES];

static int fresh(void **state)
{
    (void)state;
    regions = (struct regions){0};
    memset(model, 0, sizeof model);
    return 0;
}

static void check(void)
{
    for (uint64_t page = 0; page < PAGES; page++)
        assert_int_equal(regions_hold(&regions, page), model[page]);
    for (uint32_t i = 1; i < regions.count; i++)
        assert_true(regions.list[i - 1].first + regions.list[i - 1].pages < regions.list[i].first);
}

TEST(regions_that_touch_are_one)
{
    assert_int_equal(regions_add(&regions, 10, 5), OK);
    assert_int_equal(regions_add(&regions, 20, 5), OK);
    assert_int_equal(regions_add(&regions, 15, 5), OK);
    assert_int_equal(regions.count, 1);
    assert_true(regions_hold(&regions, 10) && regions_hold(&regions, 24));
    assert_false(regions_hold(&regions, 9) || regions_hold(&regions, 25));
}

TEST(what_overlaps_is_refused)
{
    assert_int_equal(regions_add(&regions, 10, 5), OK);
    assert_int_equal(regions_add(&regions, 14, 1), ERR_EXISTS);
    assert_int_equal(regions_add(&regions, 8, 3), ERR_EXISTS);
    assert_int_equal(regions_add(&regions, 5, 100), ERR_EXISTS);
    assert_int_equal(regions_add(&regions, 10, 5), ERR_EXISTS);
    assert_int_equal(regions.count, 1);
}

TEST(only_what_lies_within_one_region_can_be_removed)
{
    assert_int_equal(regions_add(&regions, 10, 5), OK);
    assert_int_equal(regions_add(&regions, 16, 5), OK);
    assert_int_equal(regions_remove(&regions, 12, 6), ERR_BAD_ADDRESS);
    assert_int_equal(regions_remove(&regions, 15, 1), ERR_BAD_ADDRESS);
    assert_int_equal(regions_remove(&regions, 12, UINT64_MAX), ERR_BAD_ADDRESS);
    assert_int_equal(regions_remove(&regions, 0, 1), ERR_BAD_ADDRESS);
    assert_int_equal(regions_remove(&regions, 10, 5), OK);
    assert_int_equal(regions.count, 1);
}

TEST(a_full_table_refuses_one_more_and_a_hole)
{
    for (uint64_t i = 0; i < REGIONS; i++)
        assert_int_equal(regions_add(&regions, i * 10, 3), OK);
    assert_int_equal(regions_add(&regions, 500, 1), ERR_FULL);
    assert_int_equal(regions_remove(&regions, 1, 1), ERR_FULL);
    assert_int_equal(regions_add(&regions, 3, 7), OK); // joins two: there is room again
    assert_int_equal(regions_add(&regions, 500, 1), OK);
}

TEST(the_end_of_a_window_is_that_of_its_highest_region)
{
    assert_int_equal(regions_end(&regions, 100, 200), 100);
    assert_int_equal(regions_add(&regions, 100, 5), OK);
    assert_int_equal(regions_add(&regions, 110, 5), OK);
    assert_int_equal(regions_add(&regions, 300, 5), OK);
    assert_int_equal(regions_end(&regions, 100, 200), 115);
    assert_int_equal(regions_remove(&regions, 110, 5), OK);
    assert_int_equal(regions_end(&regions, 100, 200), 105);
}

TEST(random_adding_and_removing_is_what_a_flag_for_each_page_says)
{
    for (int step = 0; step < 20000; step++) {
        uint64_t first = random_below(PAGES - 16), pages = 1 + random_below(15);
        bool adds = random_below(2);
        bool fits = true;
        for (uint64_t page = first; page < first + pages; page++)
            fits &= model[page] != adds;
        err_t err = adds ? regions_add(&regions, first, pages) : regions_remove(&regions, first, pages);
        if (!fits)
            assert_int_equal(err, adds ? ERR_EXISTS : ERR_BAD_ADDRESS);
        else if (err == ERR_FULL)
            assert_int_equal(regions.count, REGIONS);
        else
            assert_int_equal(err, OK);
        for (uint64_t page = first; err == OK && page < first + pages; page++)
            model[page] = adds;
        if (step % 16 == 0) check();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(regions_that_touch_are_one, fresh),
        cmocka_unit_test_setup(what_overlaps_is_refused, fresh),
        cmocka_unit_test_setup(only_what_lies_within_one_region_can_be_removed, fresh),
        cmocka_unit_test_setup(a_full_table_refuses_one_more_and_a_hole, fresh),
        cmocka_unit_test_setup(the_end_of_a_window_is_that_of_its_highest_region, fresh),
        cmocka_unit_test_setup(random_adding_and_removing_is_what_a_flag_for_each_page_says, fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
