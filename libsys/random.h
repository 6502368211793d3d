// SPDX-License-Identifier: MIT
// Pseudo-random numbers for games and tests; nothing secret may depend on them. The state is the caller's: any seed,
// the same seed gives the same numbers.
#pragma once

#include <stdint.h>

// The next number, all 64 bits, and the state behind it.
uint64_t random_next(uint64_t *state);
// Below the limit, each value equally likely; 0 for a limit of 0.
uint64_t random_below(uint64_t *state, uint64_t limit);
