// SPDX-License-Identifier: MIT
#include "libsys/heap.h"

#include "common/mem.h"

struct heap_block {
    uint64_t mark; // one of MARK_* ^ the block's own address
    union {
        uint64_t shape;          // in use: size | class << CLASS_SHIFT; aligned: distance to the outer contents
        struct heap_block *next; // free
    };
};
_Static_assert(sizeof(struct heap_block) == HEAP_ALIGNMENT, "contents follow the header at the right alignment");

// A chunk's and a large block's first bytes. The chain is for heap_end.
struct heap_chunk {
    struct heap_chunk *next;
    size_t pages;
};
_Static_assert(sizeof(struct heap_chunk) == HEAP_ALIGNMENT, "the first block of a chunk is aligned");

#define MARK_USED 0x75ed0b10c0a11ull
#define MARK_FREE 0xf4eeb10cdeadull
#define MARK_ALIGNED 0xa119ed0ff5e7ull // stands before aligned contents, inside of an ordinary block
#define CANARY 0x00ff1e9adbea57feull   // the byte that an overflow by one meets is none that text ends with

#define CLASS_SHIFT 56
#define CLASS_LARGE 255u
#define SIZE_MASK ((1ull << CLASS_SHIFT) - 1)
#define OVERHEAD (sizeof(struct heap_block) + sizeof(uint64_t))
#define SIZE_MAX_ALLOWED (1ull << 46) // nothing in the user half is larger; keeps sums from wrapping

// Block sizes, header and canary included: multiples of 16 up to 1,024 (classes 0–64 by their number of 16s), then four
// to each doubling up to 32 KiB.
#define FINE_MAX 1024u
#define FINE_CLASSES 65u
#define BLOCK_MAX 32768u
_Static_assert(HEAP_CLASSES == FINE_CLASSES + 20, "five doublings of four classes");

static uint32_t class_of(size_t total)
{
    if (total <= FINE_MAX)
        return (uint32_t)(total + 15) / 16;
    uint32_t doubling = 63 - (uint32_t)__builtin_clzll(total - 1); // 2^doubling < total ≤ 2^(doubling + 1)
    uint32_t quarter = (uint32_t)((total - 1) >> (doubling - 2)) & 3;
    return FINE_CLASSES + (doubling - 10) * 4 + quarter;
}

static size_t class_size(uint32_t bin)
{
    if (bin < FINE_CLASSES)
        return bin * 16u;
    uint32_t step = bin - FINE_CLASSES;
    return (5u + step % 4) << (8 + step / 4);
}

static char *contents_of(struct heap_block *block)
{
    return (char *)(block + 1);
}

static uint64_t mark_of(const void *block, uint64_t kind)
{
    return kind ^ (uintptr_t)block;
}

static void set_canary(char *contents, size_t size)
{
    const uint64_t canary = CANARY;
    memcpy(contents + size, &canary, sizeof canary);
}

static bool canary_is_whole(const char *contents, size_t size)
{
    uint64_t found;
    memcpy(&found, contents + size, sizeof found);
    return found == CANARY;
}

static void *use(struct heap *heap, struct heap_block *block, size_t size, uint32_t bin)
{
    block->mark = mark_of(block, MARK_USED);
    block->shape = size | (uint64_t)bin << CLASS_SHIFT;
    set_canary(contents_of(block), size);
    heap->figures.blocks++;
    heap->figures.bytes += size;
    heap->figures.allocations++;
    return contents_of(block);
}

// Memory that is in use again can be freed again.
static void forget_released(struct heap *heap, const char *span, size_t pages)
{
    for (size_t i = 0; i < HEAP_RELEASED; i++)
        if ((uintptr_t)heap->released[i] - (uintptr_t)span < pages * HEAP_PAGE)
            heap->released[i] = NULL;
}

static void *take_span(struct heap *heap, size_t pages)
{
    char *span = heap->source->take(pages);
    if (span == NULL)
        return NULL;
    if (heap->released_count > 0)
        forget_released(heap, span, pages);
    if (heap->highest == 0 || (uintptr_t)span < heap->lowest)
        heap->lowest = (uintptr_t)span;
    if ((uintptr_t)span + pages * HEAP_PAGE > heap->highest)
        heap->highest = (uintptr_t)span + pages * HEAP_PAGE;
    heap->figures.span_bytes += pages * HEAP_PAGE;
    heap->figures.spans++;
    return span;
}

static void give_span(struct heap *heap, void *span, size_t pages)
{
    heap->figures.span_bytes -= pages * HEAP_PAGE;
    heap->figures.spans--;
    heap->source->give(span, pages);
}

static void put_free(struct heap *heap, struct heap_block *block, uint32_t bin)
{
    block->mark = mark_of(block, MARK_FREE);
    block->next = heap->free[bin];
    heap->free[bin] = block;
}

// What is left of the old chunk is cut into the largest blocks that fit, so that nothing is lost.
static void cut_rest(struct heap *heap)
{
    while ((size_t)(heap->fresh_end - heap->fresh) >= 2 * HEAP_ALIGNMENT + sizeof(uint64_t)) {
        size_t rest = (size_t)(heap->fresh_end - heap->fresh);
        uint32_t bin = rest >= BLOCK_MAX ? HEAP_CLASSES - 1 : class_of(rest);
        if (class_size(bin) > rest)
            bin--;
        put_free(heap, (struct heap_block *)(void *)heap->fresh, bin);
        heap->fresh += class_size(bin);
    }
}

static bool new_chunk(struct heap *heap)
{
    struct heap_chunk *chunk = take_span(heap, HEAP_CHUNK_PAGES);
    if (chunk == NULL)
        return false;
    if (heap->fresh != NULL)
        cut_rest(heap);
    *chunk = (struct heap_chunk){heap->chunks, HEAP_CHUNK_PAGES};
    heap->chunks = chunk;
    heap->fresh = (char *)(chunk + 1);
    heap->fresh_end = (char *)chunk + HEAP_CHUNK_PAGES * HEAP_PAGE;
    return true;
}

// The list of this class is empty: a block is cut from the chunk.
static __attribute__((noinline)) void *alloc_fresh(struct heap *heap, size_t size, uint32_t bin)
{
    const size_t total = class_size(bin);
    if ((size_t)(heap->fresh_end - heap->fresh) < total && !new_chunk(heap))
        return NULL;
    struct heap_block *block = (struct heap_block *)(void *)heap->fresh;
    heap->fresh += total;
    return use(heap, block, size, bin);
}

static size_t large_pages(size_t size)
{
    return (sizeof(struct heap_chunk) + OVERHEAD + size + HEAP_PAGE - 1) / HEAP_PAGE;
}

static __attribute__((noinline)) void *alloc_large(struct heap *heap, size_t size)
{
    if (size > SIZE_MAX_ALLOWED)
        return NULL;
    struct heap_chunk *span = take_span(heap, large_pages(size));
    if (span == NULL)
        return NULL;
    span->pages = large_pages(size);
    struct heap_block *block = (struct heap_block *)(span + 1);
    return use(heap, block, size, CLASS_LARGE);
}

void *heap_alloc(struct heap *heap, size_t size)
{
    if (size > BLOCK_MAX - OVERHEAD)
        return alloc_large(heap, size);
    const uint32_t bin = class_of(size + OVERHEAD);
    struct heap_block *block = heap->free[bin];
    if (block == NULL)
        return alloc_fresh(heap, size, bin);
    // Only a write that ran over from the block below can have changed the header of a free block.
    if (block->mark != mark_of(block, MARK_FREE))
        heap->source->fail(HEAP_UNDERFLOW, contents_of(block));
    heap->free[bin] = block->next;
    return use(heap, block, size, bin);
}

// Why a pointer is none that can be freed.
static __attribute__((noinline)) void refuse(struct heap *heap, const void *contents)
{
    for (size_t i = 0; i < HEAP_RELEASED; i++)
        if (heap->released[i] == contents)
            heap->source->fail(HEAP_DOUBLE_FREE, contents);
    const uintptr_t address = (uintptr_t)contents;
    if (address % HEAP_ALIGNMENT != 0 || address - sizeof(struct heap_block) < heap->lowest || address >= heap->highest)
        heap->source->fail(HEAP_BAD_POINTER, contents);
    const struct heap_block *block = (const struct heap_block *)contents - 1;
    bool is_free = block->mark == mark_of(block, MARK_FREE);
    heap->source->fail(is_free ? HEAP_DOUBLE_FREE : HEAP_BAD_POINTER, contents);
}

// The header of a block in use; for aligned contents that of the block around them. Damage does not return.
static struct heap_block *block_of(struct heap *heap, void *contents)
{
    const uintptr_t address = (uintptr_t)contents;
    if (address % HEAP_ALIGNMENT != 0 ||
        address - sizeof(struct heap_block) - heap->lowest >= heap->highest - heap->lowest)
        refuse(heap, contents);
    // A large block's span may be gone: its header must not be read before that is known. Its contents start 32 bytes
    // into a page, or, aligned, at a power of two or the start of a page.
    const uintptr_t offset = address % HEAP_PAGE;
    if ((offset & (offset - 1)) == 0 && heap->released_count > 0)
        for (size_t i = 0; i < HEAP_RELEASED; i++)
            if (heap->released[i] == contents)
                refuse(heap, contents);
    struct heap_block *block = (struct heap_block *)contents - 1;
    if (block->mark == mark_of(block, MARK_ALIGNED))
        block = (struct heap_block *)((char *)contents - block->shape) - 1;
    if (block->mark != mark_of(block, MARK_USED))
        refuse(heap, contents);
    if (!canary_is_whole(contents_of(block), block->shape & SIZE_MASK))
        heap->source->fail(HEAP_OVERFLOW, contents);
    return block;
}

static void free_large(struct heap *heap, struct heap_block *block, const void *contents)
{
    struct heap_chunk *span = (struct heap_chunk *)block - 1;
    heap->released[heap->released_count++ % HEAP_RELEASED] = contents;
    give_span(heap, span, span->pages);
}

void heap_free(struct heap *heap, void *contents)
{
    if (contents == NULL)
        return;
    struct heap_block *block = block_of(heap, contents);
    const uint32_t bin = (uint32_t)(block->shape >> CLASS_SHIFT);
    heap->figures.blocks--;
    heap->figures.bytes -= block->shape & SIZE_MASK;
    // The inner header of an aligned block is dead too: freed again, it is to be named.
    struct heap_block *inner = (struct heap_block *)contents - 1;
    if (inner != block)
        inner->mark = mark_of(inner, MARK_FREE);
    if (bin == CLASS_LARGE)
        free_large(heap, block, contents);
    else
        put_free(heap, block, bin);
}

// How many bytes lie between the block's contents and what the caller knows of them (aligned blocks).
static size_t offset_in(struct heap_block *block, const void *contents)
{
    return (size_t)((const char *)contents - contents_of(block));
}

size_t heap_size(struct heap *heap, void *contents)
{
    struct heap_block *block = block_of(heap, contents);
    return (block->shape & SIZE_MASK) - offset_in(block, contents);
}

static void set_size(struct heap *heap, struct heap_block *block, size_t size)
{
    heap->figures.bytes += size - (block->shape & SIZE_MASK);
    block->shape = size | (block->shape & ~SIZE_MASK);
    set_canary(contents_of(block), size);
}

void *heap_alloc_aligned(struct heap *heap, size_t alignment, size_t size)
{
    if (alignment == 0 || (alignment & (alignment - 1)) != 0 || alignment > SIZE_MAX_ALLOWED || size > SIZE_MAX_ALLOWED)
        return NULL;
    if (alignment <= HEAP_ALIGNMENT)
        return heap_alloc(heap, size);
    char *outer = heap_alloc(heap, size + alignment);
    if (outer == NULL)
        return NULL;
    struct heap_block *block = (struct heap_block *)(void *)outer - 1;
    char *contents = outer + (-(uintptr_t)outer & (alignment - 1));
    set_size(heap, block, (size_t)(contents - outer) + size);
    if (contents == outer)
        return contents;
    struct heap_block *inner = (struct heap_block *)(void *)contents - 1;
    inner->mark = mark_of(inner, MARK_ALIGNED);
    inner->shape = (uint64_t)(contents - outer);
    return contents;
}

// Can the block hold that many bytes where it is, without wasting most of it?
static bool fits(const struct heap_block *block, size_t size)
{
    const uint32_t bin = (uint32_t)(block->shape >> CLASS_SHIFT);
    if (bin == CLASS_LARGE)
        return size <= SIZE_MAX_ALLOWED && large_pages(size) == ((const struct heap_chunk *)block - 1)->pages;
    return size <= BLOCK_MAX - OVERHEAD && class_of(size + OVERHEAD) == bin;
}

void *heap_resize(struct heap *heap, void *contents, size_t size)
{
    if (contents == NULL)
        return heap_alloc(heap, size);
    struct heap_block *block = block_of(heap, contents);
    const size_t offset = offset_in(block, contents), old = (block->shape & SIZE_MASK) - offset;
    if (size <= SIZE_MAX_ALLOWED && fits(block, offset + size)) {
        set_size(heap, block, offset + size);
        return contents;
    }
    void *moved = heap_alloc(heap, size);
    if (moved == NULL)
        return NULL;
    memcpy(moved, contents, old < size ? old : size);
    heap_free(heap, contents);
    return moved;
}

bool heap_end(struct heap *heap)
{
    if (heap->figures.blocks > 0)
        return false;
    while (heap->chunks != NULL) {
        struct heap_chunk *chunk = heap->chunks;
        heap->chunks = chunk->next;
        give_span(heap, chunk, chunk->pages);
    }
    *heap = (struct heap){.source = heap->source, .figures.allocations = heap->figures.allocations};
    return true;
}

const char *heap_fault_text(enum heap_fault fault)
{
    switch (fault) {
    case HEAP_BAD_POINTER:
        return "a pointer that malloc did not return";
    case HEAP_DOUBLE_FREE:
        return "a block that was freed before";
    case HEAP_OVERFLOW:
        return "a write behind the end of the block";
    case HEAP_UNDERFLOW:
        return "a write into the header of a free block";
    }
    return "damage";
}
