// SPDX-License-Identifier: MIT
// Free slots of the process's own capability table, from the start page's first_free_slot on. Safe between threads.
#pragma once

#include "abi/errors.h"
#include "abi/types.h"

#define SLOTS_MAX 8192 // slots above this are never given out here

// An empty slot, which is the caller's until slot_free. NO_CAP: all are taken.
cap_t slot_alloc(void);

// Gives a slot back. It must be empty: cap_discard (libsys/ipc.h) empties it first.
void slot_free(cap_t slot);

// Takes the slots first … first + count − 1 out of the game, for who manages them himself. ERR_SLOT_USED: some were
// given out before; those keep their owner, the rest is reserved.
err_t slot_reserve(uint32_t first, uint32_t count);
