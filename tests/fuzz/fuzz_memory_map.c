// SPDX-License-Identifier: MIT
// sources: common/memory_map.c
// The input is the table's capacity, then entries. Whatever they say, the areas are sorted and apart, and no frame that
// an unusable entry touches is in one.
#include <stdlib.h>
#include <string.h>

#include "common/memory_map.h"

static void require(int claim)
{
    if (!claim) abort();
}

static void check_areas(const struct memory_map *map)
{
    require(map->count <= map->capacity);
    for (size_t i = 0; i < map->count; i++) {
        require(map->areas[i].first < map->areas[i].end && map->areas[i].end <= 1ull << 52);
        require(i == 0 || map->areas[i - 1].end < map->areas[i].first);
    }
}

static void check_entry(const struct memory_map *map, uint64_t start, uint64_t size)
{
    uint64_t last = start + (size - 1) < start ? UINT64_MAX : start + (size - 1);
    for (size_t i = 0; i < map->count && size > 0; i++)
        require(last >> PAGE_SHIFT < map->areas[i].first || start >> PAGE_SHIFT >= map->areas[i].end);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1) return 0;
    struct memory_map map = {.capacity = 1u + data[0] % 16};
    map.areas = malloc(map.capacity * sizeof *map.areas);
    size_t count = (size - 1) / MEMORY_ENTRY_SIZE;
    memory_map_read(&map, data + 1, MEMORY_ENTRY_SIZE, count);
    check_areas(&map);
    for (size_t i = 0; i < count; i++) {
        uint64_t entry[2];
        uint32_t type;
        memcpy(entry, data + 1 + i * MEMORY_ENTRY_SIZE, sizeof entry);
        memcpy(&type, data + 1 + i * MEMORY_ENTRY_SIZE + 16, sizeof type);
        if (type != MEMORY_USABLE) check_entry(&map, entry[0], entry[1]);
    }
    if (count > 0) { // once more with the last entry as a range to reserve, then frames to take
        uint64_t range[2], frames = memory_map_frames(&map), first;
        memcpy(range, data + 1 + (count - 1) * MEMORY_ENTRY_SIZE, sizeof range);
        memory_map_reserve(&map, range[0], range[1]);
        check_areas(&map);
        check_entry(&map, range[0], range[1]);
        require(memory_map_frames(&map) <= frames);
        frames = memory_map_frames(&map);
        if (memory_map_take(&map, range[1] % 64, range[0] >> PAGE_SHIFT, &first))
            require(first >= range[0] >> PAGE_SHIFT &&
                    (map.lost > 0 || memory_map_frames(&map) == frames - range[1] % 64));
        check_areas(&map);
    }
    free(map.areas);
    return 0;
}
