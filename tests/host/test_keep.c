// SPDX-License-Identifier: MIT
// sources: libsys/keep.c
// State that outlives its server: whole whatever happened, and thrown away, with the reason, when it was touched.
#include "tests/host/test.h"

#include <string.h>

#include "libsys/keep.h"

#define MOST 100
#define REGION 512
#define HEADER 32 // bytes before each copy

static const struct keep_format format = {0x1234567890, 3, MOST};
static _Alignas(8) uint8_t region[REGION];
static struct keep keep;
static const char *lost;
static size_t length;

static const char *found(void)
{
    const char *state = keep_open(&keep, format, region, REGION, &length, &lost);
    if (state) assert_null(lost);
    return state;
}

static void fresh(void)
{
    memset(region, 0, REGION);
    assert_null(found());
    assert_null(lost);
}

static void commit(const char *text)
{
    strcpy(keep_begin(&keep), text);
    keep_commit(&keep, strlen(text) + 1);
}

TEST(what_was_committed_last_is_found)
{
    fresh();
    const char *texts[] = {"one", "two, and longer", "three", ""};
    for (size_t i = 0; i < 4; i++) {
        commit(texts[i]);
        assert_string_equal(found(), texts[i]);
        assert_int_equal(length, strlen(texts[i]) + 1);
    }
}

TEST(a_life_that_ends_while_it_writes_leaves_the_state_before)
{
    fresh();
    commit("whole");
    for (int i = 0; i < 5; i++) {
        memset(keep_begin(&keep), i, MOST);
        assert_string_equal(found(), "whole");
    }
    fresh();
    strcpy(keep_begin(&keep), "the very first");
    assert_null(found());
    assert_null(lost);
}

// Whatever store is the last one that happened: the state is the old one or the new one.
TEST(behind_any_store_of_a_commit_one_of_the_two_states_is_found)
{
    static _Alignas(8) uint8_t before[REGION], after[REGION];
    fresh();
    commit("first");
    commit("second");
    memcpy(before, region, REGION);
    commit("third!");
    memcpy(after, region, REGION);
    // The order of keep_begin and keep_commit: no magic, then all the rest in any order, then the magic.
    size_t copy = 0;
    while (memcmp(before + copy, after + copy, 8) == 0)
        copy += 8;
    copy = copy / (REGION / 2) * (REGION / 2);
    for (size_t words = 0; words < REGION / 2 / 8; words++) {
        memcpy(region, before, REGION);
        memset(region + copy, 0, 8);
        memcpy(region + copy + 8, after + copy + 8, words * 8 < REGION / 2 - 8 ? words * 8 : REGION / 2 - 8);
        assert_string_equal(found(), "second");
    }
    memcpy(region, after, REGION);
    assert_string_equal(found(), "third!");
}

TEST(any_bit_that_changed_is_noticed_and_the_reason_named)
{
    static _Alignas(8) uint8_t good[REGION];
    fresh();
    commit("older");
    commit("newer");
    memcpy(good, region, REGION);
    uint32_t noticed = 0;
    for (size_t bit = 0; bit < REGION * 8; bit++) {
        memcpy(region, good, REGION);
        region[bit / 8] ^= (uint8_t)(1u << bit % 8);
        const char *state = found();
        if (state) {
            assert_string_equal(state, "newer"); // a byte that belongs to neither state
            continue;
        }
        assert_non_null(lost);
        noticed++;
    }
    assert_true(noticed >= 2 * 8 * (HEADER + 6));
}

TEST(each_kind_of_wrong_has_its_word)
{
    fresh();
    commit("state");
    assert_null(keep_open(&keep, (struct keep_format){0x1234567891, 3, MOST}, region, REGION, &length, &lost));
    assert_string_equal(lost, "magic");
    fresh();
    commit("state");
    assert_null(keep_open(&keep, (struct keep_format){format.magic, 4, MOST}, region, REGION, &length, &lost));
    assert_string_equal(lost, "version");
    fresh();
    commit("state");
    assert_null(keep_open(&keep, (struct keep_format){format.magic, 3, 5}, region, REGION, &length, &lost));
    assert_string_equal(lost, "length");
}

TEST(after_something_was_thrown_away_keeping_begins_anew)
{
    fresh();
    commit("state");
    region[HEADER + 3] ^= 1;
    region[REGION / 2 + HEADER + 3] ^= 1;
    assert_null(found());
    assert_non_null(lost);
    commit("anew");
    assert_string_equal(found(), "anew");
}

TEST(without_a_region_or_with_too_small_a_one_nothing_is_kept)
{
    assert_null(keep_open(&keep, format, NULL, 0, &length, &lost));
    assert_null(keep_begin(&keep));
    keep_commit(&keep, 5);
    assert_null(keep_open(&keep, format, region, 2 * (HEADER + MOST), &length, &lost));
    assert_null(keep_begin(&keep));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_committed_last_is_found),
        cmocka_unit_test(a_life_that_ends_while_it_writes_leaves_the_state_before),
        cmocka_unit_test(behind_any_store_of_a_commit_one_of_the_two_states_is_found),
        cmocka_unit_test(any_bit_that_changed_is_noticed_and_the_reason_named),
        cmocka_unit_test(each_kind_of_wrong_has_its_word),
        cmocka_unit_test(after_something_was_thrown_away_keeping_begins_anew),
        cmocka_unit_test(without_a_region_or_with_too_small_a_one_nothing_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
