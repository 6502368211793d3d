// SPDX-License-Identifier: MIT
// Stands in for libsys/call.h: the other side is in this program.
#pragma once

#include "libsys/ipc.h"

static inline err_t ipc_call_words(cap_t endpoint, struct message *m)
{
    err_t error = ipc_call(endpoint, m);
    return error == OK && TAG_LENGTH(m->tag) != 0 ? ERR_BAD_MESSAGE : error;
}

static inline err_t ipc_call_words_again(cap_t endpoint, struct message *m) { return ipc_call_words(endpoint, m); }
