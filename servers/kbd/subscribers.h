// SPDX-License-Identifier: MIT
// Who wants to be told that a key came: notification capabilities, one a process, dropped when their endpoint is gone.
#pragma once

#include <stdint.h>

#include "libsys/serve.h"

#define SUBSCRIBERS 8
#define SUBSCRIBER_MISSES 16 // in a row: who asks for none of these events is not listening

// Keeps the capability that the message brought; it replaces the caller's earlier one. ERR_BAD_MESSAGE: none came.
// ERR_NO_RIGHT: it cannot notify. ERR_FULL: no room, and all others are alive.
err_t subscribers_add(struct caller *from);

// The client has asked for an event: it is alive.
void subscribers_heard(uint64_t client);

// Sets every subscriber's bits. Never waits for anybody.
void subscribers_notify(void);

uint32_t subscribers_count(void);
