// SPDX-License-Identifier: MIT
// Five ways to reach page tables (docs/page-tables.md) find the same entries and change the same entries.
// sources:
#include "tests/host/test.h"

#include "tests/host/five_ways.h"

// Pages that share tables at every level, and pages that share none.
static const uint64_t pages[] = {0x0000123456789000, 0x000012345678a000, 0x0000123456989000,
                                 0x0000123496789000, 0x0000023456789000, 0x00007fffffffe000};

static void boot_with(const struct way *way)
{
    memset(ram, 0xee, sizeof ram);
    flushes = 0;
    used_frames = 16; // the first frames are the machine's
    top_frame = take_frame();
    for (size_t i = 0; i < COUNT(pages); i++)
        boot_map(pages[i], (900 + i) * PAGE, 0);
    way->prepare();
}

// The boot loader's view.
static uint64_t *direct(uint64_t address, int level)
{
    uint64_t table = top_frame;
    for (int l = TOP; l > level; l--)
        table = (ram[table][index_of(address, l)] & FRAME_BITS) / PAGE;
    return &ram[table][index_of(address, level)];
}

TEST(all_five_find_every_entry_of_every_level)
{
    for (size_t w = 0; w < COUNT(ways); w++) {
        boot_with(&ways[w]);
        for (size_t i = 0; i < COUNT(pages); i++)
            for (int level = TOP; level >= 0; level--) {
                uint64_t found = load(ways[w].entry_at(pages[i], level));
                if (found != *direct(pages[i], level)) fail_msg("%s: page %zu, level %d", ways[w].name, i, level);
            }
    }
}

TEST(all_five_translate_as_the_processor_does)
{
    for (size_t w = 0; w < COUNT(ways); w++) {
        boot_with(&ways[w]);
        for (size_t i = 0; i < COUNT(pages); i++) {
            uint64_t entry = load(ways[w].entry_at(pages[i] + 0x123, 0));
            assert_int_equal((entry & FRAME_BITS) + 0x123, translate(pages[i] + 0x123));
            assert_int_equal(translate(pages[i]), (900 + i) * PAGE);
        }
    }
}

TEST(what_one_of_them_changes_is_changed)
{
    for (size_t w = 0; w < COUNT(ways); w++) {
        boot_with(&ways[w]);
        store(pages[0], 0x1111);
        store(pages[1], 0x2222);
        uint64_t at = ways[w].entry_at(pages[0], 0), other = *direct(pages[1], 0);
        store(at, other);
        assert_int_equal(load(pages[0]), 0x2222);
    }
}

// Frames that a way takes for itself, for these six pages.
static uint32_t cost(size_t way)
{
    memset(ram, 0, sizeof ram);
    used_frames = 16;
    top_frame = take_frame();
    for (size_t i = 0; i < COUNT(pages); i++)
        boot_map(pages[i], (900 + i) * PAGE, 0);
    uint32_t before = used_frames;
    ways[way].prepare();
    return used_frames - before;
}

TEST(each_has_its_price)
{
    assert_int_equal(cost(0), 4); // two level-0 tables for 1,024 frames, and the two above
    assert_int_equal(cost(1), 3); // one table of each level: sees 512 tables
    assert_int_equal(cost(2), 2); // large pages: no level 0
    assert_int_equal(cost(3), 3); // one table of slots, with what leads there
    assert_int_equal(cost(4), 0); // one entry of the top table
    boot_with(&ways[3]);
    (void)temporary_entry(pages[0], 0);
    assert_int_equal(flushes, 4); // one for each level, at each look
}

// 32 GiB in 2 MiB pages: one table of level 2 and 32 of level 1.
TEST(a_complete_map_of_32_gib_costs_132_kib)
{
    memset(ram, 0, sizeof ram);
    used_frames = 16;
    top_frame = take_frame();
    for (uint64_t physical = 0; physical < 32ull << 30; physical += LARGE_PAGE)
        boot_map(PHYSMAP + physical, physical, 1);
    assert_int_equal((used_frames - 17) * PAGE, 132 * 1024);
}

// The recursive formula, as the tutorials write it: octal digits that move one place.
TEST(the_recursive_address_is_the_pages_shifted_by_one_index)
{
    const uint64_t page = 0123ull << 39 | 0234ull << 30 | 0345ull << 21 | 0456ull << 12;
    const uint64_t sign = 0xffff000000000000;
    assert_int_equal(recursive_entry(page, 0),
                     sign | 0777ull << 39 | 0123ull << 30 | 0234ull << 21 | 0345ull << 12 | 04560ull);
    assert_int_equal(recursive_entry(page, 1),
                     sign | 0777ull << 39 | 0777ull << 30 | 0123ull << 21 | 0234ull << 12 | 03450ull);
    assert_int_equal(recursive_entry(page, 3),
                     sign | 0777ull << 39 | 0777ull << 30 | 0777ull << 21 | 0777ull << 12 | 01230ull);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_five_find_every_entry_of_every_level),
        cmocka_unit_test(all_five_translate_as_the_processor_does),
        cmocka_unit_test(what_one_of_them_changes_is_changed),
        cmocka_unit_test(each_has_its_price),
        cmocka_unit_test(a_complete_map_of_32_gib_costs_132_kib),
        cmocka_unit_test(the_recursive_address_is_the_pages_shifted_by_one_index),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
