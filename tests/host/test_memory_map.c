// SPDX-License-Identifier: MIT
// sources: common/memory_map.c
// Random maps against a model that looks at every byte's fate frame by frame.
#include "tests/host/test.h"

#include "abi/types.h"
#include "common/memory_map.h"

#define FRAMES 48u // the window that the model knows; it may lie anywhere, at the end of all addresses too

struct entry {
    uint64_t start, size;
    uint32_t type, reserved;
};
_Static_assert(sizeof(struct entry) == MEMORY_ENTRY_SIZE, "an entry of a multiboot2 map");

static uint64_t first_byte(uint64_t window, size_t frame) { return (window + frame) * PAGE_SIZE; }

// The last byte instead of the end: that one would wrap.
static uint64_t last_byte(const struct entry *entry) { return entry->start + (entry->size - 1); }

static bool wraps(const struct entry *entry) { return last_byte(entry) < entry->start; }

static bool model_is_usable(const struct entry *entries, size_t count, uint64_t first)
{
    bool covered = false;
    for (size_t i = 0; i < count; i++) {
        const struct entry *entry = &entries[i];
        if (entry->size == 0) continue;
        uint64_t last = wraps(entry) ? UINT64_MAX : last_byte(entry);
        if (entry->type != MEMORY_USABLE && entry->start <= first + PAGE_SIZE - 1 && first <= last) return false;
        if (entry->type == MEMORY_USABLE && !wraps(entry) && entry->start <= first && first + PAGE_SIZE - 1 <= last)
            covered = true;
    }
    return covered;
}

static bool map_holds(const struct memory_map *map, uint64_t frame)
{
    for (size_t i = 0; i < map->count; i++)
        if (map->areas[i].first <= frame && frame < map->areas[i].end) return true;
    return false;
}

static void assert_sound(const struct memory_map *map)
{
    assert_true(map->count <= map->capacity);
    for (size_t i = 0; i < map->count; i++) {
        assert_true(map->areas[i].first < map->areas[i].end);
        if (i > 0) assert_true(map->areas[i - 1].end < map->areas[i].first); // merged: there is a gap
    }
}

// Starts and ends at, or one byte beside, a frame's border, or anywhere.
static uint64_t random_place(uint64_t window)
{
    uint64_t place = first_byte(window, random_below(FRAMES));
    switch (random_below(4)) {
    case 0:
        return place + 1;
    case 1:
        return place + random_below(PAGE_SIZE);
    }
    return place;
}

static struct entry random_entry(uint64_t window)
{
    struct entry entry = {.start = random_place(window),
                          .type = random_below(3) ? MEMORY_USABLE : (uint32_t)random_below(6)};
    entry.size = random_below(8) ? random_below(12 * PAGE_SIZE) : random_number();
    if (random_below(2)) entry.size &= ~(PAGE_SIZE - 1);
    if (random_below(16) == 0) entry.size = random_below(3);
    return entry;
}

static const uint64_t windows[] = {0, 0x100, (1ull << 52) - FRAMES};

TEST(a_frame_is_usable_exactly_if_one_entry_covers_it_and_no_unusable_one_touches_it)
{
    for (int round = 0; round < 20000; round++) {
        uint64_t window = windows[random_below(COUNT(windows))];
        struct entry entries[12];
        struct frame_area areas[16];
        struct memory_map map = {.areas = areas, .capacity = COUNT(areas)};
        size_t count = random_below(COUNT(entries) + 1);
        for (size_t i = 0; i < count; i++)
            entries[i] = random_entry(window);
        memory_map_read(&map, entries, sizeof entries[0], count);
        assert_sound(&map);
        for (size_t f = 0; f < FRAMES; f++)
            assert_int_equal(map_holds(&map, window + f), model_is_usable(entries, count, first_byte(window, f)));
    }
}

TEST(in_a_table_that_is_too_small_nothing_unusable_becomes_usable_and_what_is_lost_is_told)
{
    for (int round = 0; round < 20000; round++) {
        struct entry entries[40];
        struct frame_area areas[4];
        struct memory_map map = {.areas = areas, .capacity = 1 + random_below(COUNT(areas))};
        for (size_t i = 0; i < COUNT(entries); i++)
            entries[i] = random_entry(0);
        memory_map_read(&map, entries, sizeof entries[0], COUNT(entries));
        assert_sound(&map);
        bool all = true;
        for (size_t f = 0; f < FRAMES; f++) {
            bool usable = model_is_usable(entries, COUNT(entries), first_byte(0, f));
            if (map_holds(&map, f))
                assert_true(usable);
            else if (usable)
                all = false;
        }
        if (!all) assert_true(map.lost > 0);
    }
}

TEST(of_a_thousand_areas_the_largest_are_kept)
{
    enum { MANY = 1000 };
    struct entry *entries = calloc(MANY, sizeof *entries);
    struct frame_area areas[32];
    struct memory_map map = {.areas = areas, .capacity = COUNT(areas)};
    for (size_t i = 0; i < MANY; i++) { // sizes 1 to 1000, in a scattered order, never touching
        uint64_t size = i * 7919 % MANY + 1;
        entries[i] = (struct entry){i * 2 * MANY * PAGE_SIZE, size * PAGE_SIZE, MEMORY_USABLE, 0};
    }
    memory_map_read(&map, entries, sizeof entries[0], MANY);
    assert_sound(&map);
    assert_int_equal(map.count, 32);
    assert_int_equal(map.lost, MANY - 32);
    for (size_t i = 0; i < map.count; i++)
        assert_true(areas[i].end - areas[i].first > MANY - 32);
    free(entries);
}

TEST(a_limit_keeps_the_largest_areas_in_their_order)
{
    struct frame_area areas[] = {{1, 3}, {10, 11}, {20, 60}, {70, 75}, {80, 81}};
    struct memory_map map = {.areas = areas, .capacity = COUNT(areas), .count = COUNT(areas)};
    memory_map_limit(&map, 5);
    assert_int_equal(map.count, 5);
    memory_map_limit(&map, 2);
    assert_int_equal(map.count, 2);
    assert_int_equal(map.lost, 3);
    assert_int_equal(areas[0].first, 20);
    assert_int_equal(areas[1].first, 70);
    assert_int_equal(areas[1].end, 75);
}

TEST(a_usable_entry_that_wraps_does_not_count)
{
    struct entry entry = {0x100000, UINT64_MAX, MEMORY_USABLE, 0};
    struct frame_area areas[4];
    struct memory_map map = {.areas = areas, .capacity = COUNT(areas)};
    memory_map_read(&map, &entry, sizeof entry, 1);
    assert_int_equal(map.count, 0);
}

TEST(entries_may_be_wide_and_misaligned)
{
    struct frame_area areas[4];
    struct memory_map map = {.areas = areas, .capacity = COUNT(areas)};
    unsigned char bytes[1 + 2 * 40] = {0};
    struct entry low = {0, 0x9fc00, 1, 0}, high = {0x100000, 0x7ee0000, 1, 0};
    memcpy(bytes + 1, &low, sizeof low);
    memcpy(bytes + 41, &high, sizeof high);
    memory_map_read(&map, bytes + 1, 40, 2);
    assert_int_equal(map.count, 2);
    assert_int_equal(areas[0].end, 0x9f);
    assert_int_equal(memory_map_top(&map), 0x7fe0);
    assert_int_equal(memory_map_frames(&map), 0x9f + 0x7ee0);
}

TEST(reserving_and_taking_follow_the_model)
{
    for (int round = 0; round < 4000; round++) {
        bool usable[FRAMES];
        struct frame_area areas[FRAMES];
        struct memory_map map = {.areas = areas, .capacity = COUNT(areas)};
        struct entry all = {0, FRAMES * PAGE_SIZE, MEMORY_USABLE, 0};
        memory_map_read(&map, &all, sizeof all, 1);
        memset(usable, true, sizeof usable);
        for (int step = 0; step < 10; step++) {
            uint64_t start = random_place(0), size = random_below(6 * PAGE_SIZE), first = UINT64_MAX;
            uint64_t end = start + size;
            bool has = size > 0;
            for (size_t f = 0; f < FRAMES + 6; f++)
                if (size > 0 && f * PAGE_SIZE < end && start < (f + 1) * PAGE_SIZE) has &= f < FRAMES && usable[f];
            assert_int_equal(memory_map_has(&map, start, size), has);
            if (random_below(2)) {
                memory_map_reserve(&map, start, size);
                for (size_t f = 0; f < FRAMES; f++)
                    if (size > 0 && f * PAGE_SIZE < end && start < (f + 1) * PAGE_SIZE) usable[f] = false;
            } else {
                uint64_t wanted = random_below(8), from = random_below(FRAMES), run = 0, expected = UINT64_MAX;
                for (size_t f = from; f < FRAMES && wanted > 0 && expected == UINT64_MAX; f++) {
                    run = usable[f] ? run + 1 : 0;
                    if (run == wanted) expected = f + 1 - wanted;
                }
                assert_int_equal(memory_map_take(&map, wanted, from, &first), expected != UINT64_MAX);
                assert_int_equal(first, expected);
                for (size_t f = 0; f < wanted && expected != UINT64_MAX; f++)
                    usable[expected + f] = false;
            }
            assert_sound(&map);
            uint64_t frames = 0;
            for (size_t f = 0; f < FRAMES; f++, frames += usable[f - 1])
                assert_int_equal(map_holds(&map, f), usable[f]);
            assert_int_equal(memory_map_frames(&map), frames);
        }
    }
}

TEST(an_empty_map_is_empty)
{
    struct frame_area areas[1];
    struct memory_map map = {.areas = areas, .capacity = 1};
    uint64_t first;
    memory_map_read(&map, NULL, MEMORY_ENTRY_SIZE, 0);
    assert_int_equal(memory_map_top(&map), 0);
    assert_int_equal(memory_map_frames(&map), 0);
    assert_false(memory_map_take(&map, 1, 0, &first));
    assert_false(memory_map_has(&map, UINT64_MAX, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_is_usable_exactly_if_one_entry_covers_it_and_no_unusable_one_touches_it),
        cmocka_unit_test(in_a_table_that_is_too_small_nothing_unusable_becomes_usable_and_what_is_lost_is_told),
        cmocka_unit_test(of_a_thousand_areas_the_largest_are_kept),
        cmocka_unit_test(a_limit_keeps_the_largest_areas_in_their_order),
        cmocka_unit_test(a_usable_entry_that_wraps_does_not_count),
        cmocka_unit_test(entries_may_be_wide_and_misaligned),
        cmocka_unit_test(reserving_and_taking_follow_the_model),
        cmocka_unit_test(an_empty_map_is_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
