// SPDX-License-Identifier: MIT
#include "libsys/serve.h"

#include "libsys/start.h"

// What the loop still owes: an answer that is sent together with the next receive.
struct answer {
    bool due;
    struct message m; // token, tag with the error, words
};

cap_t caller_keep(struct caller *from, uint32_t place)
{
    cap_t kept = place < MESSAGE_CAPS ? from->caps[place] : NO_CAP;
    if (kept.slot != 0) from->caps[place] = NO_CAP;
    return kept;
}

static struct caller caller_of(const struct message *m)
{
    struct caller from = {
        .badge = m->badge,
        .token = m->token,
        .kind = TAG_OPERATION(m->tag),
        .length = TAG_LENGTH(m->tag),
        .cap_count = TAG_CAPS(m->tag),
    };
    // Each place gets a fresh slot at once, or the next message with a capability could not be received.
    for (uint32_t i = 0; i < from.cap_count && i < MESSAGE_CAPS; i++)
        from.caps[i] = ipc_take_cap(i);
    return from;
}

// Whatever a handler did not keep: clients must not be able to fill the table.
static void drop_unread(struct caller *from)
{
    for (uint32_t i = 0; i < from->cap_count; i++)
        cap_discard(caller_keep(from, i));
}

static err_t handle(const struct server *server, struct caller *from, struct message *m)
{
    switch (from->kind) {
    case KIND_CALL:
    case KIND_SEND:
        return server->dispatch(server, from, m);
    case KIND_FAULT:
        m->tag = 0;
        return server->fault != NULL ? server->fault(from, m) : ERR_NO_METHOD;
    default:
        return ERR_BAD_MESSAGE;
    }
}

// Leaves the answer, if one is due now, in *answer.
static void handle_message(const struct server *server, struct answer *answer)
{
    struct message *m = &answer->m;
    struct caller from = caller_of(m);
    const uint64_t token = from.token;
    err_t error = handle(server, &from, m);
    if (from.cap_count > 0) drop_unread(&from);
    answer->due = token != 0 && error != DEFERRED;
    // With such a tag the kernel would not answer at all, and the caller would wait for ever.
    if (TAG_LENGTH(m->tag) > MESSAGE_MAX || TAG_CAPS(m->tag) > MESSAGE_CAPS) error = ERR_BAD_MESSAGE;
    if (error != OK) *m = (struct message){0};
    m->tag = TAG(0, error, TAG_LENGTH(m->tag), TAG_CAPS(m->tag));
    m->token = token;
}

// Whatever the kernel says: the caller is dead, or has been told (libsys/ipc.h).
static void send_answer(struct answer *answer)
{
    ipc_reply(&answer->m);
    answer->due = false;
}

// Fails only when nothing can be received from the endpoint any more; a caller who is then still unanswered gets
// ERR_SERVER_DIED when the process ends.
static err_t next_message(cap_t endpoint, uint64_t deadline, struct answer *answer)
{
    if (answer->due && deadline == FOREVER) return ipc_reply_recv(&answer->m);
    if (answer->due) send_answer(answer);
    return ipc_recv(endpoint, deadline, &answer->m);
}

// The supervisor asks whether the loop still turns. Without the capability nobody asked.
static void answer_heartbeat(void) { notify(cap_named("heartbeat"), ~0ull); }

err_t serve(cap_t endpoint, const struct server *server)
{
    struct answer answer = {.due = false};
    _Static_assert(MESSAGE_CAPS == 4, "all places are looked at here");
    const uint32_t *places = message_page()->receive_slots;
    for (;;) {
        if (places[0] == 0 || places[1] == 0 || places[2] == 0 || places[3] == 0) ipc_ready_slots();
        const uint64_t deadline = server->deadline != NULL ? *server->deadline : FOREVER;
        err_t error = next_message(endpoint, deadline, &answer);
        answer.due = false;
        if (error == ERR_TIMEOUT) {
            if (server->timeout != NULL) server->timeout();
            continue;
        }
        if (error != OK) return error;
        const uint64_t bits = answer.m.bits & ~HEARTBEAT_BIT;
        if (answer.m.bits & HEARTBEAT_BIT) answer_heartbeat();
        if (TAG_OPERATION(answer.m.tag) != KIND_NOTIFY) handle_message(server, &answer);
        if (bits == 0 || server->notified == NULL) continue;
        // The answer goes first: what the message page holds of it would not survive the IPC of notified.
        if (answer.due) send_answer(&answer);
        server->notified(bits);
    }
}
