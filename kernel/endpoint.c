// SPDX-License-Identifier: MIT
#include "kernel/endpoint.h"

#include "kernel/clock.h"
#include "kernel/ipc.h"
#include "kernel/scheduler.h"
#include "kernel/syscall.h"
#include "kernel/thread.h"

#define RELEASE_AT_ONCE 24 // callers: what fits into one kernel entry

struct thread pending;

static void settle(struct endpoint *e)
{
    if (!endpoint_has_receiver(e)) e->waiter = e->bits != 0 || !list_empty(&e->senders) ? &pending : &nobody;
}

void endpoint_remove(struct endpoint *e, struct thread *t)
{
    if (e->waiter == t)
        e->waiter = &nobody;
    else
        list_remove(&t->link);
    settle(e);
}

void endpoint_add_sender(struct endpoint *e, struct thread *t)
{
    t->state = THREAD_SENDING;
    t->endpoint_waiting = e;
    list_insert_before(&e->senders, &t->link);
    e->waiter = &pending;
}

struct thread *endpoint_take_sender(struct endpoint *e)
{
    if (list_empty(&e->senders)) return NULL;
    struct thread *t = container_of(e->senders.next, struct thread, link);
    list_remove(&t->link);
    settle(e);
    return t;
}

uint64_t endpoint_take_bits(struct endpoint *e)
{
    uint64_t bits = e->bits;
    e->bits = 0;
    settle(e);
    return bits;
}

static never_inline void signal_slowly(struct endpoint *e, uint64_t bits)
{
    e->bits |= bits;
    struct thread *t = endpoint_take_receiver(e);
    if (!t) {
        e->waiter = &pending;
        return;
    }
    ipc_set_result(t, KIND_NOTIFY);
    t->r13 = endpoint_take_bits(e);
    clock_disarm(t);
    scheduler_ready(t);
}

void endpoint_signal(struct endpoint *e, uint64_t bits)
{
    struct thread *t = e->waiter;
    // Nobody, or somebody about whom there is more to know. Who waits otherwise is the only one there, and no bits are.
    if (t->fpu_limit == 0) {
        signal_slowly(e, bits);
        return;
    }
    e->waiter = &nobody;
    ipc_set_result(t, KIND_NOTIFY);
    t->r13 = bits;
    scheduler_start(t, false);
}

struct endpoint *endpoint_make(struct frame *f, struct frame *receiver)
{
    struct endpoint *e = frame_object(f);
    e->waiter = &nobody;
    list_init(&e->senders);
    e->receiver = receiver;
    e->receiver_stamp = receiver->stamp;
    return e;
}

bool endpoint_release(struct endpoint *e)
{
    struct thread *t = endpoint_take_receiver(e);
    if (t) ipc_fail(t, ERR_GONE);
    for (int i = 0; i < RELEASE_AT_ONCE && (t = endpoint_take_sender(e)); i++)
        ipc_fail(t, ERR_GONE);
    return list_empty(&e->senders);
}

// --- operations

err_t sys_endpoint_create(struct thread *t)
{
    struct capability *payer, *receiver, *to;
    struct frame *f;
    TRY(capability_find(t->process, t->slot, TYPE_PROCESS, RIGHT_MANAGE, &payer));
    TRY(capability_find_empty(t->process, t->words[0], &to));
    TRY(capability_find(t->process, t->words[1], TYPE_PROCESS, RIGHT_MANAGE, &receiver));
    TRY(pool_take(frame_object(payer->object), TYPE_ENDPOINT, &f));
    endpoint_make(f, receiver->object);
    capability_set(to, f, ENDPOINT_RIGHTS, 0);
    return OK;
}

err_t sys_endpoint_bind(struct thread *t)
{
    struct capability *c, *process;
    TRY(capability_find(t->process, t->slot, TYPE_ENDPOINT, RIGHT_MANAGE, &c));
    TRY(capability_find(t->process, t->words[0], TYPE_PROCESS, RIGHT_MANAGE, &process));
    struct endpoint *e = frame_object(c->object);
    if (e->receiver != process->object && e->receiver->stamp == e->receiver_stamp) return ERR_BUSY;
    // A thread of the old one that still waits is half destroyed: the successor's calls are not for it.
    struct thread *waiting = e->receiver == process->object ? NULL : endpoint_take_receiver(e);
    if (waiting) ipc_fail(waiting, ERR_GONE);
    e->receiver = process->object;
    e->receiver_stamp = process->object->stamp;
    return OK;
}

err_t sys_endpoint_destroy(struct thread *t)
{
    struct capability *c;
    TRY(capability_find(t->process, t->slot, TYPE_NONE, RIGHT_MANAGE, &c));
    struct frame *f = c->object;
    if (frame_type(f) == TYPE_ENDPOINT)
        capability_become(c, TYPE_ENDING);
    else if (frame_type(f) != TYPE_ENDING)
        return ERR_WRONG_TYPE;
    if (!endpoint_release(frame_object(f))) return ERR_AGAIN;
    pool_return(f->process, f);
    capability_clear(c);
    return OK;
}

err_t sys_notify(struct thread *t)
{
    struct capability *c;
    TRY(capability_find(t->process, t->slot, TYPE_ENDPOINT, RIGHT_NOTIFY, &c));
    uint64_t bits = c->badge ? t->words[0] & c->badge : t->words[0];
    if (bits) endpoint_signal(frame_object(c->object), bits);
    return OK;
}
