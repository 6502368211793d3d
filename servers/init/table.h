// SPDX-License-Identifier: MIT
// Who lives: the table of processes, and init's capability slots. A process's number is given once and never again, and
// its remainder names its place in the table. A place belongs to one thread at a time: to the one that builds the
// process, then to the supervisor while it lives, then to the builder, which takes it apart and frees the place.
#pragma once

#include <stdatomic.h>

#include "abi/clients.h"
#include "abi/manifest.h"
#include "libsys/syscall.h"
#include "servers/init/sentence.h"

#define INIT_ID 1
#define NO_ENTRY (~0u)

// Slots of one place.
enum place_slot {
    PLACE_PROCESS, // the run that the process is made of, then the process, then the run again
    PLACE_POOL,    // the run that is donated to it, and comes back
    PLACE_FRAMES,  // the run of its fresh pages: stays here, mapped into it
    PLACE_THREAD,
    PLACE_PAGER,      // memory's endpoint with its number, while it is built
    PLACE_SUPERVISOR, // our own, with its number, while it is built
    PLACE_SELF,       // its own endpoint, if it is not a standing one
    PLACE_RETURNED,   // a run that destroying has just given back
    PLACE_SLOTS,
};

#define BODY_RUNS 3 // PLACE_PROCESS, PLACE_POOL, PLACE_FRAMES

// Slots of one entry of the manifest.
enum entry_slot {
    ENTRY_ENDPOINT,                      // what its clients call: outlives it
    ENTRY_BODY,                          // the three runs of a standing process while it does not live
    ENTRY_KEEP = ENTRY_BODY + BODY_RUNS, // its keep region: mapped into each life
    ENTRY_RUN,                           // RAM that it is given once
    ENTRY_PORTS,                         // made once, given to each life
    ENTRY_SLOTS = ENTRY_PORTS + MANIFEST_PORTS,
};

// How many pages the three runs of a process have.
struct body {
    uint32_t pages[BODY_RUNS]; // by PLACE_PROCESS, PLACE_POOL, PLACE_FRAMES
};

static inline uint32_t body_pages(const struct body *body)
{
    return body->pages[PLACE_PROCESS] + body->pages[PLACE_POOL] + body->pages[PLACE_FRAMES];
}

#define WAITERS 4
#define TRACE_MAX FAULT_BACKTRACE

// What is told of an end.
struct obituary {
    uint32_t entry;
    uint32_t generation;
    uint64_t id;
    uint64_t words[MESSAGE_WORDS]; // enum fault_word
    uint64_t trace[TRACE_MAX];
    uint32_t trace_length;
    bool has_registers; // not of who was killed
    struct registers registers;
    bool silent; // an ordinary end: nothing to show
    char sentence[SENTENCE_MAX];
};

struct process {
    _Atomic uint64_t id; // 0: the place is free; then who sets it has it
    // set by whoever builds it
    uint32_t entry; // of the manifest
    uint32_t generation;
    struct body body;
    uint64_t stack_bottom;
    atomic_bool started;
    uint64_t debuggee; // the process that it debugs; 0: none
    uint64_t debugger; // the process that debugs it; dead ones are as good as none
    // set by the supervisor when it has ended
    struct obituary obituary;
    // the builder's
    cap_t ended; // notified at the end
    uint32_t waiter_count;
    uint64_t waiters[WAITERS]; // tokens
};

extern struct process processes[CLIENTS];

// Takes the slots that the table needs out of init's free ones. ERR_FULL: the kernel gave too few.
must_use err_t table_start(const struct boot_info *info);

// A new number and its place, which is the caller's. NULL: all places are taken.
struct process *process_claim(uint32_t entry);
void process_free(struct process *p);

// The process of that number; NULL: it does not live.
struct process *process_find(uint64_t id);

static inline uint32_t process_place(const struct process *p) { return (uint32_t)(p - processes); }

cap_t place_slot(const struct process *p, enum place_slot which);
cap_t entry_slot(uint32_t entry, uint32_t which);
// A slot for what init itself needs (servers/init/build.h).
cap_t spare_slot(uint32_t number);
