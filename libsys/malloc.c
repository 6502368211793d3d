// SPDX-License-Identifier: MIT
// The process's heap on spans from the memory service. Its calls fit the registers: the message page stays untouched, so
// a handler may allocate while it reads its request.
#include "common/format.h"
#include "common/mem.h"
#include "interfaces/memory.h"
#include "libsys/panic.h"
#include "libsys/start.h"
#include "libsys/stdlib.h"

static void *take(size_t pages)
{
    struct memory_span_reply span;
    cap_t memory = cap_named("memory");
    if (memory.slot == 0 || pages > UINT32_MAX || memory_span(memory, (uint32_t)pages, &span) != OK) return NULL;
    return (void *)span.address;
}

static void give(void *span, size_t pages)
{
    err_t error = memory_release(cap_named("memory"), (uint64_t)span, (uint32_t)pages);
    if (error != OK) panic("free: memory refused the span at %p: error %d", span, (int)error);
}

// Not panic: the place that matters is the caller's, and the backtrace shows it.
static void fail(enum heap_fault fault, const void *block)
{
    char text[128];
    exit_text(PANIC_CODE, text, format(text, sizeof text, "heap: %s: %p", heap_fault_text(fault), block));
}

static const struct heap_source spans = {take, give, fail};
static struct heap heap = {.source = &spans};

void *malloc(size_t size) { return heap_alloc(&heap, size); }

void *calloc(size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total)) return NULL;
    void *block = heap_alloc(&heap, total);
    return block != NULL ? memset(block, 0, total) : NULL;
}

void *realloc(void *block, size_t size) { return heap_resize(&heap, block, size); }

void *aligned_alloc(size_t alignment, size_t size) { return heap_alloc_aligned(&heap, alignment, size); }

void free(void *block) { heap_free(&heap, block); }

struct heap_figures heap_figures(void) { return heap_count(&heap); }
