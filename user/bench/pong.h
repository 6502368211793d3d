// SPDX-License-Identifier: MIT
// The partner of the benchmark, at a higher priority: tests/programs/pong. Its messages are raw: a generated stub would
// be measured along. Words as said; the rest is 0.
#pragma once

#include "libsys/trap.h"

enum pong_method {
    PONG_ROUND,  // answered at once, both ways with words that the other side checks; only behind PONG_ROUNDS
    PONG_ROUNDS, // in: how many PONG_ROUND follow, at most PONG_MOST; how long a body they bring and want
    PONG_TIMES,  // in: a round; out: when it arrived, and when its answer set out
    PONG_BELL,   // out: a capability that notifies pong
    PONG_WOKEN,  // out: the instruction count at which pong last woke by a notification
    PONG_THIRD,  // from now on a thread of the lowest priority runs whenever nobody else does
};

#define PONG_MOST 100u

// The words of a round are random, and different each way.
static inline uint64_t round_word(uint64_t round, uint64_t way, uint64_t word)
{
    uint64_t x = (round * 2 + way) * MESSAGE_WORDS + word + 1;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ x >> 27) * 0x94d049bb133111ebull;
    return x ^ x >> 31;
}

static inline void set_words(struct message *m, uint64_t round, uint64_t way)
{
    for (uint64_t i = 0; i < MESSAGE_WORDS; i++)
        m->words[i] = round_word(round, way, i);
}

static inline bool has_words(const struct message *m, uint64_t round, uint64_t way)
{
    for (uint64_t i = 0; i < MESSAGE_WORDS; i++)
        if (m->words[i] != round_word(round, way, i)) return false;
    return true;
}
