// SPDX-License-Identifier: MIT
// Frames given out one by one: to a client's page at its first touch. They come from pieces of at most 2^shift frames,
// one capability each, which stay whole while one of their frames is in use. Every frame that a piece covers is on
// exactly one list: the free one or its client's.
#pragma once

#include "abi/errors.h"
#include "abi/types.h"

#define NO_FRAME (~0u) // the end of a list

struct frame_link {
    uint32_t next;
    uint32_t previous; // not the first one's
};

struct piece {
    uint32_t slot; // 0: no piece in this window
    uint32_t first;
    uint32_t pages;
    uint32_t used;
};

#define PIECES 1024

struct frames {
    struct frame_link *links; // one for each frame of the machine, by number
    uint32_t shift;
    uint32_t free_head;
    uint32_t free;
    uint32_t pages;              // frames of all pieces
    struct piece pieces[PIECES]; // by window: frame number >> shift
};

// Windows as small as the table allows: a machine has 2^shift × PIECES frames at most.
void frames_start(struct frames *f, struct frame_link *links, uint32_t machine_frames);

// A new piece: whole, unmapped, alone in its window.
void frames_add(struct frames *f, uint32_t slot, uint32_t first, uint32_t pages);

// Back from a client's list to the free one. Returns the frame's piece.
struct piece *frames_give(struct frames *f, uint32_t *list, uint32_t frame);

// A piece without a used frame is taken off the books: it can join the free runs again.
void frames_remove(struct frames *f, struct piece *piece);

static inline struct piece *frames_piece(struct frames *f, uint32_t frame) { return &f->pieces[frame >> f->shift]; }

static inline void frames_push(struct frames *f, uint32_t *list, uint32_t frame)
{
    f->links[frame].next = *list;
    if (*list != NO_FRAME) f->links[*list].previous = frame;
    *list = frame;
}

// Takes a frame off the free list and puts it on a client's. NO_FRAME: none is free.
static inline uint32_t frames_take(struct frames *f, uint32_t *list)
{
    uint32_t frame = f->free_head;
    if (frame == NO_FRAME) return NO_FRAME;
    f->free_head = f->links[frame].next;
    frames_push(f, list, frame);
    f->free--;
    frames_piece(f, frame)->used++;
    return frame;
}
