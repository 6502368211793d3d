// SPDX-License-Identifier: MIT
#include "libsys/threads.h"

#include "interfaces/memory.h"
#include "libsys/hooks.h"
#include "libsys/ipc.h"
#include "libsys/slots.h"
#include "libsys/start.h"
#include "libsys/stdlib.h"
#include "libsys/tls.h"

#define WAKE 1ull

extern char thread_begin[]; // libsys/start.asm

enum { FREE, STARTING, RUNNING, JOINED };

// A thread's place. 0 is the first thread's: of it only the endpoint is used.
static struct place {
    atomic_int state;
    atomic_bool done;
    atomic_uint joiner; // 1 + its number
    cap_t thread, endpoint;
    void (*function)(void *);
    void *argument;
} places[USER_THREADS + 1];

uint32_t thread_number(void)
{
    uint64_t below = USER_STACK_TOP - 1 - (uint64_t)__builtin_frame_address(0);
    uint64_t number = below / USER_STACK_STRIDE;
    return below < USER_STACK_TOP - USER_KEEP && number <= USER_THREADS ? (uint32_t)number : 0;
}

// --- waiting: each thread receives on an endpoint of its own, on which nothing but WAKE arrives. The bit stays until it is
// received: a wake-up that comes early is not lost, and one too many does no harm, as everybody looks again.

static err_t wait(uint64_t deadline)
{
    struct message m = {.tag = SYS_recv, .words = {deadline}};
    uint32_t kind = trap(places[thread_number()].endpoint, &m);
    return kind < ERR_NO_CAP ? OK : (err_t)kind;
}

static void wake(uint32_t number) { notify(places[number].endpoint, WAKE); }

static cap_t sleep_endpoint(void)
{
    return thread_number() == 0 ? cap_named("self") : places[thread_number()].endpoint;
}

// --- life of a thread

static struct mutex heap_mutex;
static void enter_heap(void) { mutex_lock(&heap_mutex); }
static void leave_heap(void) { mutex_unlock(&heap_mutex); }

void *malloc(size_t size) { return malloc_among_many(size, __builtin_return_address(0)); }

void free(void *block) { free_among_many(block); }

static err_t make_endpoint(cap_t *endpoint)
{
    cap_t process = cap_named("process"), slot = slot_alloc();
    err_t err = slot.slot ? endpoint_create(process, slot, process) : ERR_FULL;
    if (err != OK)
        slot_free(slot);
    else
        *endpoint = slot;
    return err;
}

// Before the second thread: what it and the first share needs to know that there may be two.
static err_t begin(void)
{
    if (places[0].endpoint.slot != 0) return OK;
    err_t err = make_endpoint(&places[0].endpoint);
    if (err != OK) return err;
    thread_hooks = (struct thread_hooks){enter_heap, leave_heap, sleep_endpoint};
    return OK;
}

static uint32_t claim_place(void)
{
    for (uint32_t n = 1; n <= USER_THREADS; n++) {
        int expected = FREE;
        if (atomic_compare_exchange_strong(&places[n].state, &expected, STARTING)) return n;
    }
    return 0;
}

static void run(void *place)
{
    struct place *p = place;
    p->function(p->argument);
    atomic_store(&p->done, true);
    uint32_t joiner = atomic_load(&p->joiner);
    if (joiner != 0) wake(joiner - 1);
    exit(0); // of this thread; who joins may have destroyed it before
}

static void take_apart(uint32_t n)
{
    struct place *p = &places[n];
    if (p->thread.slot != 0) {
        (void)!thread_destroy(p->thread); // it may have ended by itself
        cap_discard(p->thread);
    }
    if (p->endpoint.slot != 0) {
        (void)!endpoint_destroy(p->endpoint);
        cap_discard(p->endpoint);
    }
    (void)!memory_release_stack(cap_named("memory"), n);
    p->thread = p->endpoint = NO_CAP;
    atomic_store(&p->done, false);
    atomic_store(&p->joiner, 0);
    atomic_store(&p->state, FREE);
}

static err_t build(uint32_t n, uint32_t stack_pages, uint32_t priority)
{
    struct place *p = &places[n];
    vaddr_t top = thread_stack_top(n), page = thread_message_page(n), tls = {tls_bytes() ? tls_base(top).raw : 0};
    err_t err = memory_stack(cap_named("memory"), n, stack_pages);
    if (err == OK) err = make_endpoint(&p->endpoint);
    if (err != OK) return err;
    *(volatile uint8_t *)page.raw = 0; // the kernel pins what is there
    cap_t thread = slot_alloc();
    if (thread.slot == 0) return ERR_FULL;
    err = thread_create_tls(cap_named("process"), thread, page, NO_CAP, NO_CAP, priority, tls);
    if (err == OK)
        p->thread = thread;
    else
        slot_free(thread);
    return err;
}

err_t thread_spawn(uint32_t *number, void (*function)(void *), void *argument, uint32_t stack_pages, uint32_t priority)
{
    if (stack_pages == 0 || stack_pages > THREAD_STACK_MAX || tls_bytes() + PAGE_SIZE / 2 > stack_pages * PAGE_SIZE)
        return ERR_RANGE;
    err_t err = begin();
    uint32_t n = err == OK ? claim_place() : 0;
    if (n == 0) return err == OK ? ERR_FULL : err;
    struct place *p = &places[n];
    p->function = function;
    p->argument = argument;
    err = build(n, stack_pages, priority ? priority : start_page()->priority);
    if (err == OK) {
        tls_fill(thread_stack_top(n));
        uint64_t *stack = (uint64_t *)(thread_stack_top(n).raw - tls_bytes()) - 2;
        stack[0] = (uint64_t)run;
        stack[1] = (uint64_t)p;
        atomic_store(&p->state, RUNNING);
        err = thread_start(p->thread, (vaddr_t){(uint64_t)thread_begin}, (vaddr_t){(uint64_t)stack}, 0);
    }
    if (err != OK)
        take_apart(n);
    else
        *number = n;
    return err;
}

err_t thread_join(uint32_t number)
{
    int expected = RUNNING;
    if (number == 0 || number > USER_THREADS || number == thread_number() ||
        !atomic_compare_exchange_strong(&places[number].state, &expected, JOINED))
        return ERR_NOT_FOUND;
    atomic_store(&places[number].joiner, thread_number() + 1);
    while (!atomic_load(&places[number].done))
        (void)!wait(FOREVER);
    take_apart(number);
    return OK;
}

// --- mutex

#define LOCKED 1u

bool mutex_try_lock(struct mutex *m)
{
    uintptr_t expected = 0;
    return atomic_compare_exchange_strong(&m->word, &expected, LOCKED);
}

static void wait_until_granted(struct mutex_waiter *w)
{
    while (!atomic_load(&w->granted))
        (void)!wait(FOREVER);
}

// After this the waiter, on the other's stack, is no more.
static void grant(struct mutex_waiter *w)
{
    uint32_t thread = w->thread;
    atomic_store(&w->granted, true);
    wake(thread);
}

void mutex_lock(struct mutex *m)
{
    struct mutex_waiter me = {.thread = thread_number()};
    uintptr_t old = atomic_load(&m->word);
    for (;;) {
        me.next = (struct mutex_waiter *)(old & ~(uintptr_t)LOCKED);
        uintptr_t new = old == 0 ? LOCKED : (uintptr_t)&me | LOCKED;
        if (atomic_compare_exchange_strong(&m->word, &old, new)) break;
    }
    if (old != 0) wait_until_granted(&me); // it is handed over, and was never free in between
}

// Those who came since the owner last looked, the newest first, go behind the queue in the other order.
static void take_newcomers(struct mutex *m)
{
    uintptr_t newest = atomic_exchange(&m->word, LOCKED) & ~(uintptr_t)LOCKED;
    for (struct mutex_waiter *w = (struct mutex_waiter *)newest, *next; w; w = next) {
        next = w->next;
        w->next = m->queue;
        m->queue = w;
    }
}

void mutex_unlock(struct mutex *m)
{
    if (!m->queue) {
        uintptr_t expected = LOCKED;
        if (atomic_compare_exchange_strong(&m->word, &expected, 0)) return;
        take_newcomers(m);
    }
    struct mutex_waiter *w = m->queue;
    m->queue = w->next;
    grant(w);
}

// --- condition variable

static void enqueue(struct condition *c, struct mutex_waiter *w)
{
    if (c->last)
        c->last->next = w;
    else
        c->first = w;
    c->last = w;
}

static void leave(struct condition *c, struct mutex_waiter *w)
{
    struct mutex_waiter *before = NULL;
    for (struct mutex_waiter *i = c->first; i != w; i = i->next)
        before = i;
    if (before)
        before->next = w->next;
    else
        c->first = w->next;
    if (c->last == w) c->last = before;
}

err_t condition_wait(struct condition *c, struct mutex *m, uint64_t deadline)
{
    struct mutex_waiter me = {.thread = thread_number()};
    enqueue(c, &me);
    mutex_unlock(m);
    err_t err = OK;
    while (!atomic_load(&me.granted) && err == OK)
        err = wait(deadline);
    mutex_lock(m);
    if (atomic_load(&me.granted)) return OK; // a signal came after the deadline, before the mutex
    leave(c, &me);
    return err;
}

void condition_signal(struct condition *c)
{
    struct mutex_waiter *w = c->first;
    if (!w) return;
    c->first = w->next;
    if (!c->first) c->last = NULL;
    grant(w);
}

void condition_broadcast(struct condition *c)
{
    while (c->first)
        condition_signal(c);
}
