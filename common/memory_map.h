// SPDX-License-Identifier: MIT
// From the firmware's memory map (unsorted, overlapping, of byte-sized and impossible entries) to whole usable frames:
// sorted, merged, in an array of the caller's. A frame is usable when some usable entry covers all of it and no other
// entry touches it. In frame numbers, so that the end of the last frame does not wrap.
#pragma once

#include "abi/types.h"

struct frame_area {
    uint64_t first; // frame number
    uint64_t end;   // the first frame behind it; always > first
};

// The array may be too small. Then the smallest area is given up (never the reverse: what is unusable stays so), and
// that is counted: report it.
struct memory_map {
    struct frame_area *areas;
    size_t capacity; // at least 1
    size_t count;
    size_t lost; // areas given up
};

#define MEMORY_ENTRY_SIZE 24u // what an entry of a multiboot2 map has at least
#define MEMORY_USABLE 1u      // its type for free RAM (ACPI's "address range memory")

// Reads the entries of a multiboot2 or E820 map (base u64, length u64, type u32, entry_size bytes apart, at any
// alignment; entry_size ≥ MEMORY_ENTRY_SIZE) into an empty map. A usable entry that wraps around 2^64 is a lie and does
// not count; any other that wraps reaches to the end. Takes about count² steps.
void memory_map_read(struct memory_map *map, const void *entries, size_t entry_size, size_t count);

// Takes every frame that [start, start + size) touches away. For modules, boot data, the kernel's image.
void memory_map_reserve(struct memory_map *map, uint64_t start, uint64_t size);

// Takes frames for good: the lowest ones of the first area that has them at or above `from`. false: none has.
bool memory_map_take(struct memory_map *map, uint64_t frames, uint64_t from, uint64_t *first);

// Gives the smallest areas up until at most `count` are left.
void memory_map_limit(struct memory_map *map, size_t count);

uint64_t memory_map_frames(const struct memory_map *map); // in all areas together
uint64_t memory_map_top(const struct memory_map *map);    // the first frame number behind the highest area

// true: every frame that [start, start + size) touches is in the map, and the range is not empty and does not wrap.
bool memory_map_has(const struct memory_map *map, uint64_t start, uint64_t size);
