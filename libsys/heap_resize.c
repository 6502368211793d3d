// SPDX-License-Identifier: MIT
// The rest of the heap: sizes, alignment, figures, the end.
#include "libsys/heap_blocks.h"

// How many bytes lie between the block's contents and what the caller knows of them (aligned blocks).
static size_t offset_in(struct heap_block *block, const void *contents)
{
    return (size_t)((const char *)contents - contents_of(block));
}

size_t heap_size(struct heap *heap, void *contents)
{
    struct heap_block *block = heap_block_of(heap, contents);
    return size_of(block) - offset_in(block, contents);
}

static void set_size(struct heap *heap, struct heap_block *block, size_t size)
{
    heap->bytes += size - size_of(block);
    if (block->mark == mark_of(block, MARK_LARGE))
        block->large_size = size;
    else
        block->size = (uint32_t)size;
    set_canary(contents_of(block), size);
}

void *heap_alloc_aligned(struct heap *heap, size_t alignment, size_t size)
{
    if (alignment == 0 || (alignment & (alignment - 1)) != 0 || alignment > SIZE_MAX_ALLOWED || size > SIZE_MAX_ALLOWED)
        return NULL;
    if (alignment <= HEAP_ALIGNMENT) return heap_alloc(heap, size);
    char *outer = heap_alloc(heap, size + alignment);
    if (outer == NULL) return NULL;
    struct heap_block *block = (struct heap_block *)(void *)outer - 1;
    char *contents = outer + (-(uintptr_t)outer & (alignment - 1));
    set_size(heap, block, (size_t)(contents - outer) + size);
    if (contents == outer) return contents;
    struct heap_block *inner = (struct heap_block *)(void *)contents - 1;
    inner->mark = mark_of(inner, MARK_ALIGNED);
    inner->distance = (uint64_t)(contents - outer);
    return contents;
}

// Can the block hold that many bytes where it is, without wasting most of it?
static bool fits(const struct heap_block *block, size_t size)
{
    if (block->mark == mark_of(block, MARK_LARGE))
        return large_pages(size) == ((const struct heap_chunk *)block - 1)->pages;
    return size <= BLOCK_MAX - OVERHEAD && class_of(size + OVERHEAD) == block->bin;
}

void *heap_resize(struct heap *heap, void *contents, size_t size)
{
    if (contents == NULL) return heap_alloc(heap, size);
    struct heap_block *block = heap_block_of(heap, contents);
    const size_t offset = offset_in(block, contents), old = size_of(block) - offset;
    if (size <= SIZE_MAX_ALLOWED && fits(block, offset + size)) {
        set_size(heap, block, offset + size);
        return contents;
    }
    void *moved = heap_alloc(heap, size);
    if (moved == NULL) return NULL;
    memcpy(moved, contents, old < size ? old : size);
    heap_free(heap, contents);
    return moved;
}

bool heap_end(struct heap *heap)
{
    if (heap->allocated != heap->freed) return false;
    while (heap->chunks != NULL) {
        struct heap_chunk *chunk = heap->chunks;
        heap->chunks = chunk->next;
        heap_give_span(heap, chunk, chunk->pages);
    }
    *heap = (struct heap){.source = heap->source, .allocated = heap->allocated, .freed = heap->freed};
    return true;
}

struct heap_figures heap_count(const struct heap *heap)
{
    return (struct heap_figures){
        .blocks = heap->allocated - heap->freed,
        .bytes = heap->bytes,
        .span_bytes = heap->span_bytes,
        .spans = heap->spans,
        .allocations = heap->allocated,
    };
}

const char *heap_fault_text(enum heap_fault fault)
{
    switch (fault) {
    case HEAP_BAD_POINTER:
        return "a pointer that malloc did not return, or a write before its block";
    case HEAP_DOUBLE_FREE:
        return "a block that was freed before";
    case HEAP_OVERFLOW:
        return "a write behind the end of the block";
    case HEAP_UNDERFLOW:
        return "a write into the header of a free block";
    }
    return "damage";
}
