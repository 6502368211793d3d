// SPDX-License-Identifier: MIT
// Endpoints: a queue of senders, waiting receivers, and 64 notification bits. Receiving is not a right but a property:
// an endpoint names one receiving process, chosen by its manager.
#pragma once

#include "abi/errors.h"
#include "kernel/frame.h"
#include "kernel/list.h"

struct thread;

struct endpoint {
    uint8_t others_lines[128]; // of a cache: of threads, whose frames fall into the same sets
    // The thread that waits to receive, one at a time; &nobody: nothing waits; &pending: senders or bits wait, and nobody
    // receives. The two stand-ins have a limit of 0, so the fast path takes neither for a receiver.
    struct thread *waiter;
    struct link senders;
    uint64_t bits;
    struct frame *receiver; // the process that receives, with its stamp: a recycled frame is not it
    uint64_t receiver_stamp;
};

extern struct thread nobody, pending;

static inline bool endpoint_has_receiver(const struct endpoint *e)
{
    return e->waiter != &nobody && e->waiter != &pending;
}

// Takes the waiting receiver; NULL if nobody waits.
static inline struct thread *endpoint_take_receiver(struct endpoint *e)
{
    if (!endpoint_has_receiver(e)) return NULL;
    struct thread *t = e->waiter;
    e->waiter = &nobody;
    return t;
}

// Removes a thread that waits to send or to receive there.
void endpoint_remove(struct endpoint *e, struct thread *t);

void endpoint_add_sender(struct endpoint *e, struct thread *t);
struct thread *endpoint_take_sender(struct endpoint *e);

// Sets notification bits, at least one; wakes a waiting receiver.
void endpoint_signal(struct endpoint *e, uint64_t bits);
uint64_t endpoint_take_bits(struct endpoint *e);

// Who waits on an endpoint that has ended gets an error, a few at a time. True when nobody is left.
must_use bool endpoint_release(struct endpoint *e);

struct endpoint *endpoint_make(struct frame *f, struct frame *receiver);
