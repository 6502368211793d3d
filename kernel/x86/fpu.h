// SPDX-License-Identifier: MIT
// FPU, SSE and AVX state. A thread that never used them runs with CR0.TS set and pays nothing. First use traps (#NM);
// from then on the thread's state is in the registers whenever it runs, saved when another user's replaces it.
#pragma once

#include "abi/types.h"

struct thread;

void fpu_init(bool has_xsave);

// #NM: the thread becomes a user, with the initial state.
void fpu_first_use(struct thread *t);

// Before t runs, where it or who ran last uses the FPU: its state in the registers, or the registers out of reach.
void fpu_prepare(struct thread *t);

extern struct thread *fpu_owner; // whose state is in the registers; NULL: nobody's
extern bool fpu_is_fast;         // the processor has XSAVE: users of the FPU have a fast path too
extern uint64_t fpu_features;    // XCR0

// t ends: its state is worth nothing.
void fpu_forget(struct thread *t);
