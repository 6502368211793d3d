// SPDX-License-Identifier: MIT
// Callers that wait for the end of a task.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define JOINS_MAX 32u

struct joins {
    uint32_t count;
    struct {
        uint64_t token, id;
    } waiting[JOINS_MAX];
};

bool joins_put(struct joins *joins, uint64_t token, uint64_t id); // false: full, nothing changed

// Takes the token of a caller who waits for this task; 0: nobody does.
uint64_t joins_take(struct joins *joins, uint64_t id);
