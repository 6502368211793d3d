// SPDX-License-Identifier: MIT
// A process: an address space, a capability table, and a pool of donated frames that pays for its page tables, threads
// and endpoints. It lives in the run that it was made from:
//
//     frame 0          frame 1             frames 2 …
//     struct process   top page table      capability table, 128 slots a frame
#pragma once

#include "abi/errors.h"
#include "kernel/capability.h"
#include "kernel/frame.h"
#include "kernel/list.h"
#include "kernel/x86/paging.h"

struct process {
    uint8_t others_lines[192]; // of a cache: of threads and endpoints
    // set at creation, never changed
    struct capability *table;
    uint64_t slots;
    paddr_t page_table; // of the kernel's walks
    // the pool: free frames, and the runs that they came from, by their first frames (0: none). Runs behind the fresh
    // one, and its frames behind those in use, were never taken: so donating a run is one step
    struct frame *free;
    uint32_t free_frames, pool_frames;
    uint32_t first_run, last_run, fresh_run, fresh_used;
    // threads, and callers that a thread received and did not answer yet
    struct link threads, owed;
    uint32_t thread_count, next_thread;
    uint64_t mapped_pages;
    // the leaf table that was looked for last, and the first address that it serves
    uint64_t leaf_at;
    uint64_t *leaf;
    struct frame *leaf_frame;
    uint64_t time; // ns of processor time, charged by ticks
    // where destroying has got to
    uint64_t unmap_cursor;
    uint32_t release_cursor;                 // in the pool's first run
    uint64_t user_half[PAGES_PER_TABLE / 2]; // of the top table while it is destroyed: the processor has none any more
};
_Static_assert(sizeof(struct process) <= PAGE_SIZE, "a process begins with one frame");

// Finds the capability in a slot of p's table and checks that it is alive, of that type (TYPE_NONE: any) and carries
// the rights. The register form is slot × 32.
must_use static inline err_t capability_find(struct process *p, uint64_t slot, enum object_type type, uint8_t rights,
                                             struct capability **out)
{
    if (slot < p->slots) {
        struct capability *c = &p->table[slot];
        uint64_t mask = (type == TYPE_NONE ? 0 : 0xff00u) | rights; // type and rights are the stamp's two low bytes
        if (capability_alive(c) && (c->stamp & mask) == ((uint64_t)type << 8 | rights)) {
            *out = c;
            return OK;
        }
    }
    *out = p->table; // slot 0, which is always empty
    return capability_refuse(p, slot, type);
}

// Takes a cleared frame from the pool and makes it an object of that type; the frame is charged to p.
must_use err_t pool_take(struct process *p, enum object_type type, struct frame **out);

// Ends the object in a frame of p's pool and puts the frame back, cleared.
void pool_return(struct process *p, struct frame *f);

// Makes a process of a cleared run whose capability table is filled with empty slots; used by sys_process_create and,
// for init, at boot. Filling goes in steps; true: all of it is.
must_use bool table_fill_some(struct frame *run);
struct process *process_make(struct frame *run);

// Adds a cleared run to the pool.
void process_add_run(struct process *p, struct frame *run);
