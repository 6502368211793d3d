// SPDX-License-Identifier: MIT
// Messages between threads: the C path, which is the specification of IPC.
#pragma once

#include "abi/errors.h"
#include "kernel/thread.h"

// What a thread finds whose operation ended without a message: a tag, and nothing in the other registers.
static inline void ipc_set_result(struct thread *t, uint64_t tag)
{
    t->rax = tag;
    t->rdi = t->rbx = t->r13 = 0;
    t->words[0] = t->words[1] = t->words[2] = t->words[3] = t->words[4] = t->words[5] = 0;
}
_Static_assert(MESSAGE_WORDS == 6, "words that are cleared");

// Ends whatever t waits for, with an error of the kernel's. A fault message that fails goes to the next handler.
void ipc_fail(struct thread *t, err_t error);

// t, which has stopped with a message in send_tag and words (or a fault), sends it to e and waits for the reply.
must_use err_t ipc_send(struct thread *t, struct endpoint *e, bool wants_reply);

// Callers that p received and did not answer: ERR_SERVER_DIED, a few at a time.
void ipc_release_owed(struct process *p);

// A conversation of t as a caller is over: its token is dead.
void ipc_end_call(struct thread *t);
