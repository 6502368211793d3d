// SPDX-License-Identifier: MIT
// The hands: processes that make the host's calls, one call each at a time. A call that is never answered occupies its
// hand and nobody else; and a hand can be ended, and the call with it.
#pragma once

#include "abi/types.h"

#define HANDS 4        // that make calls
#define LISTENER HANDS // the one that waits for notifications
#define HAND_PLACES (HANDS + 1)
#define HAND_PROGRAM "hand"

enum hand_state {
    HAND_MISSING,  // to be started
    HAND_STARTING, // started, and not ready yet
    HAND_READY,    // has named its services; its first request is on its way
    HAND_WAITING,  // waits for work; token
    HAND_CALLING,  // makes the call `sequence`
};

struct hand {
    uint64_t id; // the process's number; 0: none
    enum hand_state state;
    uint64_t token;
    uint32_t sequence;
};

extern struct hand hands[HAND_PLACES];

// The hand that is this process, or NULL.
struct hand *hand_of(uint64_t id);
// A hand that waits for work; the first in the list, so that one call after the other is made by the same process. NULL: none.
struct hand *hand_waiting(void);
// The hand that makes this call, or NULL.
struct hand *hand_calling(uint32_t sequence);
