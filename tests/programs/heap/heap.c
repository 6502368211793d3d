// SPDX-License-Identifier: MIT
// `heap malloc` and `heap ipc`: the tutorial's heap tests, by the allocator in the process and by one message to memory
// for each block. `heap shared`: one counted buffer, held by two tasks.
#include "common/mem.h"
#include "common/string.h"
#include "interfaces/memory.h"
#include "libsys/panic.h"
#include "libsys/start.h"
#include "libsys/stdio.h"
#include "libsys/stdlib.h"
#include "libsys/time.h"
#include "tests/programs/heap/share.h"

#define HEAP_SIZE 102400u

struct allocator {
    const char *name;
    void *(*get)(size_t size);
    void (*give)(void *block);
};

static void *get_by_ipc(size_t size)
{
    struct memory_block_alloc_reply reply;
    err_t error = memory_block_alloc(cap_named("memory"), size, &reply);
    return error == OK ? (void *)reply.address : NULL;
}

static void give_by_ipc(void *block)
{
    err_t error = memory_block_free(cap_named("memory"), (uint64_t)block);
    assert(error == OK);
}

static uint64_t *box(const struct allocator *by, uint64_t value)
{
    uint64_t *block = by->get(sizeof *block);
    assert(block != NULL);
    *block = value;
    return block;
}

static void simple_allocation(const struct allocator *by)
{
    uint64_t *a = box(by, 41), *b = box(by, 13);
    assert(*a == 41 && *b == 13);
    by->give(a);
    by->give(b);
}

// Grows by doubling, as a vector does.
struct vector {
    const struct allocator *by;
    uint64_t *items;
    size_t count, room;
};

static void push(struct vector *v, uint64_t item)
{
    if (v->count == v->room) {
        size_t room = v->room ? v->room * 2 : 4;
        uint64_t *items = v->by->get(room * sizeof *items);
        assert(items != NULL);
        if (v->items) {
            memcpy(items, v->items, v->count * sizeof *items);
            v->by->give(v->items);
        }
        v->items = items;
        v->room = room;
    }
    v->items[v->count++] = item;
}

static void large_vec(const struct allocator *by)
{
    struct vector v = {.by = by};
    uint64_t sum = 0;
    for (uint64_t i = 0; i < 1000; i++)
        push(&v, i);
    for (size_t i = 0; i < v.count; i++)
        sum += v.items[i];
    assert(sum == 999 * 1000 / 2);
    by->give(v.items);
}

static void many_boxes(const struct allocator *by)
{
    uint64_t start = clock_now();
    for (uint64_t i = 0; i < HEAP_SIZE; i++) {
        uint64_t *b = box(by, i);
        assert(*b == i);
        by->give(b);
    }
    uint64_t microseconds = (clock_now() - start) / NS_PER_US;
    printf("heap %s: many_boxes %u rounds in %llu us\n", by->name, HEAP_SIZE, (unsigned long long)microseconds);
}

// One block stays alive meanwhile: an allocator that only ever starts again when it is empty runs out here.
static void many_boxes_long_lived(const struct allocator *by)
{
    uint64_t *kept = box(by, 1);
    many_boxes(by);
    assert(*kept == 1);
    by->give(kept);
}

// A counted reference: the block goes when the last holder lets go.
struct shared {
    unsigned references;
    const struct allocator *by;
    unsigned items[3];
};

static struct shared *hold(struct shared *shared)
{
    shared->references++;
    return shared;
}

static unsigned let_go(struct shared *shared)
{
    unsigned left = --shared->references;
    if (left == 0) shared->by->give(shared);
    return left;
}

static void box_vec_rc(const struct allocator *by)
{
    uint64_t *boxed = box(by, 41);
    printf("heap_value at %p\n", (void *)boxed);
    struct vector v = {.by = by};
    for (uint64_t i = 0; i < 500; i++)
        push(&v, i);
    printf("vec at %p\n", (void *)v.items);
    struct shared *counted = by->get(sizeof *counted);
    assert(counted != NULL);
    *counted = (struct shared){.references = 1, .by = by, .items = {1, 2, 3}};
    struct shared *clone = hold(counted);
    printf("current reference count is %u\n", clone->references);
    unsigned left = let_go(counted);
    printf("reference count is %u now\n", left);
    assert(clone->items[2] == 3 && let_go(clone) == 0);
    by->give(v.items);
    by->give(boxed);
}

int main(int argc, char **argv)
{
    static const struct allocator allocators[] = {{"malloc", malloc, free}, {"ipc", get_by_ipc, give_by_ipc}};
    static const struct {
        const char *name;
        void (*run)(const struct allocator *by);
    } tests[] = {{"box_vec_rc", box_vec_rc},
                 {"simple_allocation", simple_allocation},
                 {"large_vec", large_vec},
                 {"many_boxes", many_boxes},
                 {"many_boxes_long_lived", many_boxes_long_lived}};
    if (argc > 1 && strcmp(argv[1], "shared") == 0) {
        share_between_tasks();
        return 0;
    }
    for (size_t a = 0; a < sizeof allocators / sizeof allocators[0]; a++) {
        if (argc < 2 || strcmp(argv[1], allocators[a].name) != 0) continue;
        for (size_t i = 0; i < sizeof tests / sizeof tests[0]; i++) {
            tests[i].run(&allocators[a]);
            printf("heap %s: %s [ok]\n", allocators[a].name, tests[i].name);
        }
        return 0;
    }
    printf("heap malloc|ipc|shared\n");
    return 2;
}
