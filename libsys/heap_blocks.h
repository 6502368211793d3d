// SPDX-License-Identifier: MIT
// The heap's blocks, for its two files.
#pragma once

#include "common/mem.h"
#include "libsys/heap.h"

struct heap_block {
    union {
        struct {
            uint32_t size, bin;
        };                       // small
        uint64_t large_size;     // large
        uint64_t distance;       // aligned: back to the contents of the block around it
        struct heap_block *next; // free
    };
    uint64_t mark; // MARK_* ^ the block's own address; next to the contents, where a write before them meets it
};
_Static_assert(sizeof(struct heap_block) == HEAP_ALIGNMENT, "contents follow the header at the right alignment");

// A chunk's and a large block's first bytes. The chain is for heap_end.
struct heap_chunk {
    struct heap_chunk *next;
    size_t pages;
};
_Static_assert(sizeof(struct heap_chunk) == HEAP_ALIGNMENT, "the first block of a chunk is aligned");

#define MARK_SMALL 0x75ed0b10c0a11ull
#define MARK_LARGE 0x75edb19b10c0ull
#define MARK_FREE 0xf4eeb10cdeadull
#define MARK_ALIGNED 0xa119ed0ff5e7ull // stands before aligned contents, inside of an ordinary block
#define CANARY 0x00ff1e9adbea57feull   // the byte that an overflow by one meets is none that text ends with

#define OVERHEAD (sizeof(struct heap_block) + sizeof(uint64_t))
#define SIZE_MAX_ALLOWED (1ull << 46) // nothing in the user half is larger; keeps sums from wrapping

// Block sizes, header and canary included: multiples of 16 up to 1,024 (classes 0–64 by their number of 16s), then four
// to each doubling up to 32 KiB.
#define FINE_MAX 1024u
#define FINE_CLASSES 65u
#define BLOCK_MAX 32768u
_Static_assert(HEAP_CLASSES == FINE_CLASSES + 20, "five doublings of four classes");

static inline uint32_t class_of(size_t total)
{
    if (total <= FINE_MAX) return (uint32_t)(total + 15) / 16;
    uint32_t doubling = 63 - (uint32_t)__builtin_clzll(total - 1); // 2^doubling < total ≤ 2^(doubling + 1)
    uint32_t quarter = (uint32_t)((total - 1) >> (doubling - 2)) & 3;
    return FINE_CLASSES + (doubling - 10) * 4 + quarter;
}

static inline size_t class_size(uint32_t bin)
{
    if (bin < FINE_CLASSES) return bin * 16u;
    uint32_t step = bin - FINE_CLASSES;
    return (5u + step % 4) << (8 + step / 4);
}

static inline char *contents_of(struct heap_block *block) { return (char *)(block + 1); }

static inline uint64_t mark_of(const void *block, uint64_t kind) { return kind ^ (uintptr_t)block; }

static inline void set_canary(char *contents, size_t size)
{
    const uint64_t canary = CANARY;
    memcpy(contents + size, &canary, sizeof canary);
}

static inline bool canary_is_whole(const char *contents, size_t size)
{
    uint64_t found;
    memcpy(&found, contents + size, sizeof found);
    return found == CANARY;
}

static inline size_t size_of(const struct heap_block *block)
{
    return block->mark == mark_of(block, MARK_LARGE) ? block->large_size : block->size;
}

static inline size_t large_pages(size_t size)
{
    return (sizeof(struct heap_chunk) + OVERHEAD + size + HEAP_PAGE - 1) / HEAP_PAGE;
}

// The header of a block in use; for aligned contents that of the block around them. Damage does not return.
struct heap_block *heap_block_of(struct heap *heap, void *contents);
void heap_give_span(struct heap *heap, void *span, size_t pages);
