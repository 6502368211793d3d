// SPDX-License-Identifier: MIT
// sources: servers/memory/extents.c
// Runs of frames against a kernel that remembers for each slot which frames it holds.
#include "tests/host/test.h"

#include "servers/memory/extents.h"

#define SLOTS 600
#define FRAMES 4096

static struct {
    uint32_t first, pages; // pages 0: empty
    bool taken;
} slots[SLOTS];
static struct extents extents;
static bool kernel_refuses;

static err_t split(uint32_t slot, uint32_t keep, uint32_t rest)
{
    if (kernel_refuses) return ERR_MAPPED;
    assert_true(keep > 0 && keep < slots[slot].pages);
    assert_int_equal(slots[rest].pages, 0);
    slots[rest].first = slots[slot].first + keep;
    slots[rest].pages = slots[slot].pages - keep;
    slots[slot].pages = keep;
    return OK;
}

static err_t join(uint32_t lower, uint32_t upper)
{
    if (kernel_refuses) return ERR_MAPPED;
    assert_int_equal(slots[lower].first + slots[lower].pages, slots[upper].first);
    slots[lower].pages += slots[upper].pages;
    slots[upper].pages = 0;
    return OK;
}

static uint32_t slot_take(void)
{
    for (uint32_t i = 1; i < SLOTS; i++) {
        if (!slots[i].taken) {
            slots[i].taken = true;
            return i;
        }
    }
    return 0;
}

static void slot_give(uint32_t slot)
{
    assert_true(slots[slot].taken);
    assert_int_equal(slots[slot].pages, 0);
    slots[slot].taken = false;
}

static const struct extent_operations operations = {split, join, slot_take, slot_give};

static struct extent run(uint32_t first, uint32_t pages)
{
    uint32_t slot = slot_take();
    slots[slot].first = first;
    slots[slot].pages = pages;
    return (struct extent){first, pages, slot};
}

static int fresh(void **state)
{
    (void)state;
    memset(slots, 0, sizeof slots);
    extents = (struct extents){.operations = &operations};
    kernel_refuses = false;
    return 0;
}

// Ascending, apart, as the slots say, and the sum is right.
static void check(void)
{
    uint64_t free_frames = 0;
    for (uint32_t i = 0; i < extents.count; i++) {
        const struct extent *e = &extents.list[i];
        assert_int_equal(slots[e->slot].first, e->first);
        assert_int_equal(slots[e->slot].pages, e->pages);
        if (i > 0) assert_true(extents.list[i - 1].first + extents.list[i - 1].pages <= e->first);
        free_frames += e->pages;
    }
    assert_int_equal(free_frames, extents.free);
}

TEST(neighbours_are_joined_whatever_the_order_in_which_they_come)
{
    assert_int_equal(extents_give(&extents, run(0, 10)), OK);
    assert_int_equal(extents_give(&extents, run(20, 10)), OK);
    assert_int_equal(extents.count, 2);
    assert_int_equal(extents_give(&extents, run(10, 10)), OK);
    assert_int_equal(extents.count, 1);
    assert_int_equal(extents.list[0].pages, 30);
    assert_int_equal(extents_give(&extents, run(40, 1)), OK);
    assert_int_equal(extents.count, 2);
    check();
}

TEST(a_run_is_cut_from_the_smallest_that_is_large_enough_at_its_end)
{
    struct extent out;
    assert_int_equal(extents_give(&extents, run(0, 100)), OK);
    assert_int_equal(extents_give(&extents, run(200, 8)), OK);
    assert_int_equal(extents_take(&extents, 5, &out), OK);
    assert_int_equal(out.first, 203);
    assert_int_equal(out.pages, 5);
    assert_int_equal(extents_take(&extents, 4, &out), OK);
    assert_int_equal(out.first, 96);
    assert_int_equal(extents_take(&extents, 97, &out), ERR_NO_MEMORY);
    assert_int_equal(extents.free, 99);
    check();
}

TEST(a_kernel_that_refuses_changes_nothing)
{
    struct extent out;
    assert_int_equal(extents_give(&extents, run(0, 100)), OK);
    kernel_refuses = true;
    assert_int_equal(extents_take(&extents, 5, &out), ERR_MAPPED);
    assert_int_equal(extents.free, 100);
    check();
    kernel_refuses = false;
    assert_int_equal(extents_take(&extents, 100, &out), OK);
    assert_int_equal(extents.count, 0);
}

static bool nobody(uint32_t window)
{
    (void)window;
    return false;
}

static bool only_window_3(uint32_t window) { return window != 3; }

TEST(a_window_is_whole_where_there_is_one)
{
    struct extent out;
    assert_int_equal(extents_give(&extents, run(5, 200)), OK);
    assert_int_equal(extents_take_window(&extents, 6, nobody, &out), OK);
    assert_int_equal(out.first, 128);
    assert_int_equal(out.pages, 64);
    assert_int_equal(extents_take_window(&extents, 6, nobody, &out), OK);
    assert_int_equal(out.first, 64);
    check();
}

TEST(without_a_whole_window_the_largest_part_of_one_that_is_free_is_taken)
{
    struct extent out;
    assert_int_equal(extents_give(&extents, run(70, 20)), OK);  // window 1
    assert_int_equal(extents_give(&extents, run(185, 17)), OK); // window 2: 7, window 3: 10
    assert_int_equal(extents_take_window(&extents, 6, nobody, &out), OK);
    assert_int_equal(out.first, 70);
    assert_int_equal(out.pages, 20);
    assert_int_equal(extents_take_window(&extents, 6, only_window_3, &out), OK);
    assert_int_equal(out.first, 192);
    assert_int_equal(out.pages, 10);
    assert_int_equal(extents_take_window(&extents, 6, only_window_3, &out), ERR_NO_MEMORY);
    check();
}

TEST(random_taking_and_giving_never_gives_a_frame_twice_and_loses_none)
{
    static bool lent[FRAMES];
    static struct extent held[128];
    uint32_t count = 0;
    memset(lent, 0, sizeof lent);
    assert_int_equal(extents_give(&extents, run(0, FRAMES)), OK);
    for (int step = 0; step < 50000; step++) {
        if (count < COUNT(held) && random_below(2)) {
            struct extent *out = &held[count];
            err_t err = random_below(4) ? extents_take(&extents, 1 + (uint32_t)random_below(80), out)
                                        : extents_take_window(&extents, 6, nobody, out);
            if (err == ERR_NO_MEMORY) continue;
            assert_int_equal(err, OK);
            for (uint32_t f = out->first; f < out->first + out->pages; f++) {
                assert_false(lent[f]);
                lent[f] = true;
            }
            count++;
        } else if (count > 0) {
            uint32_t which = (uint32_t)random_below(count);
            for (uint32_t f = held[which].first; f < held[which].first + held[which].pages; f++)
                lent[f] = false;
            assert_int_equal(extents_give(&extents, held[which]), OK);
            held[which] = held[--count];
        }
        if (step % 64 == 0) check();
    }
    while (count > 0)
        assert_int_equal(extents_give(&extents, held[--count]), OK);
    assert_int_equal(extents.count, 1);
    assert_int_equal(extents.free, FRAMES);
    assert_int_equal(extents_largest(&extents), FRAMES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(neighbours_are_joined_whatever_the_order_in_which_they_come, fresh),
        cmocka_unit_test_setup(a_run_is_cut_from_the_smallest_that_is_large_enough_at_its_end, fresh),
        cmocka_unit_test_setup(a_kernel_that_refuses_changes_nothing, fresh),
        cmocka_unit_test_setup(a_window_is_whole_where_there_is_one, fresh),
        cmocka_unit_test_setup(without_a_whole_window_the_largest_part_of_one_that_is_free_is_taken, fresh),
        cmocka_unit_test_setup(random_taking_and_giving_never_gives_a_frame_twice_and_loses_none, fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
