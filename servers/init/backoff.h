// SPDX-License-Identifier: MIT
// How soon a server that died is started again: at once after the first death, then after a pause that doubles with each
// further one, so that a server that dies at its start does not take the machine; and not at all after too many.
#pragma once

#include "abi/types.h"

// A life that lasted so long was a good one: counting starts afresh.
#define BACKOFF_GOOD_LIFE 10000000000ull // ns
#define BACKOFF_LONGEST 60000000000ull   // ns

struct backoff {
    // from the manifest
    uint64_t pause;          // before the second restart in a row, ns
    uint32_t deaths_allowed; // in a row; 0: any number
    // of this server
    uint32_t deaths;  // in a row
    uint64_t started; // when its present life began, ns
};

// The server died now. Returns when it may start again (ns); FOREVER: it is given up on.
uint64_t backoff_death(struct backoff *b, uint64_t now);
