// SPDX-License-Identifier: MIT
// A ring with one writer and one reader, which may interrupt each other at any instruction: neither ever waits for the
// other, so the supervisor cannot be held up by the builder. Who puts something in then notifies the other thread.
#pragma once

#include <stdatomic.h>

#include "abi/types.h"

#define RING_ITEMS 64

struct ring {
    _Atomic uint32_t put;   // changed only by the writer
    _Atomic uint32_t taken; // changed only by the reader
    uint64_t items[RING_ITEMS];
};

// Writer only. False: the ring is full, nothing was put.
static inline bool ring_put(struct ring *ring, uint64_t item)
{
    uint32_t put = atomic_load_explicit(&ring->put, memory_order_relaxed);
    if (put - atomic_load_explicit(&ring->taken, memory_order_acquire) == RING_ITEMS) return false;
    ring->items[put % RING_ITEMS] = item;
    atomic_store_explicit(&ring->put, put + 1, memory_order_release); // not before the item is there
    return true;
}

// Reader only. False: the ring is empty.
static inline bool ring_take(struct ring *ring, uint64_t *item)
{
    uint32_t taken = atomic_load_explicit(&ring->taken, memory_order_relaxed);
    if (taken == atomic_load_explicit(&ring->put, memory_order_acquire)) return false;
    *item = ring->items[taken % RING_ITEMS];
    atomic_store_explicit(&ring->taken, taken + 1, memory_order_release);
    return true;
}
