// SPDX-License-Identifier: MIT
// The process's heap on spans from the memory service. Its calls fit the registers: the message page stays untouched, so
// a handler may allocate while it reads its request.
#include "common/format.h"
#include "common/mem.h"
#include "interfaces/memory.h"
#include "libsys/error.h"
#include "libsys/hooks.h"
#include "libsys/log.h"
#include "libsys/panic.h"
#include "libsys/start.h"
#include "libsys/stdlib.h"

static err_t last_error; // of take

static void *take(size_t pages)
{
    struct memory_span_reply span;
    last_error = pages > UINT32_MAX ? ERR_NO_MEMORY : memory_span(cap_named("memory"), (uint32_t)pages, &span);
    return last_error == OK ? (void *)span.address : NULL;
}

// What was asked for and not to be had: the first time the log says who asked, as a program that does not look at NULL
// dies somewhere else. The error is memory's; a size beyond all memory never reached it.
static never_inline void *refused(size_t size, size_t alignment, const void *caller)
{
    static bool told;
    if (told) return NULL;
    told = true;
    log_printf("allocation error: size %zu, align %zu, asked for at %p: %s", size, alignment, caller,
               error_text(last_error != OK ? last_error : ERR_NO_MEMORY));
    return NULL;
}

// The caller's address stands behind the frame's link.
static never_inline void *refused_in(size_t size, void *const *frame)
{
    return refused(size, HEAP_ALIGNMENT, frame[1]);
}

static inline void *checked(void *block, size_t size, size_t alignment, const void *caller)
{
    return block != NULL ? block : refused(size, alignment, caller);
}
#define CHECKED(BLOCK, SIZE, ALIGNMENT) checked(BLOCK, SIZE, ALIGNMENT, __builtin_return_address(0))

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

// One thread at a time, once there are several.
static void enter(void)
{
    if (thread_hooks.enter_heap) thread_hooks.enter_heap();
}

static void *leave(void *block)
{
    if (thread_hooks.leave_heap) thread_hooks.leave_heap();
    return block;
}
#define ALONE(BLOCK) leave((enter(), (BLOCK)))

// The two that programs call most are weak: threads.c has its own, which take one thread at a time, and a program that does
// not link it pays nothing.
__attribute__((weak)) void *malloc(size_t size)
{
    static size_t asked; // for a refusal: nothing is kept over the call but what is in memory
    asked = size;
    void *block = heap_alloc(&heap, size);
    return block != NULL ? block : refused_in(asked, __builtin_frame_address(0));
}

void *malloc_among_many(size_t size, const void *caller)
{
    return checked(ALONE(heap_alloc(&heap, size)), size, HEAP_ALIGNMENT, caller);
}

void *calloc(size_t count, size_t size)
{
    size_t total;
    if (__builtin_mul_overflow(count, size, &total)) return NULL;
    void *block = CHECKED(ALONE(heap_alloc(&heap, total)), total, HEAP_ALIGNMENT);
    return block != NULL ? memset(block, 0, total) : NULL;
}

// A size of 0 frees, and its NULL is no error.
void *realloc(void *block, size_t size)
{
    void *resized = ALONE(heap_resize(&heap, block, size));
    return size == 0 ? resized : CHECKED(resized, size, HEAP_ALIGNMENT);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return CHECKED(ALONE(heap_alloc_aligned(&heap, alignment, size)), size, alignment);
}

__attribute__((weak)) void free(void *block) { heap_free(&heap, block); }

void free_among_many(void *block)
{
    enter();
    heap_free(&heap, block);
    leave(NULL);
}

struct heap_figures heap_figures(void)
{
    enter();
    struct heap_figures figures = heap_count(&heap);
    leave(NULL);
    return figures;
}
