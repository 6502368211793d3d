// SPDX-License-Identifier: MIT
// For readers of what others wrote: each check says on one line what it does not accept, and why, for people.
#pragma once

#define REFUSE_IF(WRONG, REASON) \
    do { \
        if (WRONG) return REASON; \
    } while (0)
