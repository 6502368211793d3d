// SPDX-License-Identifier: MIT
#include "libsys/loop.h"

#include "libsys/start.h"

const uint64_t serve_never = FOREVER;

cap_t caller_keep(struct caller *from, uint32_t place)
{
    cap_t kept = place < MESSAGE_CAPS ? from->caps[place] : NO_CAP;
    if (kept.slot != 0) from->caps[place] = NO_CAP;
    return kept;
}

// Each place that brought a capability gets a fresh slot at once, or the next message with one could not be received.
static void take_caps(struct caller *from)
{
    for (uint32_t i = 0; i < from->cap_count && i < MESSAGE_CAPS; i++)
        from->caps[i] = ipc_take_cap(i);
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

void serve_handled(struct answer *answer, err_t error, uint64_t token)
{
    struct message *m = &answer->m;
    answer->due = token != 0 && error != DEFERRED;
    // With such a tag the kernel would not answer at all, and the caller would wait for ever.
    if (TAG_LENGTH(m->tag) > MESSAGE_MAX || TAG_CAPS(m->tag) > MESSAGE_CAPS) error = ERR_BAD_MESSAGE;
    if (error != OK) *m = (struct message){0};
    m->tag = TAG(0, error, TAG_LENGTH(m->tag), TAG_CAPS(m->tag));
    m->token = token;
}

static void handle_message(const struct server *server, struct answer *answer)
{
    const uint64_t tag = answer->m.tag, token = answer->m.token;
    struct caller from = {
        .badge = answer->m.badge,
        .token = token,
        .kind = TAG_OPERATION(tag),
        .length = TAG_LENGTH(tag),
        .cap_count = TAG_CAPS(tag),
    };
    if (TAG_CAPS(tag) != 0) take_caps(&from);
    err_t error = handle(server, &from, &answer->m);
    if (TAG_CAPS(tag) != 0) drop_unread(&from);
    serve_handled(answer, error, token);
}

// Whatever the kernel says: the caller is dead, or has been told (libsys/ipc.h).
static void send_answer(struct answer *answer)
{
    ipc_reply(&answer->m);
    answer->due = false;
}

// Bits that a handler's sleep kept would wait as long as reply_recv does.
static err_t next_message(cap_t endpoint, uint64_t deadline, struct answer *answer)
{
    if (answer->due && deadline == FOREVER && !ipc_has_noted(IPC_KEEPS_BITS)) return ipc_reply_recv(&answer->m);
    if (answer->due) send_answer(answer);
    return ipc_recv(endpoint, deadline, &answer->m);
}

// The supervisor asks whether the loop still turns. Without the capability nobody asked.
static void answer_heartbeat(void) { notify(cap_named("heartbeat"), ~0ull); }

err_t serve_received(const struct server *server, struct answer *answer)
{
    answer->due = false;
    const uint32_t kind = TAG_OPERATION(answer->m.tag);
    if (kind >= ERR_NO_CAP) return (err_t)kind;
    const uint64_t bits = answer->m.bits & ~HEARTBEAT_BIT;
    if (answer->m.bits & HEARTBEAT_BIT) answer_heartbeat();
    if (kind != KIND_NOTIFY) handle_message(server, answer);
    if (bits == 0 || server->notified == NULL) return OK;
    // The answer goes first: what the message page holds of it would not survive the IPC of notified.
    if (answer->due) send_answer(answer);
    server->notified(bits);
    return OK;
}

err_t serve_turn(cap_t endpoint, const struct server *server, struct answer *answer)
{
    _Static_assert(MESSAGE_CAPS == 4, "all places are looked at here");
    const uint32_t *places = message_page()->receive_slots;
    if (places[0] == 0 || places[1] == 0 || places[2] == 0 || places[3] == 0) ipc_ready_slots();
    const uint64_t deadline = server->deadline != NULL ? *server->deadline : FOREVER;
    err_t error = next_message(endpoint, deadline, answer);
    if (error == OK) return serve_received(server, answer);
    answer->due = false;
    if (error != ERR_TIMEOUT) return error;
    if (server->timeout != NULL) server->timeout();
    return OK;
}

static force_inline err_t dispatch_as_named(const struct server *server, struct caller *from, struct message *m)
{
    return serve_in_memory(server->dispatch, server, from, m);
}

err_t serve(cap_t endpoint, const struct server *server) { return serve_by(endpoint, server, dispatch_as_named); }
