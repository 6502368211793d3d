// SPDX-License-Identifier: MIT
#include "servers/memory/regions.h"

static uint64_t end_of(const struct region *region) { return region->first + region->pages; }

bool regions_search(struct regions *r, uint64_t page)
{
    for (uint32_t i = 0; i < r->count; i++) {
        if (page - r->list[i].first < r->list[i].pages) {
            r->last = i;
            return true;
        }
    }
    return false;
}

static void insert(struct regions *r, uint32_t at, struct region region)
{
    for (uint32_t i = r->count++; i > at; i--)
        r->list[i] = r->list[i - 1];
    r->list[at] = region;
}

static void remove(struct regions *r, uint32_t at)
{
    for (uint32_t i = at + 1; i < r->count; i++)
        r->list[i - 1] = r->list[i];
    r->count--;
    r->last = 0;
}

err_t regions_add(struct regions *r, uint64_t first, uint64_t pages)
{
    uint32_t at = 0;
    while (at < r->count && r->list[at].first < first)
        at++;
    struct region *below = at > 0 ? &r->list[at - 1] : NULL;
    struct region *above = at < r->count ? &r->list[at] : NULL;
    if ((below && end_of(below) > first) || (above && above->first - first < pages)) return ERR_EXISTS;
    bool joins_below = below && end_of(below) == first, joins_above = above && above->first - first == pages;
    if (!joins_below && !joins_above && r->count == REGIONS) return ERR_FULL;
    // --- nothing below can fail ---
    if (joins_below) {
        below->pages += pages;
        if (joins_above) {
            below->pages += above->pages;
            remove(r, at);
        }
    } else if (joins_above) {
        above->first = first;
        above->pages += pages;
    } else {
        insert(r, at, (struct region){first, pages});
    }
    return OK;
}

err_t regions_remove(struct regions *r, uint64_t first, uint64_t pages)
{
    for (uint32_t i = 0; i < r->count; i++) {
        struct region *region = &r->list[i];
        uint64_t before = first - region->first;
        if (before >= region->pages) continue;
        if (pages > region->pages - before) return ERR_BAD_ADDRESS;
        uint64_t behind = region->pages - before - pages;
        if (before && behind) {
            if (r->count == REGIONS) return ERR_FULL;
            region->pages = before;
            insert(r, i + 1, (struct region){first + pages, behind});
        } else if (before) {
            region->pages = before;
        } else if (behind) {
            *region = (struct region){first + pages, behind};
        } else {
            remove(r, i);
        }
        return OK;
    }
    return ERR_BAD_ADDRESS;
}

uint64_t regions_end(const struct regions *r, uint64_t first, uint64_t limit)
{
    uint64_t end = first;
    for (uint32_t i = 0; i < r->count; i++)
        if (end_of(&r->list[i]) > end && end_of(&r->list[i]) <= limit) end = end_of(&r->list[i]);
    return end;
}
