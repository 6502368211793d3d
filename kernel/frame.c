// SPDX-License-Identifier: MIT
#include "kernel/frame.h"

#include "kernel/x86/cpu.h"

uint64_t frame_count;

// Clearing one frame is 512 counted steps: eight of them leave room for the rest of a kernel entry.
#define CLEAR_AT_ONCE 8

void frame_retype(struct frame *f, enum object_type type)
{
    f->stamp = ((f->stamp >> 16) + 1) << 16 | (uint64_t)type << 8;
}

void run_make(struct frame *f, uint32_t pages, enum object_type type)
{
    for (struct frame *i = f; i < f + pages; i++) {
        frame_retype(i, i == f ? type : TYPE_INNER);
        i->head = f;
        i->maps = 0;
        i->pins = 0;
        i->writers = 0;
    }
    f->pages = pages;
    f->run_maps = 0;
}

bool run_clear_some(struct frame *f)
{
    uint32_t left = f->pages - f->run_maps;
    uint32_t now = left < CLEAR_AT_ONCE ? left : CLEAR_AT_ONCE;
    clear_words(frame_object(f + f->run_maps), now * PAGE_SIZE / 8);
    f->run_maps += now;
    return now == left;
}
