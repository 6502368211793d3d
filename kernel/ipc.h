// SPDX-License-Identifier: MIT
// Messages between threads: the C path, which is the specification of IPC.
#pragma once

#include "abi/errors.h"
#include "common/mem.h"
#include "kernel/thread.h"

// What a thread finds whose operation ended without a message: a tag, and nothing in the other registers.
static inline void ipc_set_result(struct thread *t, uint64_t tag)
{
    t->rax = tag;
    t->rdi = t->rbx = t->r13 = 0;
    t->words[0] = t->words[1] = t->words[2] = t->words[3] = t->words[4] = t->words[5] = 0;
}
_Static_assert(MESSAGE_WORDS == 6, "words that are cleared");

// What a message brings, in all the registers that could hold something of an earlier one.
static inline void ipc_set_message(struct thread *t, uint64_t tag, uint64_t badge, const uint64_t *words,
                                   uint64_t token)
{
    t->rax = tag;
    t->rdi = badge;
    memcpy(t->words, words, sizeof t->words);
    t->rbx = token;
    t->r13 = 0;
}

static inline void ipc_begin_call(struct thread *caller, struct thread *server)
{
    caller->state = THREAD_CALLING;
    caller->server = server;
    server->client = caller;
}

// Ends whatever t waits for, with an error of the kernel's. A fault message that fails goes to the next handler.
void ipc_fail(struct thread *t, err_t error);

// t, which has stopped with a message in send_tag and words (or a fault), sends it to e and waits for the reply.
must_use err_t ipc_send(struct thread *t, struct endpoint *e, bool wants_reply);

// Callers that p received and did not answer: ERR_SERVER_DIED, a few at a time.
void ipc_release_owed(struct process *p);

// A conversation of t as a caller is over: its token is dead.
void ipc_end_call(struct thread *t);
