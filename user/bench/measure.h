// SPDX-License-Identifier: MIT
// What programs that measure share.
#pragma once

#include "user/bench/twin.h"

#define TIMES 100u

// Interrupts and first uses only ever add to a measurement: the smallest of many is the thing itself.
#define SMALLEST(RESULT, CODE) \
    do { \
        (RESULT) = ~0ull; \
        for (unsigned time_ = 0; time_ < TIMES; time_++) { \
            uint64_t start_ = instructions(); \
            CODE; \
            uint64_t taken_ = instructions() - start_; \
            if (taken_ < (RESULT)) (RESULT) = taken_; \
        } \
    } while (0)

static inline void least(uint64_t *seen, uint64_t value)
{
    if (value < *seen) *seen = value;
}
