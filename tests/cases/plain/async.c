// SPDX-License-Identifier: MIT
// The cooperative runtime in a process of its own: what wakes a task, and that the process sleeps in between. Its pure
// parts are tested on the host too (tests/host/test_executor.c).
#include "libsys/async/channel.h"
#include "libsys/async/run.h"
#include "libsys/async/task.h"
#include "libsys/stdlib.h"
#include "tests/cases/case.h"

#define PLACES 8

static struct executor executor;
static struct task tasks[PLACES];
static struct channel channel;
static uint64_t items[2];
static char order[64];
static size_t order_length;

static void start(void) { executor_start(&executor, tasks, PLACES, clock_now); }

static uint64_t spawn(const struct task_kind *kind, uint64_t word)
{
    uint64_t id = 0;
    CHECK_EQ(executor_spawn(&executor, kind, &word, sizeof word, &id), OK);
    return id;
}

static void run(void) { CHECK_EQ(async_run(&executor, case_self()), OK); }

static void note(char letter)
{
    if (order_length < sizeof order - 1) order[order_length++] = letter;
}

static enum poll number(struct task *t)
{
    t->value = 42;
    return POLL_DONE;
}
static const struct task_kind number_kind = {.name = "number", .poll = number};

TEST(a_task_has_a_result)
{
    start();
    uint64_t id = spawn(&number_kind, 0);
    run();
    struct task *task = executor_find(&executor, id);
    CHECK(task != NULL);
    CHECK_EQ(task->state, TASK_DONE);
    CHECK_EQ(task->value, 42);
    CHECK_EQ(task->polls, 1);
}

static enum poll letters(struct task *t)
{
    uint64_t *left = TASK_OWN_AS(t, uint64_t);
    TASK_BEGIN(t);
    while ((*left & 0xff) > 0) {
        note((char)(*left >> 8));
        --*left;
        TASK_YIELD(t);
    }
    TASK_END(t);
}
static const struct task_kind letters_kind = {.name = "letters", .poll = letters};

TEST(tasks_that_yield_take_turns)
{
    start();
    spawn(&letters_kind, 'a' << 8 | 3);
    spawn(&letters_kind, 'b' << 8 | 2);
    run();
    CHECK_TEXT(order, "ababa");
}

static enum poll sleeps(struct task *t)
{
    uint64_t *milliseconds = TASK_OWN_AS(t, uint64_t);
    TASK_BEGIN(t);
    TASK_SLEEP(t, *milliseconds * NS_PER_MS);
    note((char)('0' + *milliseconds));
    t->value = clock_now();
    TASK_END(t);
}
static const struct task_kind sleeps_kind = {.name = "sleeps", .poll = sleeps};

TEST(timers_wake_in_their_order_and_never_early)
{
    uint64_t began = clock_now(), ids[4];
    static const uint64_t times[] = {7, 2, 5, 3};
    start();
    for (size_t i = 0; i < 4; i++)
        ids[i] = spawn(&sleeps_kind, times[i]);
    run();
    CHECK_TEXT(order, "2357");
    for (size_t i = 0; i < 4; i++)
        CHECK(executor_find(&executor, ids[i])->value >= began + times[i] * NS_PER_MS);
    CHECK(clock_now() < began + 12 * NS_PER_MS);
}

TEST(while_all_tasks_wait_the_process_uses_no_time, .process = true)
{
    struct process_info before, after;
    start();
    spawn(&sleeps_kind, 100);
    CHECK_EQ(process_info(cap_named("process"), &before), OK);
    run();
    CHECK_EQ(process_info(cap_named("process"), &after), OK);
    CHECK(after.time - before.time < 5 * NS_PER_MS);
}

static enum poll sends(struct task *t)
{
    uint64_t *next = TASK_OWN_AS(t, uint64_t);
    static err_t error;
    TASK_BEGIN(t);
    while (*next < 10) {
        TASK_AWAIT(t, channel_send(&channel, t, *next, &error));
        note('s');
        ++*next;
    }
    channel_close(&channel);
    TASK_END(t);
}
static const struct task_kind sends_kind = {.name = "sends", .poll = sends};

static enum poll receives(struct task *t)
{
    static uint64_t item;
    static err_t error;
    TASK_BEGIN(t);
    for (;;) {
        TASK_AWAIT(t, channel_receive(&channel, t, &item, &error));
        if (error != OK) break;
        note('r');
        t->value = t->value * 10 + item;
    }
    TASK_END(t);
}
static const struct task_kind receives_kind = {.name = "receives", .poll = receives};

TEST(a_full_channel_stops_the_sender_and_order_is_kept)
{
    start();
    channel_start(&channel, items, 2);
    uint64_t receiver = spawn(&receives_kind, 0);
    spawn(&sends_kind, 0);
    run();
    CHECK_EQ(executor_find(&executor, receiver)->value, 123456789);
    size_t ahead = 0, most = 0;
    for (size_t i = 0; i < order_length; i++) {
        ahead = order[i] == 's' ? ahead + 1 : ahead - 1;
        most = ahead > most ? ahead : most;
    }
    CHECK_EQ(ahead, 0);
    CHECK(most <= 2);
}

static enum poll joins(struct task *t)
{
    uint64_t *other = TASK_OWN_AS(t, uint64_t);
    static struct task_result result;
    TASK_BEGIN(t);
    TASK_AWAIT(t, task_joined(t, *other, &result));
    t->value = result.error == OK ? result.value : 1000 + (uint64_t)result.error;
    TASK_END(t);
}
static const struct task_kind joins_kind = {.name = "joins", .poll = joins};

TEST(a_joiner_learns_the_result_or_the_cancellation)
{
    start();
    uint64_t one = spawn(&sleeps_kind, 3), joiner = spawn(&joins_kind, one);
    uint64_t two = spawn(&sleeps_kind, 50), told = spawn(&joins_kind, two), late = spawn(&joins_kind, 12345);
    executor_turn(&executor);
    CHECK_EQ(executor_cancel(&executor, two), OK);
    CHECK_EQ(executor_cancel(&executor, two), ERR_NOT_FOUND);
    run();
    CHECK_EQ(executor_find(&executor, joiner)->value, executor_find(&executor, one)->value);
    CHECK_EQ(executor_find(&executor, told)->value, 1000 + ERR_GONE);
    CHECK_EQ(executor_find(&executor, late)->value, 1000 + ERR_NOT_FOUND);
}

static enum poll waits_for_bits(struct task *t)
{
    uint64_t *mask = TASK_OWN_AS(t, uint64_t);
    static uint64_t got;
    TASK_BEGIN(t);
    TASK_AWAIT(t, task_bits(t, *mask, &got));
    t->value = got;
    TASK_END(t);
}
static const struct task_kind bits_kind = {.name = "bits", .poll = waits_for_bits};

PEER(rings)(uint64_t bits)
{
    CHECK_EQ(sleep_for(5 * NS_PER_MS), OK);
    CHECK_EQ(notify(case_endpoint(), bits), OK);
}

TEST(bits_from_another_process_wake_the_task_that_waits_for_them)
{
    start();
    uint64_t first = spawn(&bits_kind, 0x3), second = spawn(&bits_kind, 0xc);
    peer_start(rings, 0x4);
    peer_start(rings, 0x1);
    run();
    CHECK_EQ(executor_find(&executor, first)->value, 0x1);
    CHECK_EQ(executor_find(&executor, second)->value, 0x4);
}

TEST(places_run_out_and_come_back_with_new_numbers)
{
    uint64_t ids[PLACES], id;
    start();
    for (size_t i = 0; i < PLACES; i++)
        ids[i] = spawn(&number_kind, 0);
    CHECK_EQ(executor_spawn(&executor, &number_kind, NULL, 0, &id), ERR_FULL);
    run();
    id = spawn(&number_kind, 0);
    for (size_t i = 0; i < PLACES; i++)
        CHECK(ids[i] != id);
    run();
    CHECK_EQ(executor.ended, PLACES + 1);
    CHECK_EQ(executor.alive, 0);
}
