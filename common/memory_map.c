// SPDX-License-Identifier: MIT
// Invariant of the array between calls: sorted, and no two areas touch or overlap.
#include "common/memory_map.h"

#include "common/mem.h"

static void lose(struct memory_map *map, struct frame_area area)
{
    map->lost++;
    if (area.end - area.first > map->largest_lost.end - map->largest_lost.first) map->largest_lost = area;
}

static void delete_at(struct memory_map *map, size_t index)
{
    map->count--;
    memmove(&map->areas[index], &map->areas[index + 1], (map->count - index) * sizeof map->areas[0]);
}

// Puts an area that touches no other into its place. In a full array the smallest gives way, which may be the new one.
static void insert(struct memory_map *map, struct frame_area area)
{
    if (map->count == map->capacity) {
        size_t smallest = 0;
        for (size_t i = 1; i < map->count; i++)
            if (map->areas[i].end - map->areas[i].first < map->areas[smallest].end - map->areas[smallest].first)
                smallest = i;
        if (area.end - area.first <= map->areas[smallest].end - map->areas[smallest].first) {
            lose(map, area);
            return;
        }
        lose(map, map->areas[smallest]);
        delete_at(map, smallest);
    }
    size_t place = map->count;
    while (place > 0 && map->areas[place - 1].first > area.first)
        place--;
    memmove(&map->areas[place + 1], &map->areas[place], (map->count - place) * sizeof map->areas[0]);
    map->areas[place] = area;
    map->count++;
}

static void add(struct memory_map *map, struct frame_area area)
{
    for (size_t i = 0; i < map->count;) {
        struct frame_area old = map->areas[i];
        if (old.first <= area.end && area.first <= old.end) { // overlaps or touches: becomes part of the new one
            area.first = old.first < area.first ? old.first : area.first;
            area.end = old.end > area.end ? old.end : area.end;
            delete_at(map, i);
        } else {
            i++;
        }
    }
    insert(map, area);
}

static void cut(struct memory_map *map, struct frame_area hole)
{
    for (size_t i = 0; i < map->count;) {
        struct frame_area *area = &map->areas[i];
        struct frame_area upper = {hole.end, area->end};
        if (hole.end <= area->first || area->end <= hole.first) {
            i++;
        } else if (area->first < hole.first) {
            area->end = hole.first;
            if (upper.first < upper.end) {
                insert(map, upper);
                return; // the hole was inside one area
            }
            i++;
        } else if (upper.first < upper.end) {
            area->first = hole.end;
            i++;
        } else {
            delete_at(map, i);
        }
    }
}

// Every frame that the bytes touch; a range that wraps reaches to the end. size is not 0.
static struct frame_area touched(uint64_t start, uint64_t size)
{
    uint64_t last = size - 1 > UINT64_MAX - start ? UINT64_MAX : start + (size - 1);
    return (struct frame_area){start >> PAGE_SHIFT, (last >> PAGE_SHIFT) + 1};
}

static void add_entry(struct memory_map *map, uint64_t start, uint64_t size)
{
    if (size - 1 > UINT64_MAX - start) {
        lose(map, touched(start, size));
        return;
    }
    uint64_t last = start + (size - 1);
    struct frame_area whole = {
        (start >> PAGE_SHIFT) + (start % PAGE_SIZE != 0),
        last % PAGE_SIZE == PAGE_SIZE - 1 ? (last >> PAGE_SHIFT) + 1 : last >> PAGE_SHIFT,
    };
    if (whole.first < whole.end) add(map, whole);
}

// Usable entries first, then the others: so those win wherever they stand in the list.
void memory_map_read(struct memory_map *map, const void *entries, size_t entry_size, size_t count)
{
    for (int usable = 1; usable >= 0; usable--) {
        const unsigned char *at = entries;
        for (size_t i = 0; i < count; i++, at += entry_size) {
            struct {
                uint64_t start, size;
                uint32_t type;
            } entry;
            memcpy(&entry, at, 20);
            if (entry.size == 0 || (entry.type == MEMORY_USABLE) != usable) continue;
            if (usable)
                add_entry(map, entry.start, entry.size);
            else
                cut(map, touched(entry.start, entry.size));
        }
    }
}

void memory_map_reserve(struct memory_map *map, uint64_t start, uint64_t size)
{
    if (size != 0) cut(map, touched(start, size));
}

bool memory_map_take(struct memory_map *map, uint64_t frames, uint64_t from, uint64_t *first)
{
    for (size_t i = 0; i < map->count; i++) {
        struct frame_area area = map->areas[i];
        uint64_t lowest = area.first > from ? area.first : from;
        if (lowest < area.end && frames <= area.end - lowest && frames > 0) {
            *first = lowest;
            cut(map, (struct frame_area){lowest, lowest + frames});
            return true;
        }
    }
    return false;
}

uint64_t memory_map_frames(const struct memory_map *map)
{
    uint64_t frames = 0;
    for (size_t i = 0; i < map->count; i++)
        frames += map->areas[i].end - map->areas[i].first;
    return frames;
}

uint64_t memory_map_top(const struct memory_map *map) { return map->count == 0 ? 0 : map->areas[map->count - 1].end; }

bool memory_map_has(const struct memory_map *map, uint64_t start, uint64_t size)
{
    if (size == 0 || size - 1 > UINT64_MAX - start) return false;
    struct frame_area wanted = touched(start, size);
    for (size_t i = 0; i < map->count; i++)
        if (map->areas[i].first <= wanted.first && wanted.end <= map->areas[i].end) return true;
    return false;
}
