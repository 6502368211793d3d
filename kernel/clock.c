// SPDX-License-Identifier: MIT
#include "kernel/clock.h"

#include "kernel/endpoint.h"
#include "kernel/ipc.h"
#include "kernel/scheduler.h"
#include "kernel/syscall.h"
#include "kernel/x86/pit.h"

#define SLICE 10000000ull      // ns: the longest time between two ticks while a thread runs
#define IDLE_SLICE 25000000ull // ns: and while none does; the PIT's counters wrap after 54.9 ms
#define WAKE_AT_ONCE 32

struct frame clock_frame = {.stamp = (uint64_t)TYPE_CLOCK << 8};

static uint64_t ticks, last_tick; // of the PIT since boot; ns at the last interrupt
static uint64_t tick_due;         // ns: when the running thread's turn ends
static uint16_t last_count;
static struct link deadlines; // in ascending order

uint64_t clock_now(void)
{
    uint16_t count = pit_counter();
    ticks += (uint16_t)(last_count - count);
    last_count = count;
    return pit_to_ns(ticks);
}

static struct thread *first_deadline(void)
{
    return list_empty(&deadlines) ? NULL : container_of(deadlines.next, struct thread, deadline_link);
}

// A deadline brings the next tick forward and never puts it off: whoever arms often would keep the others waiting.
static void set_timer(uint64_t now)
{
    struct thread *first = first_deadline();
    uint64_t until = first && first->deadline < tick_due ? first->deadline : tick_due;
    pit_set_timer(until > now ? until - now : 0);
}

void clock_init(void)
{
    list_init(&deadlines);
    pit_init();
    last_count = pit_counter();
    clock_tick();
}

void clock_arm(struct thread *t, uint64_t deadline)
{
    t->deadline = deadline;
    if (deadline == FOREVER) return;
    struct link *place = deadlines.previous;
    while (place != &deadlines && container_of(place, struct thread, deadline_link)->deadline > deadline)
        place = place->previous;
    list_insert_before(place->next, &t->deadline_link);
    if (first_deadline() == t) set_timer(clock_now());
}

void clock_disarm(struct thread *t)
{
    if (t->deadline == FOREVER) return;
    t->deadline = FOREVER;
    list_remove(&t->deadline_link);
}

void clock_tick(void)
{
    uint64_t now = clock_now();
    scheduler_tick(now - last_tick);
    last_tick = now;
    struct thread *t;
    for (int i = 0; i < WAKE_AT_ONCE && (t = first_deadline()) && t->deadline <= now; i++) {
        endpoint_remove(t->endpoint, t);
        ipc_fail(t, ERR_TIMEOUT);
    }
    tick_due = now + (current == &idle ? IDLE_SLICE : SLICE);
    set_timer(now);
}

err_t sys_clock_read(struct thread *t)
{
    struct capability *c;
    TRY(capability_find(t->process, t->slot, TYPE_CLOCK, 0, &c));
    t->words[0] = clock_now();
    return OK;
}
