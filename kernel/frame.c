// SPDX-License-Identifier: MIT
#include "kernel/frame.h"

#include "kernel/x86/cpu.h"

uint64_t frame_count;
struct frame *fresh, *fresh_end;

// Clearing one frame is 512 counted steps: eight of them leave room for the rest of a kernel entry.
#define CLEAR_AT_ONCE 8
#define READY_AT_ONCE 256  // descriptors
#define READY_AT_BOOT 8192 // of the largest run: more than boot itself takes from it

void frame_retype(struct frame *f, enum object_type type)
{
    f->stamp = ((f->stamp >> 16) + 1) << 16 | (uint64_t)type << 8;
}

static void clear_descriptors(struct frame *from, struct frame *to)
{
    clear_words(from, (size_t)(to - from) * (sizeof(struct frame) / 8));
}

void frames_init(uint64_t first, uint64_t end)
{
    fresh_end = FRAMES + end;
    fresh = first + READY_AT_BOOT < end ? FRAMES + first + READY_AT_BOOT : fresh_end;
    clear_descriptors(FRAMES, fresh);
    clear_descriptors(fresh_end, FRAMES + frame_count);
}

// From whichever end is nearer: so it does not matter whether runs are used from below or from above.
bool frames_ready(struct frame *f, uint64_t pages)
{
    struct frame *end = f + pages < fresh_end ? f + pages : fresh_end, *begin = f > fresh ? f : fresh;
    if (begin >= end) return true;
    uint64_t from_below = (uint64_t)(end - fresh), from_above = (uint64_t)(fresh_end - begin);
    uint64_t left = (uint64_t)(fresh_end - fresh), now = left < READY_AT_ONCE ? left : READY_AT_ONCE;
    if (from_below < from_above) {
        fresh += now;
        clear_descriptors(fresh - now, fresh);
    } else {
        fresh_end -= now;
        clear_descriptors(fresh_end, fresh_end + now);
    }
    return false;
}

void run_begin(struct frame *f, uint32_t pages, enum object_type type)
{
    frame_retype(f, type);
    f->maps = 0;
    f->pins = 0;
    f->writers = 0;
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
