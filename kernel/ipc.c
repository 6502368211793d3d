// SPDX-License-Identifier: MIT
#include "kernel/ipc.h"

#include "common/mem.h"
#include "kernel/clock.h"
#include "kernel/endpoint.h"
#include "kernel/fault.h"
#include "kernel/scheduler.h"
#include "kernel/syscall.h"
#include "kernel/x86/cpu.h"

// Units of work that fit into one kernel entry.
#define RELEASE_AT_ONCE 24
#define REFUSE_AT_ONCE 4

static void wake_receiver(struct thread *t)
{
    clock_disarm(t);
    scheduler_ready(t);
}

void ipc_end_call(struct thread *t)
{
    if (t->owed_by)
        list_remove(&t->link);
    else
        t->server->client = &nobody;
    t->owed_by = NULL;
    t->server = &nobody;
    thread_new_token(t);
}

void ipc_fail(struct thread *t, err_t error)
{
    if (t->state == THREAD_CALLING) ipc_end_call(t);
    if (t->flags & THREAD_FAULTED) {
        fault_orphan(t);
        return;
    }
    ipc_set_result(t, error);
    wake_receiver(t);
}

// --- what a message carries besides its words

// Words only: neither a body nor capabilities.
static inline bool is_plain(uint64_t tag) { return (uint32_t)tag >> 8 == 0; }

static inline err_t check_tag(struct thread *t)
{
    if (is_plain(t->rax)) return OK;
    if (TAG_LENGTH(t->rax) > MESSAGE_MAX || TAG_CAPS(t->rax) > MESSAGE_CAPS) return ERR_BAD_MESSAGE;
    return t->page ? OK : ERR_NO_PAGE;
}

static err_t check_caps(struct thread *from, struct thread *to, uint8_t count, struct capability **sent,
                        struct capability **received)
{
    for (uint8_t i = 0; i < count; i++) {
        TRY(capability_find(from->process, from->page->send_slots[i], TYPE_NONE, RIGHT_GRANT, &sent[i]));
        if (capability_find_empty(to->process, to->page->receive_slots[i], &received[i])) return ERR_NO_SLOT;
        for (uint8_t j = 0; j < i; j++)
            if (received[j] == received[i]) return ERR_NO_SLOT;
    }
    return OK;
}

static never_inline err_t move_caps(struct thread *from, struct thread *to, uint8_t count)
{
    struct capability *sent[MESSAGE_CAPS], *received[MESSAGE_CAPS];
    TRY(check_caps(from, to, count, sent, received));
    // --- nothing below can fail ---
    for (uint8_t i = 0; i < count; i++)
        *received[i] = *sent[i];
    return OK;
}

// Whole words; of the last one only what was sent: neither does more travel, nor does it overwrite more.
static inline void copy_body(struct message_page *to, const struct message_page *from, uint64_t length)
{
    void *target = to->body;
    const void *source = from->body;
    uint64_t words = length / 8;
    __asm__ volatile("rep movsq" : "+D"(target), "+S"(source), "+c"(words) : : "memory");
    uint64_t rest = BIT(length % 8 * 8) - 1;
    if (rest) *(uint64_t *)target = (*(uint64_t *)target & ~rest) | (*(const uint64_t *)source & rest);
}

// Copies body and capabilities: all of it or, on an error, nothing.
static inline err_t move_body(struct thread *from, struct thread *to, uint64_t tag)
{
    if (!to->page) return ERR_NO_PAGE;
    if (TAG_CAPS(tag)) TRY(move_caps(from, to, TAG_CAPS(tag)));
    copy_body(to->page, from->page, TAG_LENGTH(tag));
    return OK;
}

// Puts the message of a stopped sender into the registers of a stopped receiver.
static force_inline err_t deliver(struct thread *from, struct thread *to, uint64_t bits)
{
    uint64_t tag = from->send_tag;
    const uint64_t *words = from->words;
    if (from->flags & THREAD_FAULTED) {
        tag = fault_deliver(from, to);
        words = from->fault_words;
    } else if (!is_plain(tag)) {
        TRY(move_body(from, to, tag));
    }
    ipc_set_message(to, tag, from->send_badge, words, TAG_OPERATION(tag) == KIND_SEND ? 0 : from->token);
    to->r13 = bits;
    return OK;
}

// --- sending

static force_inline err_t send(struct thread *t, struct endpoint *e, bool wants_reply)
{
    struct thread *to = endpoint_take_receiver(e);
    if (!to) {
        endpoint_add_sender(e, t);
        if (t == current) scheduler_next();
        return OK;
    }
    err_t err = deliver(t, to, 0);
    if (err) {
        e->waiter = to;
        return err;
    }
    clock_disarm(to);
    if (!wants_reply) {
        ipc_set_result(t, OK);
        scheduler_ready(to);
        return OK;
    }
    ipc_begin_call(t, to);
    if (t == current)
        scheduler_switch(to);
    else
        scheduler_ready(to);
    return OK;
}

err_t ipc_send(struct thread *t, struct endpoint *e, bool wants_reply) { return send(t, e, wants_reply); }

static bool receives_from(struct process *p, struct endpoint *e)
{
    return e->receiver == object_frame(p) && e->receiver_stamp == e->receiver->stamp;
}

// Nobody receives there but the sender: the one thread of the process that the endpoint names, or the one of several that
// received from it last.
static bool would_wait_for_itself(struct thread *t, struct frame *endpoint)
{
    struct endpoint *e = frame_object(endpoint);
    return receives_from(t->process, e) && (t->process->thread_count == 1 || t->endpoint == endpoint);
}

// The stamp to send with says all at once, as on the fast path: alive, an endpoint, the right. Where it does not match,
// capability_find says why.
static inline err_t find_endpoint(struct thread *t, struct capability **out)
{
    struct process *p = t->process;
    struct capability *c = &p->table[t->slot];
    if (t->slot >= p->slots || c->send_stamp != c->object->stamp)
        return capability_find(p, t->slot, TYPE_ENDPOINT, RIGHT_SEND, out);
    *out = c;
    return OK;
}

static force_inline err_t send_message(struct thread *t, bool wants_reply)
{
    struct capability *c;
    TRY(find_endpoint(t, &c));
    TRY(check_tag(t));
    struct endpoint *e = frame_object(c->object);
    if (!endpoint_has_receiver(e) && would_wait_for_itself(t, c->object)) return ERR_SELF;
    t->send_tag = t->rax;
    t->send_badge = c->badge;
    TRY(send(t, e, wants_reply));
    return REGISTERS_ARE_SET;
}

err_t sys_call(struct thread *t) { return send_message(t, true); }

err_t sys_send(struct thread *t) { return send_message(t, false); }

// --- receiving

// A caller that is not answered before the next receive stays owed by the process: any of its threads may answer.
static void owe_client(struct thread *t)
{
    struct thread *caller = t->client;
    if (caller == &nobody) return;
    t->client = &nobody;
    caller->server = &nobody;
    caller->owed_by = t->process;
    list_insert_before(&t->process->owed, &caller->link);
}

// The next message of the queue. A sender whose message cannot be delivered gets the error.
static bool receive_next(struct thread *t, struct endpoint *e)
{
    struct thread *from = endpoint_take_sender(e);
    err_t err = deliver(from, t, e->bits);
    if (err) {
        ipc_fail(from, err);
        return false;
    }
    endpoint_take_bits(e);
    if (TAG_OPERATION(t->rax) == KIND_SEND) {
        ipc_set_result(from, OK);
        scheduler_ready(from);
    } else {
        ipc_begin_call(from, t);
    }
    return true;
}

// The operation starts once more when the thread runs again, as it stood: an answer that was given is given once, since
// its token is dead.
static void start_again(struct thread *t)
{
    t->rip -= SYSCALL_LENGTH;
    t->rdi = t->slot << 5;
}

// What waits at an endpoint: the next message, or bits. True: t has it, or comes again for it.
static bool receive_pending(struct thread *t, struct endpoint *e)
{
    for (int i = 0; !list_empty(&e->senders); i++) {
        if (i == REFUSE_AT_ONCE) {
            start_again(t);
            return true;
        }
        if (receive_next(t, e)) return true;
    }
    uint64_t bits = endpoint_take_bits(e);
    if (bits == 0) return false;
    ipc_set_result(t, KIND_NOTIFY);
    t->r13 = bits;
    return true;
}

// Before t waits at e: false when there is something for it already.
static inline bool must_wait(struct thread *t, struct endpoint *e)
{
    owe_client(t);
    return e->waiter != &pending || !receive_pending(t, e);
}

static inline void wait(struct thread *t, struct endpoint *e)
{
    t->state = THREAD_RECEIVING;
    e->waiter = t;
}

err_t sys_recv(struct thread *t)
{
    struct capability *c;
    TRY(capability_find(t->process, t->slot, TYPE_ENDPOINT, 0, &c));
    struct endpoint *e = frame_object(c->object);
    uint64_t deadline = t->words[0];
    if (!receives_from(t->process, e)) return ERR_NOT_RECEIVER;
    t->endpoint = c->object;
    t->endpoint_stamp = c->object->stamp;
    if (t->fpu_stamp != t->endpoint_stamp) thread_choose_path(t);
    if (endpoint_has_receiver(e)) return ERR_BUSY;
    if (!must_wait(t, e)) return REGISTERS_ARE_SET;
    if (deadline != FOREVER && deadline <= clock_now()) return ERR_TIMEOUT;
    wait(t, e);
    clock_arm(t, deadline);
    scheduler_remove(t); // not always the current thread any more: a sender that was refused may be of higher priority
    return REGISTERS_ARE_SET;
}

// --- replying

static inline err_t find_caller(struct thread *t, uint64_t token, struct thread **out)
{
    *out = t->client;
    if (t->client != &nobody && t->client->token == token) return OK; // the one that was received last
    uint64_t frame = token & (TOKEN_STEP - 1);
    if (frame >= frame_count || !frame_is_ready(FRAMES + frame) || frame_type(FRAMES + frame) != TYPE_THREAD)
        return ERR_NO_CALLER;
    struct thread *caller = frame_object(FRAMES + frame);
    if (caller->token != token || caller->state != THREAD_CALLING) return ERR_NO_CALLER;
    struct process *server = caller->owed_by ? caller->owed_by : caller->server->process;
    if (server != t->process) return ERR_NO_CALLER;
    *out = caller;
    return OK;
}

// Answers the caller that t names. *answered: it, stopped, for the scheduler; NULL when it has been seen to.
static force_inline err_t reply(struct thread *t, struct thread **answered)
{
    struct thread *caller;
    *answered = NULL;
    TRY(find_caller(t, t->rbx, &caller));
    ipc_end_call(caller);
    if (caller->flags & THREAD_FAULTED) {
        if (fault_replied(caller, t)) *answered = caller;
        return OK;
    }
    err_t err = is_plain(t->rax) ? OK : move_body(t, caller, t->rax);
    if (err)
        ipc_set_result(caller, err);
    else
        ipc_set_message(caller, (t->rax & ~0xffull) | KIND_REPLY, 0, t->words, 0);
    *answered = caller;
    return err;
}

err_t sys_reply(struct thread *t)
{
    struct thread *answered;
    TRY(check_tag(t));
    err_t err = reply(t, &answered);
    if (answered) scheduler_return(answered);
    return err;
}

err_t sys_reply_recv(struct thread *t)
{
    struct thread *answered;
    if (t->endpoint->stamp != t->endpoint_stamp) return ERR_NO_CAP;
    TRY(check_tag(t));
    // A reply that cannot be delivered is dropped: the server's loop goes on.
    (void)!reply(t, &answered);
    struct endpoint *e = frame_object(t->endpoint);
    bool busy = endpoint_has_receiver(e);
    if (!busy && must_wait(t, e)) {
        wait(t, e);
        if (answered && t == current) {
            scheduler_return_to(answered);
            return REGISTERS_ARE_SET;
        }
        // Not the current thread any more where a fault's next handler or a refused sender of higher priority was woken.
        scheduler_remove(t);
        if (answered) scheduler_return(answered);
        return REGISTERS_ARE_SET;
    }
    if (answered) scheduler_return(answered);
    return busy ? ERR_BUSY : REGISTERS_ARE_SET;
}

void ipc_release_owed(struct process *p)
{
    for (int i = 0; i < RELEASE_AT_ONCE && !list_empty(&p->owed); i++)
        ipc_fail(container_of(p->owed.next, struct thread, link), ERR_SERVER_DIED);
}
