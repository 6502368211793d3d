// SPDX-License-Identifier: MIT
// A channel: numbers from tasks to tasks of one executor, in order, at most `places` at a time.
#pragma once

#include "libsys/async/executor.h"

struct channel {
    uint64_t *items;
    uint32_t places, first, count;
    bool closed;
    struct task_queue senders, receivers;
};

// items: room for `places` numbers, the caller's.
void channel_start(struct channel *c, uint64_t *items, uint32_t places);

// True: it is in the channel (*error OK), or the channel is closed (ERR_GONE). False: it is full, and the task will be
// woken when there may be room.
bool channel_send(struct channel *c, struct task *t, uint64_t item, err_t *error);

// True: *item is the oldest (*error OK), or the channel is closed and empty (ERR_GONE). False: the task will be woken when
// there may be one.
bool channel_receive(struct channel *c, struct task *t, uint64_t *item, err_t *error);

// What is in it can still be received. Everybody who waits is woken.
void channel_close(struct channel *c);
