// SPDX-License-Identifier: MIT
// Invariant of the array between calls: sorted, and no two areas touch or overlap.
#include "common/memory_map.h"

#include "common/mem.h"

#define FRAMES_END BIT(64 - PAGE_SHIFT)

struct entry {
    uint64_t start, size;
    uint32_t type;
};
_Static_assert(sizeof(struct entry) == MEMORY_ENTRY_SIZE, "an entry of a multiboot2 map");

static bool wraps(uint64_t start, uint64_t size) { return start + (size - 1) < start; }

static bool is_empty(struct frame_area area) { return area.first >= area.end; }

// Every frame that the bytes touch; a range that wraps reaches to the end.
static struct frame_area touched(uint64_t start, uint64_t size)
{
    if (size == 0) return (struct frame_area){0, 0};
    uint64_t last = wraps(start, size) ? UINT64_MAX : start + (size - 1);
    return (struct frame_area){start >> PAGE_SHIFT, (last >> PAGE_SHIFT) + 1};
}

// The frames that an entry speaks of. A usable one that wraps is a lie.
static struct frame_area frames_of(const struct entry *entry)
{
    struct frame_area area = touched(entry->start, entry->size);
    if (entry->type != MEMORY_USABLE || is_empty(area)) return area;
    if (wraps(entry->start, entry->size)) return (struct frame_area){0, 0};
    area.first += entry->start % PAGE_SIZE != 0;
    area.end -= (entry->start + entry->size) % PAGE_SIZE != 0;
    return area;
}

static void delete_at(struct memory_map *map, size_t place)
{
    map->count--;
    memmove(&map->areas[place], &map->areas[place + 1], (map->count - place) * sizeof map->areas[0]);
}

static struct frame_area *smallest_of(const struct memory_map *map)
{
    struct frame_area *smallest = map->areas;
    for (struct frame_area *a = map->areas; a < map->areas + map->count; a++)
        if (a->end - a->first < smallest->end - smallest->first) smallest = a;
    return smallest;
}

void memory_map_limit(struct memory_map *map, size_t count)
{
    for (; map->count > count; map->lost++)
        delete_at(map, (size_t)(smallest_of(map) - map->areas));
}

// In a full array the smallest area gives way, which may be the new one.
static void insert_at(struct memory_map *map, size_t place, struct frame_area area)
{
    if (map->count == map->capacity) {
        struct frame_area *smallest = smallest_of(map);
        map->lost++;
        if (area.end - area.first <= smallest->end - smallest->first) return;
        place -= smallest < map->areas + place;
        delete_at(map, (size_t)(smallest - map->areas));
    }
    memmove(&map->areas[place + 1], &map->areas[place], (map->count - place) * sizeof map->areas[0]);
    map->areas[place] = area;
    map->count++;
}

static void cut(struct memory_map *map, struct frame_area hole)
{
    for (size_t i = map->count; i-- > 0;) {
        struct frame_area whole = map->areas[i], lower = {whole.first, hole.first}, upper = {hole.end, whole.end};
        if (hole.end <= whole.first || whole.end <= hole.first) continue;
        delete_at(map, i);
        if (!is_empty(upper)) insert_at(map, i, upper);
        if (!is_empty(lower)) insert_at(map, i, lower);
    }
}

// Whether a frame is usable. *next: the first frame behind it of which an entry may say something else.
static bool is_usable(const unsigned char *entries, size_t entry_size, size_t count, uint64_t frame, uint64_t *next)
{
    bool covered = false, spoilt = false;
    *next = FRAMES_END;
    for (size_t i = 0; i < count; i++) {
        struct entry entry;
        memcpy(&entry, entries + i * entry_size, sizeof entry);
        struct frame_area area = frames_of(&entry);
        uint64_t border = area.first > frame ? area.first : area.end;
        if (border > frame && border < *next) *next = border;
        if (frame < area.first || frame >= area.end) continue;
        covered |= entry.type == MEMORY_USABLE;
        spoilt |= entry.type != MEMORY_USABLE;
    }
    return covered && !spoilt;
}

// From border to border of the entries. So the areas come sorted, and it does not matter in which order entries stand.
void memory_map_read(struct memory_map *map, const void *entries, size_t entry_size, size_t count)
{
    for (uint64_t frame = 0, next; frame < FRAMES_END; frame = next) {
        if (!is_usable(entries, entry_size, count, frame, &next)) continue;
        if (map->count > 0 && map->areas[map->count - 1].end == frame)
            map->areas[map->count - 1].end = next;
        else
            insert_at(map, map->count, (struct frame_area){frame, next});
    }
}

void memory_map_reserve(struct memory_map *map, uint64_t start, uint64_t size) { cut(map, touched(start, size)); }

bool memory_map_take(struct memory_map *map, uint64_t frames, uint64_t from, uint64_t *first)
{
    for (size_t i = 0; i < map->count; i++) {
        uint64_t lowest = map->areas[i].first > from ? map->areas[i].first : from, end = map->areas[i].end;
        if (frames == 0 || lowest >= end || frames > end - lowest) continue;
        cut(map, (struct frame_area){lowest, lowest + frames});
        *first = lowest;
        return true;
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
    struct frame_area wanted = touched(start, size);
    for (size_t i = 0; i < map->count && !is_empty(wanted) && !wraps(start, size); i++)
        if (map->areas[i].first <= wanted.first && wanted.end <= map->areas[i].end) return true;
    return false;
}
