// SPDX-License-Identifier: MIT
// Time: nanoseconds since boot, and the threads that wait for a deadline.
#pragma once

#include "abi/errors.h"
#include "abi/types.h"
#include "kernel/thread.h"

extern struct frame clock_frame;

void clock_init(void);
uint64_t clock_now(void); // ns since boot

// t wakes with ERR_TIMEOUT from its receive when the deadline (ns since boot) has passed. FOREVER: never.
void clock_arm(struct thread *t, uint64_t deadline);
void clock_cancel(struct thread *t);
static inline void clock_disarm(struct thread *t)
{
    if (t->alarm.deadline != FOREVER) clock_cancel(t);
}

// The next interrupt comes at once: something was put off until then.
void clock_soon(void);

// The timer's interrupt.
void clock_tick(void);
