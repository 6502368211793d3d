// SPDX-License-Identifier: MIT
#include "servers/memory/extents.h"

static void insert(struct extents *e, uint32_t at, struct extent run)
{
    for (uint32_t i = e->count++; i > at; i--)
        e->list[i] = e->list[i - 1];
    e->list[at] = run;
}

static void remove(struct extents *e, uint32_t at)
{
    for (uint32_t i = at + 1; i < e->count; i++)
        e->list[i - 1] = e->list[i];
    e->count--;
}

static bool touch(const struct extent *lower, const struct extent *upper)
{
    return lower->first + lower->pages == upper->first;
}

// The kernel's refusal leaves both runs as they are: they only stay apart.
static bool join(struct extents *e, struct extent *lower, uint32_t upper_slot, uint32_t upper_pages)
{
    if (e->operations->join(lower->slot, upper_slot) != OK) return false;
    e->operations->slot_give(upper_slot);
    lower->pages += upper_pages;
    return true;
}

err_t extents_give(struct extents *e, struct extent run)
{
    uint32_t at = 0;
    while (at < e->count && e->list[at].first < run.first)
        at++;
    struct extent *below = at > 0 ? &e->list[at - 1] : NULL;
    uint32_t pages = run.pages;
    if (below && touch(below, &run) && join(e, below, run.slot, run.pages)) {
        at--;
    } else {
        if (e->count == EXTENTS) return ERR_FULL;
        insert(e, at, run);
    }
    e->free += pages;
    if (at + 1 < e->count && touch(&e->list[at], &e->list[at + 1]) &&
        join(e, &e->list[at], e->list[at + 1].slot, e->list[at + 1].pages))
        remove(e, at + 1);
    return OK;
}

// Cuts the run at a frame inside it; the upper part follows it in the list.
static err_t cut(struct extents *e, uint32_t at, uint32_t frame)
{
    struct extent *run = &e->list[at];
    if (e->count == EXTENTS) return ERR_FULL;
    uint32_t slot = e->operations->slot_take();
    if (!slot) return ERR_FULL;
    uint32_t keep = frame - run->first;
    err_t err = e->operations->split(run->slot, keep, slot);
    if (err != OK) {
        e->operations->slot_give(slot);
        return err;
    }
    insert(e, at + 1, (struct extent){frame, run->pages - keep, slot});
    run->pages = keep;
    return OK;
}

// Takes [first, first + pages) out of the run. Where the second cut fails, the first stays: nothing is lost.
static err_t take(struct extents *e, uint32_t at, uint32_t first, uint32_t pages, struct extent *out)
{
    err_t err = OK;
    if (e->list[at].first < first) err = cut(e, at++, first);
    if (err == OK && e->list[at].pages > pages) err = cut(e, at, first + pages);
    if (err != OK) return err;
    *out = e->list[at];
    e->free -= pages;
    remove(e, at);
    return OK;
}

err_t extents_take(struct extents *e, uint32_t pages, struct extent *out)
{
    uint32_t best = e->count;
    for (uint32_t i = 0; i < e->count; i++)
        if (e->list[i].pages >= pages && (best == e->count || e->list[i].pages < e->list[best].pages)) best = i;
    if (best == e->count) return ERR_NO_MEMORY;
    return take(e, best, e->list[best].first + e->list[best].pages - pages, pages, out);
}

err_t extents_take_window(struct extents *e, uint32_t shift, bool (*busy)(uint32_t window), struct extent *out)
{
    uint32_t size = 1u << shift, best = 0, best_first = 0, best_pages = 0;
    for (uint32_t i = e->count; i-- > 0;) {
        uint32_t first = e->list[i].first, end = first + e->list[i].pages, top = end >> shift << shift;
        if (top >= size && top - size >= first) return take(e, i, top - size, size, out);
        // No whole window in it: at most two parts of windows, below and above `top`.
        uint32_t middle = top > first ? top : first;
        if (middle - first > best_pages && !busy(first >> shift))
            best = i, best_first = first, best_pages = middle - first;
        if (end - middle > best_pages && !busy(middle >> shift))
            best = i, best_first = middle, best_pages = end - middle;
    }
    if (!best_pages) return ERR_NO_MEMORY;
    return take(e, best, best_first, best_pages, out);
}

uint32_t extents_largest(const struct extents *e)
{
    uint32_t largest = 0;
    for (uint32_t i = 0; i < e->count; i++)
        if (e->list[i].pages > largest) largest = e->list[i].pages;
    return largest;
}
