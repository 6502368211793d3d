// SPDX-License-Identifier: MIT
// The kernel's deadlines against a plain list of them, with instants near, far and the same.
// sources: kernel/wheel.c
#include "tests/host/test.h"

#include "abi/syscall.h"
#include "kernel/wheel.h"

#define ALARMS 200
#define GRAIN 1024
#define STEPS_EACH 10 // at most: one wheel further down each time, and out

static struct alarm alarms[ALARMS];
static uint64_t now, set; // how many are set

static void begin(void)
{
    static bool made;
    struct alarm *due;
    for (size_t i = 0; made && i < ALARMS; i++)
        if (alarms[i].deadline != FOREVER) wheel_remove(&alarms[i]);
    if (!made) wheel_init();
    for (size_t i = 0; i < ALARMS; i++) {
        list_init(&alarms[i].link);
        alarms[i].deadline = FOREVER;
    }
    made = true;
    set = 0;
    assert_int_equal(wheel_next(), FOREVER);
    assert_false(wheel_step(now, &due));
}

static void add(struct alarm *a, uint64_t deadline)
{
    a->deadline = deadline;
    wheel_add(a);
    set++;
}

static void cancel(struct alarm *a)
{
    wheel_remove(a);
    a->deadline = FOREVER;
    set--;
}

static uint64_t earliest(void)
{
    uint64_t first = FOREVER;
    for (size_t i = 0; i < ALARMS; i++)
        if (alarms[i].deadline < first) first = alarms[i].deadline;
    return first;
}

// Takes everything that is due; each alarm's deadline is looked up before it is forgotten.
static void drain(void)
{
    uint64_t deadlines[ALARMS];
    struct alarm *due;
    for (size_t i = 0; i < ALARMS; i++)
        deadlines[i] = alarms[i].deadline;
    for (uint64_t steps = 0, most = (set + 1) * STEPS_EACH; wheel_step(now, &due); steps++) {
        assert_true(steps < most);
        if (!due) continue;
        assert_int_equal(due->deadline, FOREVER);
        assert_true(deadlines[due - alarms] <= now); // never early
        set--;
    }
    assert_true(earliest() >= now || earliest() + GRAIN > now); // and late by less than a grain
    assert_true(wheel_next() > now);
}

TEST(an_alarm_comes_due_after_its_deadline_and_within_a_grain)
{
    begin();
    const uint64_t far[] = {0, 1, 1023, 1024, 65535, 65536, 1000000, 25000000, 10000000000, 1ull << 50};
    for (size_t i = 0; i < COUNT(far); i++) {
        uint64_t deadline = now + far[i];
        struct alarm *due = NULL;
        add(&alarms[0], deadline);
        for (int steps = 0; !due; steps++) {
            assert_true(steps < 2 * STEPS_EACH);
            uint64_t next = wheel_next();
            assert_true(next <= deadline + GRAIN);
            if (next > now) now = next;
            (void)!wheel_step(now, &due);
        }
        assert_ptr_equal(due, &alarms[0]);
        assert_true(now >= deadline && now <= deadline + GRAIN);
        set--;
    }
}

TEST(the_past_and_the_end_of_time_are_instants_too)
{
    begin();
    struct alarm *due;
    add(&alarms[0], 0);
    add(&alarms[1], FOREVER - 1);
    now += GRAIN;
    assert_true(wheel_step(now, &due));
    assert_ptr_equal(due, &alarms[0]);
    assert_false(wheel_step(now, &due));
    assert_true(wheel_next() > now);
    cancel(&alarms[1]);
    assert_int_equal(wheel_next(), FOREVER);
}

TEST(a_cancelled_alarm_leaves_no_instant_behind)
{
    begin();
    add(&alarms[0], now + 5 * GRAIN);
    add(&alarms[1], now + 90000 * GRAIN);
    cancel(&alarms[0]);
    assert_true(wheel_next() > now + 5 * GRAIN);
    cancel(&alarms[1]);
    assert_int_equal(wheel_next(), FOREVER);
}

TEST(one_step_moves_one_alarm_and_those_in_between_can_be_cancelled)
{
    begin();
    struct alarm *due;
    uint64_t deadline = now + 100000000;
    for (size_t i = 0; i < ALARMS; i++)
        add(&alarms[i], deadline);
    now = deadline + GRAIN;
    for (size_t i = 0; i < ALARMS / 2; i++)
        assert_true(wheel_step(now, &due));
    for (size_t i = 0; i < ALARMS; i += 2)
        if (alarms[i].deadline != FOREVER) cancel(&alarms[i]);
    drain();
    assert_int_equal(set, 0);
    assert_int_equal(wheel_next(), FOREVER);
}

TEST(random_alarms_come_due_like_those_of_a_list)
{
    begin();
    for (int round = 0; round < 200000; round++) {
        struct alarm *a = &alarms[random_below(ALARMS)];
        if (a->deadline != FOREVER)
            cancel(a);
        else
            add(a, now + (random_number() >> (20 + random_below(44))));
        if (random_below(4) != 0) continue;
        uint64_t next = wheel_next(), jump = random_number() >> (30 + random_below(34));
        now = random_below(2) && next != FOREVER && next > now ? next : now + jump;
        if (random_below(3))
            drain();
        else
            for (struct alarm *due = NULL; random_below(3) && wheel_step(now, &due);)
                set -= due != NULL;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_alarm_comes_due_after_its_deadline_and_within_a_grain),
        cmocka_unit_test(the_past_and_the_end_of_time_are_instants_too),
        cmocka_unit_test(a_cancelled_alarm_leaves_no_instant_behind),
        cmocka_unit_test(one_step_moves_one_alarm_and_those_in_between_can_be_cancelled),
        cmocka_unit_test(random_alarms_come_due_like_those_of_a_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
