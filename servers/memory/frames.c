// SPDX-License-Identifier: MIT
#include "servers/memory/frames.h"

#define SMALLEST_SHIFT 6 // 64 frames: 256 KiB

static void unlink(struct frames *f, uint32_t *list, uint32_t frame)
{
    struct frame_link link = f->links[frame];
    if (link.next != NO_FRAME) f->links[link.next].previous = link.previous;
    if (*list == frame)
        *list = link.next;
    else
        f->links[link.previous].next = link.next;
}

void frames_start(struct frames *f, struct frame_link *links, uint32_t machine_frames)
{
    f->links = links;
    f->free_head = NO_FRAME;
    f->shift = SMALLEST_SHIFT;
    while (((uint64_t)PIECES << f->shift) < machine_frames)
        f->shift++;
}

void frames_add(struct frames *f, uint32_t slot, uint32_t first, uint32_t pages)
{
    *frames_piece(f, first) = (struct piece){slot, first, pages, 0};
    for (uint32_t i = pages; i-- > 0;)
        frames_push(f, &f->free_head, first + i);
    f->free += pages;
    f->pages += pages;
}

struct piece *frames_give(struct frames *f, uint32_t *list, uint32_t frame)
{
    unlink(f, list, frame);
    frames_push(f, &f->free_head, frame);
    f->free++;
    struct piece *piece = frames_piece(f, frame);
    piece->used--;
    return piece;
}

void frames_remove(struct frames *f, struct piece *piece)
{
    for (uint32_t i = 0; i < piece->pages; i++)
        unlink(f, &f->free_head, piece->first + i);
    f->free -= piece->pages;
    f->pages -= piece->pages;
    piece->slot = 0;
}
