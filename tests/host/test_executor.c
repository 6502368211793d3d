// SPDX-License-Identifier: MIT
// The executor of libsys/async: turns, numbers, timers, joins, ends, and the next life of its process.
// sources: libsys/async/executor.c common/mem.c
#include "tests/host/executor_fixture.h"

// --- simple tasks

static char trace[256];

static void note(char c)
{
    size_t length = strlen(trace);
    if (length < sizeof trace - 1) trace[length] = c, trace[length + 1] = '\0';
}

static enum poll thrice(struct task *t)
{
    TASK_BEGIN(t);
    for (; t->own[0] < 3; t->own[0]++) {
        note((char)('a' + (t->id & 0xff) - 1));
        TASK_YIELD(t);
    }
    t->value = t->id;
    TASK_END(t);
}

static const struct task_kind thrice_kind = {.name = "thrice", .poll = thrice};

static enum poll waits_for_bit(struct task *t)
{
    uint64_t got;
    TASK_BEGIN(t);
    TASK_AWAIT(t, task_bits(t, 1, &got));
    t->value = got;
    TASK_END(t);
}

static const struct task_kind bit_kind = {.name = "bit", .poll = waits_for_bit};

static enum poll sleeps(struct task *t)
{
    TASK_BEGIN(t);
    TASK_SLEEP(t, t->own[0]);
    t->value = t->executor->now();
    TASK_END(t);
}

static const struct task_kind sleep_kind = {.name = "sleep", .poll = sleeps};

TEST(tasks_take_turns_in_the_order_in_which_they_were_started)
{
    begin();
    trace[0] = '\0';
    for (int i = 0; i < 3; i++)
        spawn(&thrice_kind);
    run_until_quiet();
    assert_string_equal(trace, "abcabcabc");
    assert_int_equal(e.alive, 0);
    assert_true(e.deadline == FOREVER);
}

static enum poll never_tires(struct task *t)
{
    TASK_BEGIN(t);
    for (;;)
        TASK_YIELD(t);
    TASK_END(t);
}

static const struct task_kind tireless_kind = {.name = "tireless", .poll = never_tires};

TEST(a_turn_ends_after_its_polls_although_tasks_are_ready)
{
    begin();
    spawn(&tireless_kind);
    spawn(&tireless_kind);
    executor_turn(&e);
    assert_int_equal(e.polls, POLLS_PER_TURN);
    assert_int_equal(e.deadline, 0); // and goes on as soon as messages have been looked for
    e.pause = 500;
    executor_turn(&e);
    assert_int_equal(e.deadline, the_time + 500);
}

TEST(a_table_that_is_full_refuses_one_more_and_has_room_again_when_one_ends)
{
    begin();
    uint64_t first = spawn(&bit_kind);
    for (uint32_t i = 1; i < PLACES; i++)
        spawn(&bit_kind);
    assert_int_equal(executor_spawn(&e, &bit_kind, NULL, 0, NULL), ERR_FULL);
    assert_int_equal(executor_cancel(&e, first), OK);
    assert_int_equal(executor_spawn(&e, &bit_kind, NULL, 0, NULL), OK);
    static const char large[TASK_OWN + 1];
    assert_int_equal(executor_spawn(&e, &bit_kind, large, sizeof large, NULL), ERR_TOO_LONG);
}

TEST(the_number_of_a_task_that_ended_names_nobody_else)
{
    begin();
    uint64_t old = spawn(&thrice_kind);
    run_until_quiet();
    assert_int_equal(executor_find(&e, old)->state, TASK_DONE); // its result can still be asked for
    assert_int_equal(executor_cancel(&e, old), ERR_NOT_FOUND);
    uint64_t ids[PLACES];
    for (uint32_t i = 0; i < PLACES; i++)
        ids[i] = spawn(&bit_kind);
    assert_null(executor_find(&e, old));
    for (uint32_t i = 0; i < PLACES; i++)
        assert_true(ids[i] != old);
    run_until_quiet();
    executor_wake(&e, old);
    assert_null(e.ready.first);
    for (uint64_t id = 0; id < 0x300; id++) {
        struct task *t = executor_find(&e, id);
        assert_true(t == NULL || t->id == id);
    }
}

TEST(ten_thousand_tasks_leave_nothing_behind)
{
    begin();
    uint64_t started = 0;
    while (started < 10000 || e.alive > 0) {
        while (started < 10000 &&
               executor_spawn(&e, started % 3 == 0 ? &sleep_kind : &thrice_kind, NULL, 0, NULL) == OK)
            started++;
        executor_turn(&e);
        the_time++;
    }
    assert_int_equal(e.spawned, 10000);
    assert_int_equal(e.ended, 10000);
    assert_null(e.ready.first);
    assert_null(e.on_bits.first);
    assert_null(e.timers);
    uint32_t free_places = 0;
    for (struct task *t = e.free.first; t != NULL; t = t->next)
        free_places++;
    assert_int_equal(free_places, PLACES);
}

TEST(timers_wake_in_the_order_of_their_times_and_none_early)
{
    begin();
    const uint64_t lengths[] = {50, 10, 30, 10, 40};
    uint64_t ids[COUNT(lengths)];
    for (size_t i = 0; i < COUNT(lengths); i++)
        assert_int_equal(executor_spawn(&e, &sleep_kind, &lengths[i], sizeof lengths[i], &ids[i]), OK);
    executor_turn(&e);
    assert_true(e.deadline == 1010);
    executor_turn(&e); // called too early: nothing happens
    assert_int_equal(e.alive, 5);
    while (e.deadline != FOREVER) {
        the_time = e.deadline > the_time ? e.deadline : the_time;
        executor_turn(&e);
    }
    for (size_t i = 0; i < COUNT(lengths); i++)
        assert_true(executor_find(&e, ids[i])->value == 1000 + lengths[i]);
}

// --- join and cancel

static struct task_result told;

static enum poll joins(struct task *t)
{
    TASK_BEGIN(t);
    TASK_AWAIT(t, task_joined(t, t->own[0], &told));
    TASK_END(t);
}

static const struct task_kind join_kind = {.name = "join", .poll = joins};

static struct task_result join_result(uint64_t id)
{
    assert_int_equal(executor_spawn(&e, &join_kind, &id, sizeof id, NULL), OK);
    run_until_quiet();
    return told;
}

TEST(a_join_tells_how_the_other_ended_before_and_after_its_end)
{
    begin();
    told = (struct task_result){ERR_BUSY, 0};
    uint64_t waits = spawn(&bit_kind);
    assert_int_equal(join_result(waits).error, ERR_BUSY); // waits
    executor_notified(&e, 3);
    run_until_quiet();
    assert_int_equal(told.error, OK);
    assert_int_equal(told.value, 1);
    assert_int_equal(e.bits, 2); // the other bit is still there
    assert_int_equal(join_result(waits).value, 1);

    uint64_t cancelled = spawn(&bit_kind);
    join_result(cancelled);
    assert_int_equal(executor_cancel(&e, cancelled), OK);
    run_until_quiet();
    assert_int_equal(told.error, ERR_GONE);
    assert_int_equal(join_result(cancelled).error, ERR_GONE);
    assert_int_equal(join_result(12345 << 8 | 1).error, ERR_NOT_FOUND);
    assert_int_equal(e.alive, 0);
}

TEST(a_joiner_learns_the_result_although_the_place_is_used_again_first)
{
    begin();
    uint64_t waits = spawn(&bit_kind);
    join_result(waits);
    executor_notified(&e, 1);
    // The other ends in this poll; its joiner is ready, and everything else in the table is used up before it runs.
    executor_cancel(&e, waits);
    while (executor_spawn(&e, &bit_kind, NULL, 0, NULL) == OK)
        ;
    assert_null(executor_find(&e, waits));
    executor_turn(&e);
    assert_int_equal(told.error, ERR_GONE);
}

static uint32_t cleanups;

static void cleanup(struct task *t) { cleanups++; }

static enum poll cancels_itself(struct task *t)
{
    executor_cancel(t->executor, t->id);
    return POLL_AGAIN;
}

TEST(every_end_cleans_up_once)
{
    static const struct task_kind kinds[] = {
        {"thrice", thrice, cleanup}, {"bit", waits_for_bit, cleanup}, {"self", cancels_itself, cleanup}};
    begin();
    cleanups = 0;
    spawn(&kinds[0]);
    uint64_t waits = spawn(&kinds[1]), itself = spawn(&kinds[2]);
    run_until_quiet();
    assert_int_equal(cleanups, 2);
    assert_int_equal(executor_find(&e, itself)->state, TASK_CANCELLED);
    executor_cancel(&e, waits);
    assert_int_equal(cleanups, 3);
    assert_int_equal(executor_cancel(&e, waits), ERR_NOT_FOUND);
    assert_int_equal(cleanups, 3);
    assert_null(e.on_bits.first);
}

// --- the next life

static bool is_known(const struct task_kind *kind)
{
    return kind == &bit_kind || kind == &sleep_kind || kind == &thrice_kind;
}

// A process that dies in the midst of a poll leaves its memory as it is at that instant.
static struct executor left_executor;
static struct task left_tasks[PLACES];

static enum poll dies(struct task *t)
{
    left_executor = e;
    memcpy(left_tasks, tasks, sizeof tasks);
    left_tasks[(t->id & 0xff) - 1].kind = &thrice_kind;
    return POLL_DONE;
}

static const struct task_kind dies_kind = {.name = "dies", .poll = dies};

TEST(the_next_life_ends_the_task_that_ran_and_the_others_go_on)
{
    begin();
    uint64_t waits = spawn(&bit_kind), ended = spawn(&thrice_kind), length = 100, sleeper, culprit = 0;
    run_until_quiet();
    assert_int_equal(executor_spawn(&e, &sleep_kind, &length, sizeof length, &sleeper), OK);
    executor_turn(&e);
    uint64_t dead = spawn(&dies_kind);
    executor_turn(&e);

    e = left_executor;
    memcpy(tasks, left_tasks, sizeof tasks);
    assert_true(executor_resume(&e, tasks, PLACES, now, is_known, &culprit));
    assert_int_equal(culprit, dead);
    assert_int_equal(e.alive, 2);
    assert_int_equal(executor_find(&e, dead)->state, TASK_CANCELLED);
    assert_int_equal(join_result(ended).value, ended);
    executor_notified(&e, 1);
    run_until_quiet();
    assert_int_equal(executor_find(&e, waits)->state, TASK_DONE);
    assert_int_equal(executor_find(&e, sleeper)->state, TASK_WAITING);
    the_time += 100;
    executor_turn(&e);
    assert_int_equal(executor_find(&e, sleeper)->value, 1100);
    assert_int_equal(e.alive, 0);
}

TEST(the_next_life_believes_no_broken_table)
{
    begin();
    spawn(&bit_kind);
    run_until_quiet();
    uint64_t culprit;
    const struct task good = tasks[0];
    tasks[0].kind = &dies_kind;
    assert_false(executor_resume(&e, tasks, PLACES, now, is_known, &culprit));
    tasks[0] = good;
    tasks[0].id++;
    assert_false(executor_resume(&e, tasks, PLACES, now, is_known, &culprit));
    tasks[0] = good;
    tasks[0].state = (enum task_state)77;
    assert_false(executor_resume(&e, tasks, PLACES, now, is_known, &culprit));
    tasks[0] = good;
    assert_false(executor_resume(&e, tasks, PLACES - 1, now, is_known, &culprit));
    assert_true(executor_resume(&e, tasks, PLACES, now, is_known, &culprit));
    assert_int_equal(culprit, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tasks_take_turns_in_the_order_in_which_they_were_started),
        cmocka_unit_test(a_turn_ends_after_its_polls_although_tasks_are_ready),
        cmocka_unit_test(a_table_that_is_full_refuses_one_more_and_has_room_again_when_one_ends),
        cmocka_unit_test(the_number_of_a_task_that_ended_names_nobody_else),
        cmocka_unit_test(ten_thousand_tasks_leave_nothing_behind),
        cmocka_unit_test(timers_wake_in_the_order_of_their_times_and_none_early),
        cmocka_unit_test(a_join_tells_how_the_other_ended_before_and_after_its_end),
        cmocka_unit_test(a_joiner_learns_the_result_although_the_place_is_used_again_first),
        cmocka_unit_test(every_end_cleans_up_once),
        cmocka_unit_test(the_next_life_ends_the_task_that_ran_and_the_others_go_on),
        cmocka_unit_test(the_next_life_believes_no_broken_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
