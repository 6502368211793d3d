// SPDX-License-Identifier: MIT
// `sweep N`: N times a task waits for a notification that another process sends a little later each time, by the timer's
// interrupt: before the task asks, between asking and sleeping, after the process fell asleep. Each must wake it. Then
// the same with the executor's own timers.
#include "abi/object.h"
#include "libsys/async/run.h"
#include "libsys/async/task.h"
#include "libsys/ipc.h"
#include "libsys/panic.h"
#include "libsys/slots.h"
#include "libsys/start.h"
#include "libsys/stdio.h"
#include "libsys/stdlib.h"
#include "libsys/time.h"

#define BELL BIT(3)
#define TOO_LATE (100 * NS_PER_MS)
#define SWEPT 6000u // ns: the way from the ringer's answer until the process sleeps lies in it

static struct executor executor;
static struct task tasks[1];

// Its result: whether the notification came; otherwise it woke by its time.
static enum poll waits_for_bell(struct task *t)
{
    TASK_BEGIN(t);
    t->until = t->executor->now() + TOO_LATE;
    TASK_AWAIT(t, task_bits(t, BELL, &t->value) || task_time(t, t->until));
    TASK_END(t);
}

static enum poll sleeps(struct task *t)
{
    TASK_BEGIN(t);
    TASK_SLEEP(t, t->own[0]);
    t->value = t->executor->now() >= t->until && t->executor->now() < t->until + TOO_LATE;
    TASK_END(t);
}

static bool run(const struct task_kind *kind, uint64_t own)
{
    executor_start(&executor, tasks, 1, clock_now);
    if (executor_spawn(&executor, kind, &own, sizeof own, NULL) != OK) panic("no place for a task");
    if (async_run(&executor, cap_named("self")) != OK) panic("nothing can be received");
    return tasks[0].value != 0;
}

static void ask_to_ring(cap_t bell, uint64_t at)
{
    struct message m = {.tag = TAG(0, 0, 0, 1), .words = {at}};
    message_page()->send_slots[0] = bell.slot;
    err_t error = ipc_call(cap_named("ringer"), &m);
    if (error != OK) panic("ringer does not answer: error %u", (unsigned)error);
}

int main(int argc, char **argv)
{
    static const struct task_kind bell_kind = {.name = "bell", .poll = waits_for_bell};
    static const struct task_kind sleep_kind = {.name = "sleep", .poll = sleeps};
    const unsigned times = argc > 1 ? (unsigned)atoi(argv[1]) : 100;
    const cap_t bell = slot_alloc();
    err_t error = cap_mint(cap_named("self"), NO_CAP, bell.slot, RIGHT_NOTIFY | RIGHT_GRANT, BELL);
    if (error != OK) panic("no bell: error %u", (unsigned)error);
    unsigned rung = 0, woken = 0;
    for (unsigned i = 0; i < times; i++) {
        ask_to_ring(bell, clock_now() + i % SWEPT);
        rung += run(&bell_kind, 0);
        woken += run(&sleep_kind, i % SWEPT);
    }
    printf("sweep: %u of %u rung, %u slept\n", rung, times, woken);
    return 0;
}
