// SPDX-License-Identifier: MIT
// sources: servers/init/heartbeat.c
#include "tests/host/test.h"

#include "abi/syscall.h"
#include "servers/init/heartbeat.h"

#define PERIOD 1000u

static struct heartbeat started(uint64_t now)
{
    struct heartbeat h = {.period = PERIOD};
    heartbeat_start(&h, now);
    return h;
}

TEST(a_server_that_answers_is_asked_twice_a_period_and_never_suspected)
{
    struct heartbeat h = started(0);
    uint32_t asked = 0;
    for (uint64_t now = 0; now <= 100 * PERIOD; now++) {
        enum heartbeat_verdict verdict = heartbeat_look(&h, now);
        assert_int_not_equal(verdict, HEARTBEAT_HANGS);
        if (verdict != HEARTBEAT_ASK) continue;
        asked++;
        heartbeat_answered(&h);
    }
    assert_int_equal(asked, 200);
}

TEST(wherever_a_hang_begins_it_is_found_within_two_periods)
{
    for (uint64_t begin = 0; begin < 3 * PERIOD; begin += 7) {
        struct heartbeat h = started(0);
        uint64_t found = 0;
        for (uint64_t now = 0; !found; now++) {
            enum heartbeat_verdict verdict = heartbeat_look(&h, now);
            if (verdict == HEARTBEAT_ASK && now < begin) heartbeat_answered(&h);
            if (verdict == HEARTBEAT_HANGS) found = now;
        }
        assert_true(found > begin && found - begin <= 2 * PERIOD);
    }
}

TEST(an_answer_just_within_the_period_is_good)
{
    struct heartbeat h = started(0);
    for (uint64_t now = 0, asked = 0; now <= 50 * PERIOD; now++) {
        enum heartbeat_verdict verdict = heartbeat_look(&h, now);
        assert_int_not_equal(verdict, HEARTBEAT_HANGS);
        if (verdict == HEARTBEAT_ASK) asked = now;
        if (h.asked && now == asked + PERIOD - 1) heartbeat_answered(&h);
    }
}

TEST(a_machine_that_stood_still_is_no_reason_to_suspect_anybody)
{
    struct heartbeat h = started(0);
    assert_int_equal(heartbeat_look(&h, PERIOD / 2), HEARTBEAT_ASK);
    assert_int_equal(heartbeat_look(&h, 1000 * PERIOD), HEARTBEAT_NOTHING);
    heartbeat_answered(&h);
    assert_int_equal(heartbeat_look(&h, 1000 * PERIOD + PERIOD / 2), HEARTBEAT_ASK);
}

TEST(without_a_period_nobody_asks)
{
    struct heartbeat h = {0};
    heartbeat_start(&h, 5);
    assert_int_equal(h.due, FOREVER);
    assert_int_equal(heartbeat_look(&h, FOREVER), HEARTBEAT_NOTHING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_server_that_answers_is_asked_twice_a_period_and_never_suspected),
        cmocka_unit_test(wherever_a_hang_begins_it_is_found_within_two_periods),
        cmocka_unit_test(an_answer_just_within_the_period_is_good),
        cmocka_unit_test(a_machine_that_stood_still_is_no_reason_to_suspect_anybody),
        cmocka_unit_test(without_a_period_nobody_asks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
