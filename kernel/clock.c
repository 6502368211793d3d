// SPDX-License-Identifier: MIT
#include "kernel/clock.h"

#include "kernel/endpoint.h"
#include "kernel/fault.h"
#include "kernel/ipc.h"
#include "kernel/scheduler.h"
#include "kernel/syscall.h"
#include "kernel/x86/pit.h"

#define SLICE 10000000ull      // ns: the longest time between two ticks while a thread runs
#define IDLE_SLICE 25000000ull // ns: and while none does; the PIT's counters wrap after 54.9 ms
#define STEPS_AT_ONCE 16       // alarms in one interrupt; the timer is set for at once when there are more

struct frame clock_frame = {.stamp = (uint64_t)TYPE_CLOCK << 8};

static uint64_t ticks, last_tick; // of the PIT since boot; ns at the last interrupt
static uint64_t tick_due;         // ns: when the running thread's turn ends
static uint16_t last_count;
static uint64_t timer_due; // ns: when the timer interrupts

uint64_t clock_now(void)
{
    uint16_t count = pit_counter();
    ticks += (uint16_t)(last_count - count);
    last_count = count;
    return pit_to_ns(ticks);
}

// A deadline brings the next tick forward and never puts it off: whoever arms often would keep the others waiting.
static void set_timer(uint64_t now)
{
    uint64_t alarm = wheel_next();
    timer_due = alarm < tick_due ? alarm : tick_due;
    pit_set_timer(timer_due > now ? timer_due - now : 0);
}

void clock_soon(void)
{
    timer_due = 0;
    pit_set_timer(0);
}

void clock_init(void)
{
    wheel_init();
    pit_init();
    last_count = pit_counter();
    clock_tick();
}

void clock_arm(struct thread *t, uint64_t deadline)
{
    t->alarm.deadline = deadline;
    if (deadline == FOREVER) return;
    thread_choose_limits(t);
    wheel_add(&t->alarm);
    if (deadline < timer_due) set_timer(clock_now());
}

void clock_cancel(struct thread *t)
{
    t->alarm.deadline = FOREVER;
    thread_choose_limits(t);
    wheel_remove(&t->alarm);
}

void clock_tick(void)
{
    uint64_t now = clock_now();
    scheduler_tick(now - last_tick);
    last_tick = now;
    struct alarm *due;
    for (int i = 0; i < STEPS_AT_ONCE && wheel_step(now, &due); i++) {
        if (!due) continue;
        struct thread *t = container_of(due, struct thread, alarm);
        thread_choose_limits(t);
        endpoint_remove(frame_object(t->endpoint), t);
        ipc_fail(t, ERR_TIMEOUT);
    }
    bool more = fault_next_orphan();
    tick_due = now + (current == &idle ? IDLE_SLICE : SLICE);
    set_timer(now);
    if (more) clock_soon();
}

err_t sys_clock_read(struct thread *t)
{
    struct capability *c;
    TRY(capability_find(t->process, t->slot, TYPE_CLOCK, 0, &c));
    t->words[0] = clock_now();
    return OK;
}
