// SPDX-License-Identifier: MIT
// The pages of one process that get a frame when they are touched: disjoint intervals of page numbers, ascending;
// intervals that touch are always one.
#pragma once

#include "abi/errors.h"
#include "abi/types.h"

#define REGIONS 32

struct region {
    uint64_t first; // page number: address / PAGE_SIZE
    uint64_t pages;
};

struct regions {
    uint32_t count;
    uint32_t last; // where the last search ended: faults come in runs
    struct region list[REGIONS];
};

bool regions_search(struct regions *r, uint64_t page);

static inline bool regions_hold(struct regions *r, uint64_t page)
{
    const struct region *last = &r->list[r->last];
    return (r->last < r->count && page - last->first < last->pages) || regions_search(r, page);
}

// ERR_EXISTS: part of it is there already. ERR_FULL: no room. Nothing has changed then.
must_use err_t regions_add(struct regions *r, uint64_t first, uint64_t pages);

// ERR_BAD_ADDRESS: part of it is not there. ERR_FULL: it lies inside a region and there is no room for two.
must_use err_t regions_remove(struct regions *r, uint64_t first, uint64_t pages);

// The page behind the highest region that ends above `first` and not above `limit`; `first` where there is none.
uint64_t regions_end(const struct regions *r, uint64_t first, uint64_t limit);
