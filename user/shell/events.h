// SPDX-License-Identifier: MIT
// What wakes the shell: one receive on its own endpoint waits for keys and for the end of programs alike.
#pragma once

#include "abi/types.h"

#define EVENT_KEYS BIT(0)
#define EVENT_JOB(INDEX) BIT(1 + (INDEX)) // 0 ≤ INDEX < JOBS_MAX

// A capability that sets just these bits on the shell's endpoint; the caller drops it. NO_CAP where there is no slot
// or no endpoint.
cap_t event_capability(uint64_t bits);

// Sleeps until a key was typed or a program has ended, and deals with the latter.
void events_wait(void);

// The oldest key that was typed and not yet taken; false when there is none.
bool events_take_key(uint32_t *key);

// While a program runs in front: keeps what is typed for the next line. True when Ctrl-C was typed, which also forgets
// what was typed before it.
bool events_were_interrupted(void);
