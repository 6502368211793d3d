// SPDX-License-Identifier: MIT
// sources: servers/memory/blocks.c
#include "tests/host/test.h"

#include "servers/memory/blocks.h"

static struct blocks blocks;
static uint32_t low;

static int fresh(void **state)
{
    (void)state;
    memset(&blocks, 0, sizeof blocks);
    low = 0;
    return 0;
}

static bool is_empty(void)
{
    static const struct blocks none;
    return memcmp(&blocks, &none, sizeof blocks) == 0;
}

TEST(blocks_lie_one_behind_the_other_in_units_of_sixteen_bytes)
{
    uint64_t a, b, c;
    assert_int_equal(blocks_alloc(&blocks, &low, 1, &a), OK);
    assert_int_equal(blocks_alloc(&blocks, &low, 17, &b), OK);
    assert_int_equal(blocks_alloc(&blocks, &low, 16, &c), OK);
    assert_int_equal(a, 0);
    assert_int_equal(b, 16);
    assert_int_equal(c, 48);
}

TEST(a_gap_is_used_again_as_soon_as_it_is_large_enough)
{
    uint64_t at[4], again;
    for (int i = 0; i < 4; i++)
        assert_int_equal(blocks_alloc(&blocks, &low, 64, &at[i]), OK);
    assert_int_equal(blocks_free(&blocks, &low, at[1]), OK);
    assert_int_equal(blocks_alloc(&blocks, &low, 80, &again), OK);
    assert_int_equal(again, 256);
    assert_int_equal(blocks_free(&blocks, &low, at[2]), OK);
    assert_int_equal(blocks_alloc(&blocks, &low, 128, &again), OK);
    assert_int_equal(again, at[1]);
}

TEST(the_whole_heap_can_be_one_block)
{
    uint64_t at;
    assert_int_equal(blocks_alloc(&blocks, &low, BLOCKS_BYTES, &at), OK);
    assert_int_equal(at, 0);
    assert_int_equal(blocks_alloc(&blocks, &low, 1, &at), ERR_NO_MEMORY);
    assert_int_equal(blocks_free(&blocks, &low, 0), OK);
    assert_true(is_empty());
}

TEST(no_size_and_more_than_the_heap_are_refused)
{
    uint64_t at;
    assert_int_equal(blocks_alloc(&blocks, &low, 0, &at), ERR_BAD_LENGTH);
    assert_int_equal(blocks_alloc(&blocks, &low, BLOCKS_BYTES + 1, &at), ERR_BAD_LENGTH);
    assert_int_equal(blocks_alloc(&blocks, &low, UINT64_MAX, &at), ERR_BAD_LENGTH);
    assert_true(is_empty());
}

TEST(only_the_start_of_a_block_that_is_in_use_can_be_given_back)
{
    uint64_t at;
    assert_int_equal(blocks_alloc(&blocks, &low, 64, &at), OK);
    assert_int_equal(blocks_free(&blocks, &low, at + 16), ERR_BAD_ADDRESS);
    assert_int_equal(blocks_free(&blocks, &low, at + 1), ERR_BAD_ADDRESS);
    assert_int_equal(blocks_free(&blocks, &low, at + 64), ERR_BAD_ADDRESS);
    assert_int_equal(blocks_free(&blocks, &low, BLOCKS_BYTES), ERR_BAD_ADDRESS);
    assert_int_equal(blocks_free(&blocks, &low, UINT64_MAX), ERR_BAD_ADDRESS);
    assert_int_equal(blocks_free(&blocks, &low, at), OK);
    assert_int_equal(blocks_free(&blocks, &low, at), ERR_BAD_ADDRESS);
}

TEST(random_blocks_never_overlap_and_all_come_back)
{
    static uint16_t owner[BLOCKS_UNITS];
    static struct {
        uint64_t at, size;
    } held[400];
    memset(owner, 0, sizeof owner);
    for (int step = 0; step < 100000; step++) {
        uint16_t i = (uint16_t)random_below(COUNT(held));
        if (held[i].size) {
            assert_int_equal(blocks_free(&blocks, &low, held[i].at), OK);
            for (uint64_t u = held[i].at / 16; u < (held[i].at + held[i].size + 15) / 16; u++)
                owner[u] = 0;
            held[i].size = 0;
            continue;
        }
        uint64_t size = 1 + random_below(random_below(8) ? 200 : 4000);
        err_t err = blocks_alloc(&blocks, &low, size, &held[i].at);
        if (err == ERR_NO_MEMORY) continue;
        assert_int_equal(err, OK);
        assert_true(held[i].at % 16 == 0 && held[i].at + size <= BLOCKS_BYTES);
        held[i].size = size;
        for (uint64_t u = held[i].at / 16; u < (held[i].at + size + 15) / 16; u++) {
            assert_int_equal(owner[u], 0);
            owner[u] = (uint16_t)(i + 1);
        }
    }
    for (size_t i = 0; i < COUNT(held); i++)
        if (held[i].size) assert_int_equal(blocks_free(&blocks, &low, held[i].at), OK);
    assert_true(is_empty());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(blocks_lie_one_behind_the_other_in_units_of_sixteen_bytes, fresh),
        cmocka_unit_test_setup(a_gap_is_used_again_as_soon_as_it_is_large_enough, fresh),
        cmocka_unit_test_setup(the_whole_heap_can_be_one_block, fresh),
        cmocka_unit_test_setup(no_size_and_more_than_the_heap_are_refused, fresh),
        cmocka_unit_test_setup(only_the_start_of_a_block_that_is_in_use_can_be_given_back, fresh),
        cmocka_unit_test_setup(random_blocks_never_overlap_and_all_come_back, fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
