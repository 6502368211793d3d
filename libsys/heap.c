// SPDX-License-Identifier: MIT
#include "libsys/heap.h"

#include "abi/types.h"
#include "libsys/heap_blocks.h"

// Out of line, and known not to return: the ordinary path needs no registers saved for it.
static __attribute__((noinline, cold)) _Noreturn void damaged(struct heap *heap, enum heap_fault fault,
                                                              const void *contents)
{
    heap->source->fail(fault, contents);
    __builtin_trap();
}

static inline void *use_small(struct heap *heap, struct heap_block *block, size_t size, uint32_t bin)
{
    block->size = (uint32_t)size;
    block->bin = bin;
    block->mark = mark_of(block, MARK_SMALL);
    set_canary(contents_of(block), size);
    heap->allocated++;
    heap->bytes += size;
    return contents_of(block);
}

// What heap_free can take for a small block without a closer look: nothing, as long as spans were released that a
// pointer may lead to.
static void set_bounds(struct heap *heap, uintptr_t lowest, uintptr_t highest)
{
    heap->lowest = lowest;
    heap->highest = highest;
    heap->safe_bytes = heap->released_count == 0 ? highest - lowest : 0;
}

// Memory that is in use again can be freed again.
static void forget_released(struct heap *heap, const char *span, size_t pages)
{
    for (size_t i = 0; i < HEAP_RELEASED; i++)
        if ((uintptr_t)heap->released[i] - (uintptr_t)span < pages * HEAP_PAGE) heap->released[i] = NULL;
}

static void *take_span(struct heap *heap, size_t pages)
{
    char *span = heap->source->take(pages);
    if (span == NULL) return NULL;
    if (heap->released_count > 0) forget_released(heap, span, pages);
    const uintptr_t first = (uintptr_t)span, end = first + pages * HEAP_PAGE;
    const bool is_lowest = heap->highest == 0 || first < heap->lowest;
    set_bounds(heap, is_lowest ? first : heap->lowest, end > heap->highest ? end : heap->highest);
    heap->span_bytes += pages * HEAP_PAGE;
    heap->spans++;
    return span;
}

void heap_give_span(struct heap *heap, void *span, size_t pages)
{
    heap->span_bytes -= pages * HEAP_PAGE;
    heap->spans--;
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
        if (class_size(bin) > rest) bin--;
        put_free(heap, (struct heap_block *)(void *)heap->fresh, bin);
        heap->fresh += class_size(bin);
    }
}

static bool new_chunk(struct heap *heap)
{
    struct heap_chunk *chunk = take_span(heap, HEAP_CHUNK_PAGES);
    if (chunk == NULL) return false;
    if (heap->fresh != NULL) cut_rest(heap);
    *chunk = (struct heap_chunk){heap->chunks, HEAP_CHUNK_PAGES};
    heap->chunks = chunk;
    heap->fresh = (char *)(chunk + 1);
    heap->fresh_end = (char *)chunk + HEAP_CHUNK_PAGES * HEAP_PAGE;
    return true;
}

// The list of this class is empty: a block is cut from the chunk.
static never_inline void *alloc_fresh(struct heap *heap, size_t size, uint32_t bin)
{
    const size_t total = class_size(bin);
    if ((size_t)(heap->fresh_end - heap->fresh) < total && !new_chunk(heap)) return NULL;
    struct heap_block *block = (struct heap_block *)(void *)heap->fresh;
    heap->fresh += total;
    return use_small(heap, block, size, bin);
}

static never_inline void *alloc_large(struct heap *heap, size_t size)
{
    if (size > SIZE_MAX_ALLOWED) return NULL;
    struct heap_chunk *span = take_span(heap, large_pages(size));
    if (span == NULL) return NULL;
    span->pages = large_pages(size);
    struct heap_block *block = (struct heap_block *)(span + 1);
    block->large_size = size;
    block->mark = mark_of(block, MARK_LARGE);
    set_canary(contents_of(block), size);
    heap->allocated++;
    heap->bytes += size;
    return contents_of(block);
}

static inline void *alloc_small(struct heap *heap, size_t size, uint32_t bin)
{
    struct heap_block *block = heap->free[bin];
    if (block == NULL) return alloc_fresh(heap, size, bin);
    // Only a write that ran over from the block below can have changed the header of a free block.
    if (block->mark != mark_of(block, MARK_FREE)) damaged(heap, HEAP_UNDERFLOW, contents_of(block));
    heap->free[bin] = block->next;
    return use_small(heap, block, size, bin);
}

static never_inline void *alloc_coarse(struct heap *heap, size_t size)
{
    return size > BLOCK_MAX - OVERHEAD ? alloc_large(heap, size) : alloc_small(heap, size, class_of(size + OVERHEAD));
}

// The usual way is kept short, here and in heap_free: some 25 instructions each.
void *heap_alloc(struct heap *heap, size_t size)
{
    if (size > FINE_MAX - OVERHEAD) return alloc_coarse(heap, size);
    return alloc_small(heap, size, (uint32_t)(size + OVERHEAD + 15) / 16);
}

// Why a pointer is none that can be freed.
static __attribute__((noinline, cold)) _Noreturn void refuse(struct heap *heap, const void *contents)
{
    for (size_t i = 0; i < HEAP_RELEASED; i++)
        if (heap->released[i] == contents) damaged(heap, HEAP_DOUBLE_FREE, contents);
    const uintptr_t address = (uintptr_t)contents;
    if (address % HEAP_ALIGNMENT != 0 || address - sizeof(struct heap_block) < heap->lowest || address >= heap->highest)
        damaged(heap, HEAP_BAD_POINTER, contents);
    const struct heap_block *block = (const struct heap_block *)contents - 1;
    bool is_free = block->mark == mark_of(block, MARK_FREE);
    damaged(heap, is_free ? HEAP_DOUBLE_FREE : HEAP_BAD_POINTER, contents);
}

struct heap_block *heap_block_of(struct heap *heap, void *contents)
{
    const uintptr_t address = (uintptr_t)contents;
    if (address % HEAP_ALIGNMENT != 0 ||
        address - sizeof(struct heap_block) - heap->lowest >= heap->highest - heap->lowest)
        refuse(heap, contents);
    // A large block's span may be gone: its header must not be read before that is known. Its contents start 32 bytes
    // into a page, or, aligned, at a power of two or the start of a page.
    const uintptr_t offset = address % HEAP_PAGE;
    if ((offset & (offset - 1)) == 0)
        for (size_t i = 0; i < HEAP_RELEASED; i++)
            if (heap->released[i] == contents) refuse(heap, contents);
    struct heap_block *block = (struct heap_block *)contents - 1;
    if (block->mark == mark_of(block, MARK_ALIGNED))
        block = (struct heap_block *)((char *)contents - block->distance) - 1;
    if (block->mark != mark_of(block, MARK_SMALL) && block->mark != mark_of(block, MARK_LARGE)) refuse(heap, contents);
    if (!canary_is_whole(contents_of(block), size_of(block))) damaged(heap, HEAP_OVERFLOW, contents);
    return block;
}

static void free_large(struct heap *heap, struct heap_block *block, const void *contents)
{
    struct heap_chunk *span = (struct heap_chunk *)block - 1;
    heap->released[heap->released_count++ % HEAP_RELEASED] = contents;
    set_bounds(heap, heap->lowest, heap->highest);
    heap_give_span(heap, span, span->pages);
}

// Everything but an undamaged small block in a heap that never gave a span back.
static never_inline void free_carefully(struct heap *heap, void *contents)
{
    if (contents == NULL) return;
    struct heap_block *block = heap_block_of(heap, contents);
    heap->freed++;
    heap->bytes -= size_of(block);
    // The inner header of an aligned block is dead too: freed again, it is to be named.
    struct heap_block *inner = (struct heap_block *)contents - 1;
    if (inner != block) inner->mark = mark_of(inner, MARK_FREE);
    if (block->mark == mark_of(block, MARK_LARGE))
        free_large(heap, block, contents);
    else
        put_free(heap, block, block->bin);
}

void heap_free(struct heap *heap, void *contents)
{
    const uintptr_t header = (uintptr_t)contents - sizeof(struct heap_block); // not a pointer yet
    struct heap_block *block = (struct heap_block *)header;
    if (header % HEAP_ALIGNMENT != 0 || header - heap->lowest >= heap->safe_bytes ||
        block->mark != mark_of(block, MARK_SMALL) || !canary_is_whole(contents, block->size)) {
        free_carefully(heap, contents);
        return;
    }
    heap->freed++;
    heap->bytes -= block->size;
    put_free(heap, block, block->bin);
}
