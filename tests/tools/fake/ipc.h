// SPDX-License-Identifier: MIT
// Client and server in one program: what ipc_call and the loop of libsys do, without a kernel. Requests and replies can
// be altered on their way, and what a message does not carry is filled with rubbish.
#pragma once

#include "libsys/serve.h"

#define FAKE_BADGE 77u
#define FAKE_TOKEN 5u

enum fake_side { FAKE_CLIENT, FAKE_SERVER };

// Called with each message on its way, if not NULL; may alter words, tag and body.
extern void (*fake_alter_request)(struct message *m, uint8_t *body);
extern void (*fake_alter_reply)(struct message *m, uint8_t *body);
// Called when a handler has returned DEFERRED; answers with X_METHOD_answer.
extern void (*fake_later)(void);
// What was sent last, before it was altered.
extern struct message fake_request, fake_reply;
extern uint32_t fake_calls, fake_discarded;

// Runs one request through the server's dispatch as the loop does. m holds the request, then the reply; the bodies are
// the server's page.
err_t fake_serve_one(struct message *m);
struct message_page *fake_page(enum fake_side side);
