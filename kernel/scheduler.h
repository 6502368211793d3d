// SPDX-License-Identifier: MIT
// Who runs next. Priorities are strict; threads of one priority take turns, a time slice each.
#pragma once

#include "abi/types.h"

struct thread;

// Makes a thread ready: it runs at once if its priority is above the current thread's, otherwise it queues.
void scheduler_ready(struct thread *t);

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

// The current thread queues behind the others of its priority.
void scheduler_yield(void);

// A clock tick of `ns`: charges the root of the current call chain, and ends its turn when others wait for theirs.
void scheduler_tick(uint64_t ns);

void scheduler_init(void);

extern struct thread idle;
extern uint64_t ready_bitmap; // bit p: a thread of priority p is queued; idle's bit is always set
