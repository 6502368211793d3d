// SPDX-License-Identifier: MIT
// Whether a server's loop still turns. It is asked twice a period, and has a whole period to answer: so one that hangs is
// found within two, and one whose longest request is shorter than the period is never suspected. Two looks without an
// answer are needed, because a host that stops the whole machine makes a time pass in which nobody could answer.
#pragma once

#include "abi/types.h"

#define HEARTBEAT_LOOKS 2

struct heartbeat {
    uint64_t period; // ns, from the manifest; 0: nobody asks
    uint64_t due;    // the next look, ns
    uint32_t missed; // looks without an answer since it was asked
    bool asked;      // and it has not answered yet
};

enum heartbeat_verdict { HEARTBEAT_NOTHING, HEARTBEAT_ASK, HEARTBEAT_HANGS };

// A life begins, or was not given the time to answer.
void heartbeat_start(struct heartbeat *h, uint64_t now);
void heartbeat_answered(struct heartbeat *h);

// What is to be done now; ASK: the caller asks.
enum heartbeat_verdict heartbeat_look(struct heartbeat *h, uint64_t now);
