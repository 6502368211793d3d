// SPDX-License-Identifier: MIT
// Free runs of frames that are mapped nowhere, each a memory capability, in ascending order. Neighbours are always
// joined, so the list is as short as it can be. Pieces are cut from the end of a run: the kernel's work for a cut grows
// with the part cut off, not with what stays.
#pragma once

#include "abi/errors.h"
#include "abi/types.h"

#define EXTENTS 512

struct extent {
    uint32_t first; // frame number
    uint32_t pages;
    uint32_t slot;
};

// How the kernel and the table of slots are reached: a host test has its own.
struct extent_operations {
    err_t (*split)(uint32_t slot, uint32_t keep, uint32_t rest);
    err_t (*join)(uint32_t lower, uint32_t upper); // empties the upper slot
    uint32_t (*slot_take)(void);                   // 0: none left
    void (*slot_give)(uint32_t slot);
};

struct extents {
    const struct extent_operations *operations;
    uint64_t free; // frames of all runs
    uint32_t count;
    struct extent list[EXTENTS];
};

// Takes over a run that was whole and unmapped and joins it with its neighbours. ERR_FULL: nothing has changed.
must_use err_t extents_give(struct extents *e, struct extent run);

// A run of that many pages from the smallest one that is large enough. ERR_NO_MEMORY, ERR_FULL.
must_use err_t extents_take(struct extents *e, uint32_t pages, struct extent *out);

// At most one piece lies in each window of 2^shift frames, so that a frame's number says which piece it is in. Takes a
// whole window where there is one, otherwise the largest part of a window that busy() does not hold already.
must_use err_t extents_take_window(struct extents *e, uint32_t shift, bool (*busy)(uint32_t window),
                                   struct extent *out);

// The largest run, in pages.
uint32_t extents_largest(const struct extents *e);
