// SPDX-License-Identifier: MIT
// What every host test begins with: cmocka and the headers that it wants before it, and random numbers that are the
// same in every run.
#pragma once

#ifndef _GNU_SOURCE
#define _GNU_SOURCE // mmap, strnlen, memmem
#endif

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEST(NAME) static void NAME(void **state __attribute__((unused)))
#define COUNT(ARRAY) (sizeof(ARRAY) / sizeof((ARRAY)[0]))

// xorshift64*: good enough to find corners, and a failure comes back in the next run.
static inline uint64_t random_number(void)
{
    static uint64_t state = 0x9e3779b97f4a7c15;
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 0x2545f4914f6cdd1d;
}

static inline uint64_t random_below(uint64_t limit) { return random_number() % limit; }
