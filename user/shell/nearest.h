// SPDX-License-Identifier: MIT
// What did you mean?
#pragma once

#include "abi/types.h"

#define NEAREST_LONGEST 32u // longer words are not compared

// How many letters to insert, delete, replace or swap with a neighbour to get from one word to the other; at most
// NEAREST_LONGEST, also for words that are longer than that.
unsigned edit_distance(const char *a, const char *b);

// The best of several candidates, looked at one by one.
struct nearest {
    const char *word; // what was typed
    unsigned distance;
    char best[NEAREST_LONGEST]; // empty: nothing is near enough to be meant
};

void nearest_start(struct nearest *nearest, const char *word);
void nearest_offer(struct nearest *nearest, const char *candidate);
