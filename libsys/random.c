// SPDX-License-Identifier: MIT
#include "libsys/random.h"

// SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", 2014): every seed is a good one.
uint64_t random_next(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

// The numbers below 2⁶⁴ mod limit are left out, so that the remainders are equally likely.
uint64_t random_below(uint64_t *state, uint64_t limit)
{
    if (limit == 0) return 0;
    const uint64_t uneven = -limit % limit;
    for (;;) {
        uint64_t number = random_next(state);
        if (number >= uneven) return number % limit;
    }
}
