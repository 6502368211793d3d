// SPDX-License-Identifier: MIT
// The heap's core: pure C, built for the host's tests too. Blocks up to HEAP_SMALL bytes come from free lists, one a size
// class, whose blocks are cut from spans of HEAP_CHUNK_PAGES pages; a larger block has a span of its own, which goes back
// when it is freed. One thread may use a heap.
//
//   a block in use    | size, class | mark ^ address | contents: size bytes | canary | … to the class's size
//   a free block      | next free   | mark ^ address | …
//
// The mark says whether the block is in use, the canary whether its contents stayed inside: so a double free, a foreign
// pointer and an overflow by one byte are found when the block is freed or resized. A write into a free block cannot
// break the lists.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HEAP_PAGE 4096u
#define HEAP_CHUNK_PAGES 16u
#define HEAP_ALIGNMENT 16u
#define HEAP_CLASSES 85u
#define HEAP_RELEASED 8u // large blocks remembered after their release, so that a second free of them has a name

enum heap_fault { HEAP_BAD_POINTER, HEAP_DOUBLE_FREE, HEAP_OVERFLOW, HEAP_UNDERFLOW };

// Where spans come from, and what happens when the program broke the rules.
struct heap_source {
    void *(*take)(size_t pages); // page-aligned; NULL: none left
    void (*give)(void *span, size_t pages);
    void (*fail)(enum heap_fault fault, const void *block); // does not return
};

struct heap_figures {
    size_t blocks;      // in use
    size_t bytes;       // in use, as they were asked for
    size_t span_bytes;  // held from the source
    size_t spans;       // of these: chunks and large blocks
    size_t allocations; // since the start
};

struct heap_block;
struct heap_chunk;

struct heap {
    const struct heap_source *source;
    struct heap_block *free[HEAP_CLASSES];
    // the rest of the newest chunk, not yet cut into blocks
    char *fresh;
    char *fresh_end;
    struct heap_chunk *chunks;
    // no block ever lay outside
    uintptr_t lowest;
    uintptr_t highest;
    size_t safe_bytes; // highest − lowest, or 0 once a span in between was given back
    const void *released[HEAP_RELEASED];
    size_t released_count;
    // figures
    size_t allocated;
    size_t freed;
    size_t bytes;
    size_t span_bytes;
    size_t spans;
};

// malloc, aligned_alloc, realloc and free (libsys/stdlib.h) on this heap. NULL: the source has no span left, and nothing
// has changed. A pointer that is no block, and a block that was written over, end in the source's fail.
void *heap_alloc(struct heap *heap, size_t size);
void *heap_alloc_aligned(struct heap *heap, size_t alignment, size_t size);
void *heap_resize(struct heap *heap, void *block, size_t size);
void heap_free(struct heap *heap, void *block);
// The size that was asked for.
size_t heap_size(struct heap *heap, void *block);
// Gives all chunks back. False, and nothing done: blocks are in use.
bool heap_end(struct heap *heap);
struct heap_figures heap_count(const struct heap *heap);
const char *heap_fault_text(enum heap_fault fault);
