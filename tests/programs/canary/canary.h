// SPDX-License-Identifier: MIT
#pragma once

#include "abi/types.h"

// What a thread can lose when it is interrupted; round.asm knows the order.
struct canary {
    uint64_t registers[16]; // rsp is the last
    uint64_t flags;
    uint8_t xmm[16][16];
    uint64_t red_zone[16];
};
_Static_assert(offsetof(struct canary, xmm) == 17 * 8 && offsetof(struct canary, red_zone) == 17 * 8 + 256,
               "round.asm counts on it");

extern struct canary canary_in, canary_out;
void canary_nops(void);
void canary_breakpoint(void);
