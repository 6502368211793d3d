// SPDX-License-Identifier: MIT
// The loop of a server, around a dispatcher that the compiler sees: generated code calls it (X_serve), and serve() with
// whatever dispatcher a struct server names.
#pragma once

#include "abi/start.h"
#include "libsys/serve.h"

// What the loop still owes: an answer that is sent together with the next receive.
struct answer {
    bool due;
    struct message m; // token, tag with the error, words
};

extern const uint64_t serve_never; // FOREVER

// One turn the general way: the answer goes out, what comes is handled. Fails only when nothing can be received from the
// endpoint any more; a caller who is then still unanswered gets ERR_SERVER_DIED when the process ends.
must_use err_t serve_turn(cap_t endpoint, const struct server *server, struct answer *answer);

// The second half of such a turn: answer->m has been received.
must_use err_t serve_received(const struct server *server, struct answer *answer);

// A handler has returned; leaves what the caller gets, if that is due now, in *answer.
void serve_handled(struct answer *answer, err_t error, uint64_t token);

// For dispatchers whose handlers look at the message itself. Besides words and tag nothing that they leave is read.
static force_inline err_t serve_in_memory(err_t (*dispatch)(const struct server *server, struct caller *from,
                                                            struct message *m),
                                          const struct server *server, struct caller *from, struct message *m)
{
    struct message shown = *m;
    shown.badge = from->badge;
    err_t error = dispatch(server, from, &shown);
    m->tag = shown.tag;
    _Static_assert(MESSAGE_WORDS == 6, "all words are taken here");
    m->words[0] = shown.words[0];
    m->words[1] = shown.words[1];
    m->words[2] = shown.words[2];
    m->words[3] = shown.words[3];
    m->words[4] = shown.words[4];
    m->words[5] = shown.words[5];
    return error;
}

// What has arrived is no call of words alone. Bits come oftenest.
static force_inline err_t serve_other(const struct server *server, struct answer *answer, const struct message *m)
{
    if (m->tag == KIND_NOTIFY && (m->bits & HEARTBEAT_BIT) == 0) {
        answer->due = false;
        if (server->notified != NULL) server->notified(m->bits);
        return OK;
    }
    answer->m = *m;
    return serve_received(server, answer);
}

// What may be done without looking further: answer the caller and wait, for ever, for whatever comes.
static inline bool serve_may_go_on(const uint64_t *deadline) { return ipc_notes == 0 && *deadline == FOREVER; }

must_use static force_inline err_t serve_by(cap_t endpoint, const struct server *server,
                                            err_t (*dispatch)(const struct server *server, struct caller *from,
                                                              struct message *m))
{
    const uint64_t *const deadline = server->deadline != NULL ? server->deadline : &serve_never;
    struct answer answer = {.due = false};
    struct caller from = {.kind = KIND_CALL};
    err_t error = serve_turn(endpoint, server, &answer);
    while (error == OK) {
        if (!serve_may_go_on(deadline)) {
            error = serve_turn(endpoint, server, &answer);
            continue;
        }
        // Calls and answers of words alone, one after the other: they stay in registers but for what a handler is shown.
        struct message m = answer.m;
        if (answer.due)
            m.tag |= SYS_reply_recv;
        else
            m = (struct message){.tag = SYS_recv, .words = {FOREVER}};
        for (;;) {
            trap(endpoint, &m);
            if (__builtin_expect((uint32_t)m.tag != KIND_CALL, 0) || __builtin_expect(m.bits != 0, 0)) {
                error = serve_other(server, &answer, &m);
                break;
            }
            // Spares a dispatcher that is inlined what it need not check again.
            if (TAG_CAPS(m.tag) != 0 || TAG_LENGTH(m.tag) != 0) __builtin_unreachable();
            from.badge = m.badge;
            from.token = m.token;
            m.badge = 0;
            err_t outcome = dispatch(server, &from, &m);
            if (__builtin_expect(outcome != OK, 0)) { // and nothing else goes out
                answer.m.tag = 0;
                serve_handled(&answer, outcome, from.token);
                break;
            }
            if ((uint32_t)m.tag != 0 || __builtin_expect(!serve_may_go_on(deadline), 0)) {
                answer.m = m;
                serve_handled(&answer, OK, from.token);
                break;
            }
            m.tag = SYS_reply_recv;
        }
    }
    return error;
}
