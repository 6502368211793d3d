// SPDX-License-Identifier: MIT
// What wakes the shell: one receive on its own endpoint waits for keys and for the end of programs alike.
#pragma once

#include "abi/types.h"

#define EVENT_KEYS BIT(0)
#define EVENT_JOB(INDEX) BIT(1 + (INDEX)) // 0 ≤ INDEX < JOBS_MAX

// A capability that sets just these bits on the shell's endpoint; the caller drops it. NO_CAP where there is no slot
// or no endpoint.
cap_t event_capability(uint64_t bits);

// Sleeps until a key was typed or a program has ended, and deals with the latter. Keys wait in a queue.
void events_wait(void);

// The oldest key that was typed and not yet taken.
bool events_take_key(uint32_t *key);

// Takes every key away; says whether Ctrl-C was among them.
bool events_were_interrupted(void);
