// SPDX-License-Identifier: MIT
#include "servers/memory/blocks.h"

static bool bit(const uint64_t *map, uint32_t at) { return map[at / 64] >> at % 64 & 1; }

// The first unit in [at, end) whose bit is `wanted`; `end` where there is none.
static uint32_t find(const uint64_t *map, uint32_t at, uint32_t end, bool wanted)
{
    while (at < end) {
        uint64_t word = (wanted ? map[at / 64] : ~map[at / 64]) >> at % 64;
        if (word) {
            at += (uint32_t)__builtin_ctzll(word);
            return at < end ? at : end;
        }
        at = (at / 64 + 1) * 64;
    }
    return end;
}

static void change(uint64_t *map, uint32_t at, uint32_t end, bool value)
{
    while (at < end) {
        uint32_t in_word = end - at < 64 - at % 64 ? end - at : 64 - at % 64;
        uint64_t mask = (~0ull >> (64 - in_word)) << at % 64;
        map[at / 64] = value ? map[at / 64] | mask : map[at / 64] & ~mask;
        at += in_word;
    }
}

err_t blocks_alloc(struct blocks *blocks, uint32_t *low, uint64_t size, uint64_t *offset)
{
    if (size == 0 || size > BLOCKS_BYTES) return ERR_BAD_LENGTH;
    uint32_t units = (uint32_t)((size + BLOCKS_UNIT - 1) / BLOCKS_UNIT);
    uint32_t at = find(blocks->used, *low, BLOCKS_UNITS, false);
    *low = at;
    while (BLOCKS_UNITS - at >= units) {
        uint32_t end = find(blocks->used, at, at + units, true);
        if (end == at + units) {
            change(blocks->used, at, end, true);
            blocks->start[at / 64] |= BIT(at % 64);
            if (*low == at) *low = end;
            *offset = (uint64_t)at * BLOCKS_UNIT;
            return OK;
        }
        at = find(blocks->used, end, BLOCKS_UNITS, false);
    }
    return ERR_NO_MEMORY;
}

err_t blocks_free(struct blocks *blocks, uint32_t *low, uint64_t offset)
{
    if (offset % BLOCKS_UNIT || offset >= BLOCKS_BYTES) return ERR_BAD_ADDRESS;
    uint32_t at = (uint32_t)(offset / BLOCKS_UNIT);
    if (!bit(blocks->start, at)) return ERR_BAD_ADDRESS;
    uint32_t next = find(blocks->start, at + 1, BLOCKS_UNITS, true);
    uint32_t end = find(blocks->used, at, next, false);
    change(blocks->used, at, end, false);
    blocks->start[at / 64] &= ~BIT(at % 64);
    if (at < *low) *low = at;
    return OK;
}
