// SPDX-License-Identifier: MIT
// A process of many threads, each with a stack and a message page of its own: queues and chains that are long.
#include "tests/programs/attack_init/crowd.h"

#include "libsys/slots.h"

#define STACKS 0x0000320000000000
#define PAGES 0x0000330000000000

static vaddr_t stack_of(uint32_t i) { return (vaddr_t){STACKS + i * PAGE_SIZE}; }

static vaddr_t page_of(uint32_t i) { return (vaddr_t){PAGES + i * PAGE_SIZE}; }

// Every thread costs a frame, and may have an endpoint; the rest are page tables.
static uint32_t pool_pages(uint32_t threads) { return 2 * threads + threads / 128 + 16; }

void crowd_make(struct crowd *c, uint32_t threads)
{
    if (c->pool.slot == 0) {
        c->threads = threads;
        c->child.pages = 3 + threads / 128; // a slot for each
        c->pool = carve(pool_pages(threads));
        c->frames = carve(2 * threads);
    }
    child_make(&c->child, 5, NO_CAP, NO_CAP);
    EXPECT(OK, process_donate(c->child.process, c->pool));
    EXPECT(OK, memory_map(c->frames, c->child.process, stack_of(0), 0, threads, RW | ACCESS_CLEAR));
    EXPECT(OK, memory_map(c->frames, c->child.process, page_of(0), threads, threads, RW | ACCESS_CLEAR));
}

void crowd_add(struct crowd *c, uint32_t i, cap_t into, uint32_t priority, cap_t pager, cap_t supervisor)
{
    EXPECT(OK, thread_create(c->child.process, into, page_of(i), pager, supervisor, priority));
}

void crowd_run(cap_t thread, uint32_t i, void (*function)(uint64_t), uint64_t argument)
{
    EXPECT(OK, thread_start(thread, (vaddr_t){(uint64_t)function}, (vaddr_t){stack_of(i + 1).raw - 8}, argument));
}

void crowd_begin(struct crowd *c, uint32_t i, uint32_t priority, void (*function)(uint64_t), uint64_t argument)
{
    static cap_t thread;
    if (thread.slot == 0) thread = empty_slot();
    crowd_add(c, i, thread, priority, NO_CAP, NO_CAP);
    crowd_run(thread, i, function, argument);
    EXPECT(OK, cap_drop(thread));
}

void crowd_end(struct crowd *c)
{
    uint64_t pages;
    cap_t into = empty_slot();
    err_t err;
    do {
        err = process_destroy(c->child.process, into, &pages);
        EXPECT(true, err == OK || err == ERR_AGAIN);
        cap_t home = err == OK ? c->child.process : pages == pool_pages(c->threads) ? c->pool : c->child.pool_run;
        EXPECT(OK, cap_move(into, NO_CAP, home.slot));
    } while (err == ERR_AGAIN);
    slot_free(into);
    (void)!endpoint_destroy(c->child.endpoint);
}
