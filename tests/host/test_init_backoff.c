// SPDX-License-Identifier: MIT
// sources: servers/init/backoff.c
#include "tests/host/test.h"

#include "abi/syscall.h"
#include "servers/init/backoff.h"

#define MS 1000000ull

// The server dies a moment after each start.
static uint64_t pause_after_death(struct backoff *b, uint64_t *now)
{
    *now += MS;
    uint64_t due = backoff_death(b, *now);
    if (due == FOREVER) return FOREVER;
    uint64_t pause = due - *now;
    *now = b->started = due;
    return pause;
}

TEST(the_first_restart_is_immediate_and_pauses_double_from_then_on)
{
    struct backoff b = {.pause = 100 * MS};
    uint64_t now = 0;
    assert_int_equal(pause_after_death(&b, &now), 0);
    assert_int_equal(pause_after_death(&b, &now), 100 * MS);
    assert_int_equal(pause_after_death(&b, &now), 200 * MS);
    assert_int_equal(pause_after_death(&b, &now), 400 * MS);
}

TEST(a_pause_is_never_longer_than_a_minute)
{
    struct backoff b = {.pause = 100 * MS};
    uint64_t now = 0, longest = 0;
    for (int i = 0; i < 200; i++) {
        uint64_t pause = pause_after_death(&b, &now);
        assert_true(pause >= longest && pause <= BACKOFF_LONGEST);
        longest = pause;
    }
    assert_int_equal(longest, BACKOFF_LONGEST);
    b = (struct backoff){.pause = UINT64_MAX, .deaths = 1};
    assert_int_equal(backoff_death(&b, 5), 5 + BACKOFF_LONGEST);
}

TEST(who_dies_too_often_in_a_row_is_given_up_on)
{
    struct backoff b = {.pause = 10 * MS, .deaths_allowed = 3};
    uint64_t now = 0;
    assert_int_equal(pause_after_death(&b, &now), 0);
    assert_int_equal(pause_after_death(&b, &now), 10 * MS);
    assert_int_equal(pause_after_death(&b, &now), FOREVER);
}

TEST(a_good_life_is_forgiven_everything)
{
    struct backoff b = {.pause = 10 * MS, .deaths_allowed = 3};
    uint64_t now = 0;
    for (int i = 0; i < 20; i++) {
        assert_int_equal(pause_after_death(&b, &now), 0);
        assert_int_equal(pause_after_death(&b, &now), 10 * MS);
        now += BACKOFF_GOOD_LIFE;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_restart_is_immediate_and_pauses_double_from_then_on),
        cmocka_unit_test(a_pause_is_never_longer_than_a_minute),
        cmocka_unit_test(who_dies_too_often_in_a_row_is_given_up_on),
        cmocka_unit_test(a_good_life_is_forgiven_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
