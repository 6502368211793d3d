// SPDX-License-Identifier: MIT
#include "servers/tasks/joins.h"

bool joins_put(struct joins *joins, uint64_t token, uint64_t id)
{
    if (joins->count == JOINS_MAX) return false;
    joins->waiting[joins->count].token = token;
    joins->waiting[joins->count++].id = id;
    return true;
}

uint64_t joins_take(struct joins *joins, uint64_t id)
{
    for (uint32_t i = 0; i < joins->count; i++) {
        if (joins->waiting[i].id != id) continue;
        const uint64_t token = joins->waiting[i].token;
        joins->waiting[i] = joins->waiting[--joins->count];
        return token;
    }
    return 0;
}
