// SPDX-License-Identifier: MIT
// sources: servers/memory/frames.c
#include "tests/host/test.h"

#include "servers/memory/frames.h"

#define MACHINE 1024

static struct frames frames;
static struct frame_link links[MACHINE];

static int fresh(void **state)
{
    (void)state;
    memset(&frames, 0, sizeof frames);
    frames_start(&frames, links, MACHINE);
    return 0;
}

TEST(every_frame_of_a_piece_is_handed_out_once)
{
    bool seen[MACHINE] = {false};
    uint32_t mine = NO_FRAME;
    frames_add(&frames, 7, 64, 64);
    frames_add(&frames, 8, 200, 40);
    for (int i = 0; i < 104; i++) {
        uint32_t frame = frames_take(&frames, &mine);
        assert_true((frame >= 64 && frame < 128) || (frame >= 200 && frame < 240));
        assert_false(seen[frame]);
        seen[frame] = true;
    }
    assert_int_equal(frames_take(&frames, &mine), NO_FRAME);
    assert_int_equal(frames.free, 0);
    assert_int_equal(frames_piece(&frames, 70)->slot, 7);
    assert_int_equal(frames_piece(&frames, 239)->slot, 8);
    assert_int_equal(frames_piece(&frames, 239)->used, 40);
}

TEST(a_client_gives_back_in_any_order)
{
    uint32_t mine = NO_FRAME, others = NO_FRAME;
    frames_add(&frames, 7, 0, 64);
    for (int i = 0; i < 64; i++)
        assert_int_not_equal(frames_take(&frames, i % 2 ? &mine : &others), NO_FRAME);
    uint32_t second = links[mine].next, last = mine;
    while (links[last].next != NO_FRAME)
        last = links[last].next;
    frames_give(&frames, &mine, second);
    frames_give(&frames, &mine, last);
    while (mine != NO_FRAME)
        frames_give(&frames, &mine, mine);
    assert_int_equal(frames.free, 32);
    assert_int_equal(frames.pieces[0].used, 32);
    while (others != NO_FRAME)
        frames_give(&frames, &others, others);
    assert_int_equal(frames.pieces[0].used, 0);
    assert_int_equal(frames.free, 64);
}

TEST(a_piece_without_used_frames_leaves_no_trace_on_the_free_list)
{
    uint32_t mine = NO_FRAME;
    frames_add(&frames, 7, 0, 64);
    frames_add(&frames, 8, 64, 64);
    for (int i = 0; i < 128; i++)
        assert_int_not_equal(frames_take(&frames, &mine), NO_FRAME);
    while (mine != NO_FRAME)
        frames_give(&frames, &mine, mine);
    frames_remove(&frames, frames_piece(&frames, 0));
    assert_int_equal(frames.free, 64);
    assert_int_equal(frames.pieces[0].slot, 0);
    for (int i = 0; i < 64; i++)
        assert_true(frames_take(&frames, &mine) >= 64);
    assert_int_equal(frames_take(&frames, &mine), NO_FRAME);
}

TEST(windows_grow_with_the_machine)
{
    assert_int_equal(frames.shift, 6);
    frames_start(&frames, links, PIECES << 6);
    assert_int_equal(frames.shift, 6);
    frames_start(&frames, links, (PIECES << 6) + 1);
    assert_int_equal(frames.shift, 7);
    frames_start(&frames, links, UINT32_MAX);
    assert_int_equal(frames.shift, 22);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_frame_of_a_piece_is_handed_out_once, fresh),
        cmocka_unit_test_setup(a_client_gives_back_in_any_order, fresh),
        cmocka_unit_test_setup(a_piece_without_used_frames_leaves_no_trace_on_the_free_list, fresh),
        cmocka_unit_test_setup(windows_grow_with_the_machine, fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
