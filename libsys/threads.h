// SPDX-License-Identifier: MIT
// Threads of one process, sharing its memory; a mutex and a condition variable for them. The process holds its own process
// capability, by grants = ["threads"] in its entry: thread and endpoint are paid for by its pool, stack and message page
// count against its quota. What a thread does not resolve of its faults ends the process.
//
// malloc, free and their relatives may be called by all threads once there is a second one; printf and IPC may be called
// by all anyway, since each has its own message page. A thread sleeps on an endpoint of its own.
#pragma once

#include <stdatomic.h>

#include "libsys/page.h"
#include "libsys/syscall.h"

#define THREAD_STACK_PAGES 16 // for who has no wish of his own
#define THREAD_STACK_MAX 255

// The calling thread's number: 0 the first, otherwise that which thread_spawn gave.
uint32_t thread_number(void);

// Starts a thread in function(argument) and says its number, at most USER_THREADS, which is its own until it is joined.
// stack_pages: from 1 on; below them lies a guard page. priority: at most the first thread's; 0: the same. ERR_RANGE, and
// on any error nothing has changed: ERR_NO_CAP (no process capability), ERR_FULL (as many threads as there can be),
// ERR_QUOTA, ERR_NO_MEMORY, ERR_POOL_EMPTY.
must_use err_t thread_spawn(uint32_t *number, void (*function)(void *), void *argument, uint32_t stack_pages,
                            uint32_t priority);

// Waits until that thread's function has returned, and takes the thread apart. One thread joins each. ERR_NOT_FOUND: there
// is none of that number, or it is one's own or the first.
must_use err_t thread_join(uint32_t number);

// --- a mutex: its owner hands it over in the order in which the others came. {0} is one that nobody holds.

struct mutex_waiter {
    struct mutex_waiter *next;
    uint32_t thread;
    atomic_bool granted;
};

struct mutex {
    _Atomic uintptr_t word; // 0: free. Otherwise bit 0, and the newest of those who wait since the owner last looked
    struct mutex_waiter *queue; // the owner's: who waits, in order
};

void mutex_lock(struct mutex *m);
bool mutex_try_lock(struct mutex *m); // false: somebody holds it
void mutex_unlock(struct mutex *m);   // by who holds it

// --- a condition variable: {0}. All three are called by who holds the mutex.

struct condition {
    struct mutex_waiter *first, *last;
};

// Gives the mutex up, waits for a signal, takes the mutex again. There are no wake-ups without a signal, but others may
// have had the mutex in between: test in a loop. OK, or ERR_TIMEOUT when the deadline (ns since boot, or FOREVER) passed.
err_t condition_wait(struct condition *c, struct mutex *m, uint64_t deadline);
void condition_signal(struct condition *c);    // who has waited longest
void condition_broadcast(struct condition *c); // all
