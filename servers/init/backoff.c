// SPDX-License-Identifier: MIT
#include "servers/init/backoff.h"

#include "abi/syscall.h"

uint64_t backoff_death(struct backoff *b, uint64_t now)
{
    if (now - b->started >= BACKOFF_GOOD_LIFE) b->deaths = 0;
    b->deaths++;
    if (b->deaths_allowed && b->deaths >= b->deaths_allowed) return FOREVER;
    if (b->deaths == 1) return now;
    uint64_t pause = b->pause < BACKOFF_LONGEST ? b->pause : BACKOFF_LONGEST;
    for (uint32_t i = 2; i < b->deaths && pause < BACKOFF_LONGEST; i++)
        pause *= 2;
    return now + (pause < BACKOFF_LONGEST ? pause : BACKOFF_LONGEST);
}
