// SPDX-License-Identifier: MIT
// Who runs next. Priorities are strict; threads of one priority take turns, a time slice each.
#pragma once

#include "kernel/thread.h"

extern struct link ready_queues[PRIORITIES];
extern uint64_t ready_bitmap; // bit p: a thread of priority p is queued; idle's bit is always set
extern struct thread idle;

static inline void scheduler_enqueue(struct thread *t, bool in_front)
{
    struct link *queue = &ready_queues[t->priority];
    list_insert_before(in_front ? queue->next : queue, &t->link);
    ready_bitmap |= BIT(t->priority);
}

// t, which is in no queue, runs at once if its priority is above the current thread's, otherwise it queues.
static inline void scheduler_start(struct thread *t, bool in_front)
{
    t->state = THREAD_READY;
    if (t->priority > current->priority) {
        if (current != &idle) scheduler_enqueue(current, true);
        current = t;
    } else {
        scheduler_enqueue(t, in_front);
    }
}

// Makes a thread ready.
void scheduler_ready_slowly(struct thread *t);
static inline void scheduler_ready(struct thread *t)
{
    if (t->flags & (THREAD_EXPIRED | THREAD_SUSPENDED))
        scheduler_ready_slowly(t);
    else
        scheduler_start(t, false);
}

// A call of t's has returned: it goes on where it was, before others of its priority, unless its time slice ran out.
void scheduler_return(struct thread *t);

// The same, and the current thread stops running: t runs instead unless somebody else is to go first.
void scheduler_return_to(struct thread *t);

// The current thread stops running; t, which must not be queued, runs instead unless somebody of higher priority waits.
void scheduler_switch(struct thread *t);

// The current thread stops running; the best of the queues runs next.
void scheduler_next(void);

// Takes a thread that is ready or current out of the schedule.
void scheduler_remove(struct thread *t);

// A clock tick of `ns`: charges the root of the current call chain, and ends its turn when others wait for theirs.
void scheduler_tick(uint64_t ns);

void scheduler_init(void);
