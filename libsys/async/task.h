// SPDX-License-Identifier: MIT
// How a task is written. Its function begins with TASK_BEGIN and ends with TASK_END; in between it may wait:
//
//     static enum poll blink(struct task *t)
//     {
//         struct blink *my = TASK_OWN_AS(t, struct blink);
//         TASK_BEGIN(t);
//         for (; my->times > 0; my->times--) {
//             printf("*");
//             TASK_SLEEP(t, 100 * NS_PER_MS);
//         }
//         TASK_END(t);
//     }
//
// A wait returns from the function, and the next poll jumps to where it was. So local variables do not outlive a wait:
// what must, lies in t->own. No wait inside a switch of the function's own, and one wait a line.
#pragma once

#include "libsys/async/executor.h"

#define TASK_BEGIN(T) \
    switch ((T)->step) { \
    case 0:

// What the task was asked for stands in (T)->value.
#define TASK_END(T) \
    } \
    return POLL_DONE

// Lets the others run.
#define TASK_YIELD(T) \
    do { \
        (T)->step = __LINE__; \
        return POLL_AGAIN; \
    case __LINE__:; \
    } while (0)

// Waits until READY is true. READY is asked again at each poll, and whenever it is false it has registered the task where
// it will be woken: task_time, task_bits, task_joined, channel_send, channel_receive, keys_next, or several with ||.
#define TASK_AWAIT(T, READY) \
    do { \
        (T)->step = __LINE__; \
        __attribute__((fallthrough)); \
    case __LINE__: \
        if (!(READY)) return POLL_PENDING; \
        task_forget(T); \
    } while (0)

#define TASK_SLEEP(T, NS) \
    do { \
        (T)->until = (T)->executor->now() + (NS); \
        TASK_AWAIT(T, task_time(T, (T)->until)); \
    } while (0)

// The task's own variables.
#define TASK_OWN_AS(T, TYPE) \
    ((TYPE *)__extension__({ \
        _Static_assert(sizeof(TYPE) <= TASK_OWN, "what a task remembers has TASK_OWN bytes"); \
        (void *)(T)->own; \
    }))
