// SPDX-License-Identifier: MIT
// The census: an audit of everything that the kernel keeps, in the debug kernel only. It walks all frames, pools, page
// tables, capability tables, threads and endpoints, and compares what it finds with what the kernel has noted. The first
// violated invariant ends the machine by name (docs/testing.md lists I1 to I12).
//
// The debug kernel is the shipped kernel's sources, compiled with UBSan and stack canaries, and this folder, which hooks
// itself in when the two are linked (hooks.c): the shipped kernel knows nothing of it.
#pragma once

#include "kernel/process.h"
#include "kernel/thread.h"

struct memory_map;

// What the census has found about a frame.
struct tally {
    uint32_t maps;
    uint16_t pins;
    uint16_t marks;
};
#define MARK_RAM 0x01u        // in the machine's map: set at boot
#define MARK_BOOT 0x02u       // the kernel's own since boot, in no run
#define MARK_POOL 0x04u       // in a run of a pool
#define MARK_FREE 0x08u       // on a pool's free list
#define MARK_TABLE 0x10u      // a page table that something refers to
#define MARK_THREAD 0x20u     // in its process's list
#define MARK_WRITABLE 0x40u   // mapped so for ring 3
#define MARK_EXECUTABLE 0x80u // mapped so for ring 3
#define MARKS_KEPT (MARK_RAM | MARK_BOOT)

extern struct tally *tallies; // one for each descriptor

static inline struct tally *tally_of(const struct frame *f) { return &tallies[frame_number(f)]; }

#define PROCESSES 512
extern struct process *census_processes[PROCESSES];
extern uint32_t census_process_count;

// A broken invariant: the machine stops.
noreturn void violated(const char *invariant, const char *sentence, ...) __attribute__((format(printf, 2, 3)));

// true: a descriptor, and one that has been cleared.
bool is_frame(const struct frame *f);
// true: the object of a living frame of that type.
bool is_object(const void *object, enum object_type type);
static inline bool is_dying(const struct process *p) { return frame_type(object_frame(p)) == TYPE_DYING; }

// frames.c
struct frame_sums {
    uint64_t ram, boot, memory, processes, pools, pool_free, mapped;
};
bool tallies_make(const struct memory_map *ram, struct memory_map *free); // at boot: false: no room
void tallies_begin(void);                                                 // at boot: what is in no run is the kernel's
void census_find_processes(void);
void census_pools(void);  // I4: each pool's runs, free list and counts
void census_frames(void); // I3, I4: last, when everything is tallied
extern struct frame_sums frame_sums;

void census_tables(void);       // tables.c, I1 and I2
void census_capabilities(void); // capabilities.c, I5
void census_threads(void);      // threads.c, I6 to I8
// machine.c: I9 to I12
void machine_begin(void); // notes what must never change, and paints the stacks
void census_machine(void);
uint64_t stack_high_water(void); // bytes of the kernel's stack that were ever used

// poison.c: free frames of pools are filled, and looked at when they are taken
bool poison_is_intact(const struct frame *f);
void poison_lift(struct process *p); // of the run that is released next

// hooks.c: the lines that are masked, as the calls to pic.c say
extern uint16_t expected_mask;

void census(bool tells);
