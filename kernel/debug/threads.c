// SPDX-License-Identifier: MIT
// I6: a thread's state and the queue that it is in agree. I7: a blocked caller is owed one reply, by one server. I8: the
// graph of calls has no cycle.
#include "kernel/debug/census.h"
#include "kernel/endpoint.h"
#include "kernel/scheduler.h"

static uint64_t thread_count;
static struct link *queues[PRIORITIES]; // as the threads in them show
static uint64_t queued;                 // bit p: somebody of priority p is in a queue

// The one link of the ring that is no thread's: the list's own, in the kernel's image or in another object. NULL: the
// thread is in no list.
static struct link *list_of(struct thread *t)
{
    struct link *l = &t->link;
    for (uint64_t i = 0; i <= thread_count; i++) {
        if (l->next->previous != l) violated("I6", "thread %#lx is in a broken list", (uint64_t)t);
        l = l->next;
        if (l == &t->link) return NULL;
        if (!is_object(container_of(l, struct thread, link), TYPE_THREAD)) return l;
    }
    violated("I6", "the list of thread %#lx has no end", (uint64_t)t);
}

static void check_ready(struct thread *t, struct link *list)
{
    if (t == current || t->flags & THREAD_SUSPENDED) {
        if (list) violated("I6", "thread %#lx is current or suspended, and in a list", (uint64_t)t);
        if (t == current && t->flags & THREAD_SUSPENDED) violated("I6", "thread %#lx runs suspended", (uint64_t)t);
        return;
    }
    if (!list || (uint64_t)list < KERNEL_BASE) violated("I6", "thread %#lx is ready and in no queue", (uint64_t)t);
    if (queues[t->priority] && queues[t->priority] != list)
        violated("I6", "thread %#lx is in another queue than its priority's", (uint64_t)t);
    queues[t->priority] = list;
    queued |= BIT(t->priority);
}

static void check_receiving(struct thread *t, struct link *list)
{
    const struct frame *f = t->endpoint;
    if (list || !is_frame(f) || f->stamp != t->endpoint_stamp || ((struct endpoint *)frame_object(f))->waiter != t)
        violated("I6", "thread %#lx waits to receive where nobody knows it", (uint64_t)t);
}

static void check_sending(struct thread *t, struct link *list)
{
    struct endpoint *e = t->endpoint_waiting;
    if ((!is_object(e, TYPE_ENDPOINT) && !is_object(e, TYPE_ENDING)) || list != &e->senders)
        violated("I6", "thread %#lx waits to send and is not in that queue", (uint64_t)t);
}

static void check_calling(struct thread *t, struct link *list)
{
    if (t->owed_by) {
        if (t->server != &nobody || list != &t->owed_by->owed)
            violated("I7", "thread %#lx is owed a reply that nobody has noted", (uint64_t)t);
    } else if (list || !is_object(t->server, TYPE_THREAD) || t->server->client != t) {
        violated("I7", "thread %#lx waits for a reply that nobody owes", (uint64_t)t);
    }
    // Who is not calling may still name the server of its last call: the fast path leaves that word.
    uint64_t length = 0;
    for (const struct thread *s = t; s->state == THREAD_CALLING && !s->owed_by; s = s->server)
        if (length++ > thread_count) violated("I8", "the calls of thread %#lx go in a circle", (uint64_t)t);
}

static void check_state(struct thread *t)
{
    struct link *list = list_of(t);
    switch ((enum thread_state)t->state) {
    case THREAD_READY:
        check_ready(t, list);
        break;
    case THREAD_RECEIVING:
        check_receiving(t, list);
        break;
    case THREAD_SENDING:
        check_sending(t, list);
        break;
    case THREAD_CALLING:
        check_calling(t, list);
        break;
    case THREAD_ORPHANED:
        if (!list) violated("I6", "nobody will ask a handler for thread %#lx", (uint64_t)t);
        break;
    case THREAD_NEW:
        if (list) violated("I6", "the new thread %#lx is in a list", (uint64_t)t);
        break;
    default:
        violated("I6", "thread %#lx is in state %u", (uint64_t)t, t->state);
    }
}

static void look_at(struct process *p, struct thread *t)
{
    struct tally *mark = tally_of(object_frame(t));
    if (t->process != p || mark->marks & MARK_THREAD || t->priority == 0 || t->priority >= PRIORITIES)
        violated("I6", "thread %#lx in the list of process %#lx is not its own", (uint64_t)t, (uint64_t)p);
    mark->marks |= MARK_THREAD;
    check_state(t);
    if (t->client != &nobody && (t->client->state != THREAD_CALLING || t->client->server != t))
        violated("I7", "thread %#lx owes a reply to %#lx, which waits for none", (uint64_t)t, (uint64_t)t->client);
    if (t->alarm.deadline != FOREVER && t->state != THREAD_RECEIVING)
        violated("I6", "thread %#lx has a deadline and waits for nothing", (uint64_t)t);
    if (t->extras && (t->limit | t->table_limit | t->fast_stamp))
        violated("I6", "thread %#lx uses the FPU, TLS or steps, and the fast path", (uint64_t)t);
    if ((t->flags || t->alarm.deadline != FOREVER) && (t->limit | t->fpu_limit | t->body_limit))
        violated("I6", "the fast path may switch to thread %#lx, which must not run", (uint64_t)t);
    if ((t->tls != 0) != ((t->extras & THREAD_TLS) != 0) || t->tls >= USER_TOP)
        violated("I6", "thread %#lx has the FS base %#lx", (uint64_t)t, t->tls);
    if (!t->page && t->body_limit) violated("I6", "the fast path may copy into no page of thread %#lx", (uint64_t)t);
    if (t->page_frame) {
        if (t->page != frame_object(t->page_frame)) violated("I3", "thread %#lx has another message page", (uint64_t)t);
        tally_of(t->page_frame)->pins++;
    }
}

static void look_at_endpoint(struct endpoint *e)
{
    bool waits = e->bits != 0 || !list_empty(&e->senders);
    if (endpoint_has_receiver(e)) {
        const struct thread *t = e->waiter;
        if (!is_object(t, TYPE_THREAD) || t->state != THREAD_RECEIVING || frame_object(t->endpoint) != e)
            violated("I6", "endpoint %#lx has a receiver that does not wait", (uint64_t)e);
        if (waits) violated("I6", "endpoint %#lx has a receiver and what it waits for", (uint64_t)e);
    } else if (frame_type(object_frame(e)) == TYPE_ENDPOINT && (e->waiter == &pending) != waits) {
        violated("I6", "endpoint %#lx hides what waits there", (uint64_t)e);
    }
    uint64_t length = 0;
    for (struct link *l = e->senders.next; l != &e->senders; l = l->next) {
        const struct thread *t = container_of(l, struct thread, link);
        if (length++ > thread_count || !is_object(t, TYPE_THREAD) || t->state != THREAD_SENDING)
            violated("I6", "the queue of endpoint %#lx leads to %#lx", (uint64_t)e, (uint64_t)t);
    }
}

static void look_at_pool(struct process *p)
{
    for (uint32_t n = p->first_run; n; n = FRAMES[n].run_next)
        for (struct frame *f = FRAMES + n; f < FRAMES + n + FRAMES[n].run_pages; f++)
            if (frame_type(f) == TYPE_ENDPOINT || frame_type(f) == TYPE_ENDING) look_at_endpoint(frame_object(f));
}

void census_threads(void)
{
    thread_count = 0;
    queued = 0;
    for (int i = 0; i < PRIORITIES; i++)
        queues[i] = NULL;
    for (uint32_t i = 0; i < census_process_count; i++)
        thread_count += census_processes[i]->thread_count;
    for (uint32_t i = 0; i < census_process_count; i++) {
        struct process *p = census_processes[i];
        uint64_t length = 0;
        for (struct link *l = p->threads.next; l != &p->threads; l = l->next, length++)
            look_at(p, container_of(l, struct thread, in_process));
        if (length != p->thread_count)
            violated("I6", "process %#lx has %lu threads in its list and counts %u", (uint64_t)p, length,
                     p->thread_count);
        look_at_pool(p);
    }
    if (ready_bitmap >= 2ull << current->priority)
        violated("I6", "the ready bitmap is %#lx, and a thread of priority %lu runs", ready_bitmap, current->priority);
    if (ready_bitmap != (queued | BIT(0)))
        violated("I6", "the ready bitmap is %#lx, threads are queued at %#lx", ready_bitmap, queued);
}
