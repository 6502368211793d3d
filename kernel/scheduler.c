// SPDX-License-Identifier: MIT
#include "kernel/scheduler.h"

#include "kernel/syscall.h"

// Calls go up in priority from server to server, so behind so many links stands a thread of the program that began.
#define CHAIN_MAX 64

struct thread *current = &idle;
struct thread idle = {.client = &nobody, .server = &nobody, .extras = THREAD_IDLE};
struct thread nobody = {.client = &nobody, .server = &nobody};
uint64_t ready_bitmap = BIT(0);
struct link ready_queues[PRIORITIES];

void scheduler_init(void)
{
    for (int i = 0; i < PRIORITIES; i++)
        list_init(&ready_queues[i]);
}

static void dequeue(struct thread *t)
{
    list_remove(&t->link);
    if (list_empty(&ready_queues[t->priority])) ready_bitmap &= ~BIT(t->priority) | BIT(0);
}

static struct thread *take_best(void)
{
    uint64_t priority = 63 - (uint64_t)__builtin_clzll(ready_bitmap);
    if (priority == 0) return &idle;
    struct thread *t = container_of(ready_queues[priority].next, struct thread, link);
    dequeue(t);
    return t;
}

static bool is_outranked(const struct thread *t) { return ready_bitmap >= 2ull << t->priority; }

static bool take_expired(struct thread *t)
{
    if (!(t->flags & THREAD_EXPIRED)) return false;
    thread_set_flag(t, THREAD_EXPIRED, false);
    return true;
}

static void make_ready(struct thread *t, bool in_front)
{
    if (t->flags & THREAD_SUSPENDED)
        t->state = THREAD_READY; // until it is resumed
    else
        scheduler_start(t, in_front);
}

void scheduler_ready_slowly(struct thread *t)
{
    (void)take_expired(t);
    make_ready(t, false);
}

void scheduler_return(struct thread *t) { make_ready(t, !take_expired(t)); }

// Who runs instead of t, which may: t itself if its limit says only that it is not plain.
static struct thread *better(struct thread *t, bool expired, bool in_front)
{
    if (t->flags & THREAD_SUSPENDED) return take_best();
    if (!expired && !is_outranked(t)) return t;
    scheduler_enqueue(t, in_front);
    return take_best();
}

void scheduler_return_to(struct thread *t)
{
    bool expired = take_expired(t);
    t->state = THREAD_READY;
    current = expired || ready_bitmap > t->limit ? better(t, expired, !expired) : t;
}

void scheduler_switch(struct thread *t)
{
    t->state = THREAD_READY;
    current = ready_bitmap > t->limit ? better(t, false, false) : t;
}

void scheduler_next(void) { current = take_best(); }

void scheduler_remove(struct thread *t)
{
    if (t == current)
        current = take_best();
    else
        dequeue(t);
}

// The first of its queue runs, and it is the last of it; nobody above it is queued while it runs. So the bitmap stays.
static inline void yield(void)
{
    struct link *queue = &ready_queues[current->priority];
    if (list_empty(queue)) return;
    struct thread *next = container_of(queue->next, struct thread, link);
    list_remove(&next->link);
    list_insert_before(queue, &current->link);
    current = next;
}

err_t sys_yield(struct thread *t)
{
    (void)t;
    yield();
    return OK;
}

void scheduler_tick(uint64_t ns)
{
    if (current == &idle) return;
    struct thread *root = current; // for whose sake it works: the caller of its caller, and so on
    for (int i = 0; i < CHAIN_MAX && root->client != &nobody; i++)
        root = root->client;
    root->time += ns;
    root->process->time += ns;
    if (root == current)
        yield();
    else if (!list_empty(&ready_queues[root->priority]))
        thread_set_flag(root, THREAD_EXPIRED, true);
}
