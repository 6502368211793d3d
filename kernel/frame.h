// SPDX-License-Identifier: MIT
// The frame table: one descriptor for each physical frame up to the end of RAM.
//
// The integrity rule of the whole kernel: a frame belongs to exactly one object. It is user memory or a kernel object,
// never both; it changes between the two only when it is mapped nowhere and pinned by nobody, and is cleared on the way.
//
// An object is a run of frames that nothing else shares. Its stamp stands in the descriptor of its first frame, and
// capabilities point at that descriptor: so a recycled frame is never read as an object of its former life.
#pragma once

#include "abi/layout.h"
#include "abi/object.h"
#include "abi/types.h"

struct process;

struct frame {
    uint64_t stamp; // generation 48 | type 8 | 0: changes when the object ends, and then every capability is dead
    union {
        struct frame *head;      // memory: the run's first frame, written when it is mapped
        struct process *process; // kernel object: whose pool it comes from
    };
    union {
        struct { // memory: mappings of this one frame
            uint32_t maps;
            uint16_t pins;
            int16_t writers; // > 0: mapped writable so often; < 0: mapped executable so often
        };
        uint64_t books; // the three as one number, to which a mapping adds its weight
        struct {        // pool: the run that was donated; its first frame only
            uint32_t run_pages;
            uint32_t run_next; // frame number of the pool's next run, 0: none
        };
    };
    union {
        struct { // memory, process: the run's first frame only
            uint32_t pages;
            uint32_t run_maps; // mappings and pins of all its frames; on its way to the kernel: frames that are ready
        };
        struct frame *next; // free frame of a pool
        uint64_t entries;   // page table: entries in use
    };
};
_Static_assert(sizeof(struct frame) == 32, "object = descriptor << 7 needs 32-byte descriptors");

#define FRAMES ((struct frame *)FRAMES_BASE)
extern uint64_t frame_count; // descriptors in the table

// A descriptor is cleared when it is first needed: a terabyte has 8 GiB of them. Those from fresh to fresh_end, inside
// the largest free run that boot leaves, nobody has needed yet.
extern struct frame *fresh, *fresh_end;

static inline struct frame *frame_of(paddr_t p) { return FRAMES + (p.raw >> PAGE_SHIFT); }

static inline paddr_t frame_address(const struct frame *f) { return (paddr_t){(uint64_t)(f - FRAMES) << PAGE_SHIFT}; }

static inline uint32_t frame_number(const struct frame *f) { return (uint32_t)(f - FRAMES); }

// The physical map's view of an address.
static inline void *phys_ptr(paddr_t p) { return (void *)(PHYSMAP_BASE + p.raw); }

// The frame's contents: (−2⁴⁰ + 32 n) << 7 = −2⁴⁷ + 4096 n.
static inline void *frame_object(const struct frame *f) { return (void *)((uint64_t)f << 7); }

static inline struct frame *object_frame(const void *object) { return (struct frame *)((int64_t)object >> 7); }

static inline enum object_type stamp_type(uint64_t stamp) { return (enum object_type)(uint8_t)(stamp >> 8); }

static inline enum object_type frame_type(const struct frame *f) { return stamp_type(f->stamp); }

// Ends what the frame was and makes it something new: every capability to it is dead from here on.
void frame_retype(struct frame *f, enum object_type type);

static inline bool frame_is_ready(const struct frame *f) { return f >= fresh_end || f < fresh; }

// Boot: all descriptors are ready afterwards but those inside [first, end), the largest free run.
void frames_init(uint64_t first, uint64_t end);

// Whether the descriptors of [f, f + pages) are ready. Where not, clears so many that a kernel entry has time for little
// else: ask again in the next one.
must_use bool frames_ready(struct frame *f, uint64_t pages);

// Makes frames [f, f + pages) one run of memory (or device memory), in which no object begins but at f. Only the first
// descriptor is touched: the others learn where their run begins when they are mapped.
void run_begin(struct frame *f, uint32_t pages, enum object_type type);

// Clears the first frames of a run that is on its way between memory and kernel; at most as many as fit into one kernel
// entry. Returns true when the whole run is clear. While it is not, the run's type is TYPE_CLEARING and run_maps its
// place.
must_use bool run_clear_some(struct frame *f);
