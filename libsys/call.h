// SPDX-License-Identifier: MIT
// Calls whose answer is nothing but words, made where they stand: so the arguments of a generated stub go straight into
// the registers, and the results straight out of them.
#pragma once

#include "libsys/ipc.h"

// What any other end of such a call means: the kernel's error, the server's; ERR_BAD_MESSAGE for an answer with a body.
// Capabilities that came are dropped, and that alone is no error.
must_use err_t ipc_other_end(uint64_t tag);

// The same for a method that may be repeated; *request is what was asked, and becomes the answer.
must_use err_t ipc_other_end_again(cap_t endpoint, uint64_t tag, struct message *request);

// The tag of *m has its operation already, TAG(SYS_call, method, length, caps). Errors as ipc_call.
must_use static force_inline err_t ipc_call_words(cap_t endpoint, struct message *m)
{
    trap(endpoint, m);
    return __builtin_expect(m->tag == KIND_REPLY, 1) ? OK : ipc_other_end(m->tag);
}

// As ipc_call_again.
must_use static force_inline err_t ipc_call_words_again(cap_t endpoint, struct message *m)
{
    const struct message request = *m;
    trap(endpoint, m);
    if (__builtin_expect(m->tag == KIND_REPLY, 1)) return OK;
    struct message again = request;
    err_t error = ipc_other_end_again(endpoint, m->tag, &again);
    if (TAG_OPERATION(m->tag) == ERR_SERVER_DIED) *m = again;
    return error;
}
