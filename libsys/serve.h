// SPDX-License-Identifier: MIT
// The loop of every server. Generated code (interfaces/X.h) supplies dispatch; a server's author writes handlers.
#pragma once

#include "libsys/ipc.h"

// Who asked. Valid until the handler returns.
struct caller {
    uint64_t badge;  // for a service: the number of the process
    uint64_t token;  // names the caller in a later answer; 0: nobody waits (KIND_SEND)
    uint32_t kind;   // KIND_CALL, KIND_SEND or KIND_FAULT
    uint16_t length; // bytes that arrived in the message body
    uint8_t cap_count;
    cap_t caps[MESSAGE_CAPS]; // that came along; those that are still here when the handler returns are dropped
};

// Takes a capability out of the message: from now on it is the server's, until cap_discard. NO_CAP: none came.
cap_t caller_keep(struct caller *from, uint32_t place);

// What a handler returns that will answer later: it keeps from->token and calls X_METHOD_answer with it.
#define DEFERRED ((err_t)0x7fffffff)

struct server {
    // Decodes *m, calls the handler, leaves the answer in *m: words, length and capability count in the tag. The error
    // is the result. On an error nothing but the error is sent.
    err_t (*dispatch)(const struct server *server, struct caller *from, struct message *m);
    void (*notified)(uint64_t bits); // NULL: bits are ignored. The loop takes HEARTBEAT_BIT out and answers it itself
    // A thread stopped (abi/fault.h). m->tag is 0 and says what is sent back besides the result: OK resumes the thread,
    // an error ends it. NULL: every fault is answered with ERR_NO_METHOD.
    err_t (*fault)(struct caller *from, struct message *m);
    void (*timeout)(void); // the deadline passed; sets the next one
    uint64_t *deadline;    // absolute, in nanoseconds since boot; read before each wait. NULL: no deadline
    const void *methods;   // for dispatch
};

// Serves for ever. Returns only when nothing can be received any more: ERR_NO_CAP, ERR_NOT_RECEIVER.
// A handler may call other services; what its request points to in the message page is gone then.
err_t serve(cap_t endpoint, const struct server *server);
