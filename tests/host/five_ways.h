// SPDX-License-Identifier: MIT
// Five ways to reach a page table, on a toy machine: an array of frames, and a processor that knows nothing but its
// top table. docs/page-tables.md reads this file aloud.
#pragma once

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define FRAMES 1024u
#define ENTRIES 512u
#define PAGE 4096ull
#define LARGE_PAGE (ENTRIES * PAGE) // 2 MiB: an entry of level 1 that is no table
#define TOP 3                       // levels: 3 the top table, 0 the entries of pages

#define PRESENT 1ull
#define LARGE 128ull
#define FRAME_BITS 0x000ffffffffff000ull

// --- the machine

static uint64_t ram[FRAMES][ENTRIES];
static uint32_t top_frame, used_frames;
static uint32_t flushes; // of the processor's memory of translations: a way that changes mappings needs them

static uint32_t index_of(uint64_t address, int level) { return (uint32_t)(address >> (12 + 9 * level)) % ENTRIES; }

// What the processor does with every address that a program uses.
static uint64_t translate(uint64_t address)
{
    uint64_t table = top_frame;
    for (int level = TOP;; level--) {
        uint64_t entry = ram[table][index_of(address, level)];
        assert((entry & PRESENT) != 0 && "page fault");
        uint64_t size = PAGE << 9 * level;
        if (level == 0 || (entry & LARGE) != 0) return (entry & FRAME_BITS) + address % size;
        table = (entry & FRAME_BITS) / PAGE;
    }
}

// The only two instructions that a kernel has for memory.
static uint64_t load(uint64_t address)
{
    uint64_t physical = translate(address);
    return ram[physical / PAGE][physical % PAGE / 8];
}

static void store(uint64_t address, uint64_t value)
{
    uint64_t physical = translate(address);
    ram[physical / PAGE][physical % PAGE / 8] = value;
}

// --- what the boot loader does, which sees RAM as it is

static uint32_t take_frame(void)
{
    assert(used_frames < FRAMES);
    memset(ram[used_frames], 0, PAGE);
    return used_frames++;
}

// Maps one page, of 4 KiB (size_level 0) or 2 MiB (size_level 1), and makes the tables that are missing.
static void boot_map(uint64_t address, uint64_t physical, int size_level)
{
    uint64_t table = top_frame;
    for (int level = TOP; level > size_level; level--) {
        uint64_t *entry = &ram[table][index_of(address, level)];
        if ((*entry & PRESENT) == 0) *entry = take_frame() * PAGE | PRESENT;
        table = (*entry & FRAME_BITS) / PAGE;
    }
    ram[table][index_of(address, size_level)] = physical | PRESENT | (size_level > 0 ? LARGE : 0);
}

// --- five ways. Each prepares something once, and then finds where a frame, or a table, can be seen.

struct way {
    const char *name;
    void (*prepare)(void);
    // The virtual address at which the entry of that level for `address` can be loaded and stored.
    uint64_t (*entry_at)(uint64_t address, int level);
};

// Four of the five can show any frame; from the top table it is then one step after the other.
static uint64_t walk_to(uint64_t address, int level, uint64_t (*see)(uint64_t frame))
{
    uint64_t frame = top_frame;
    for (int l = TOP; l > level; l--)
        frame = (load(see(frame) + 8ull * index_of(address, l)) & FRAME_BITS) / PAGE;
    return see(frame) + 8ull * index_of(address, level);
}

// 1. Identity: a frame's address is its own. Simple, and the addresses are then taken: nobody else can have them.
static void identity_prepare(void)
{
    for (uint64_t frame = 0; frame < FRAMES; frame++)
        boot_map(frame * PAGE, frame * PAGE, 0);
}

static uint64_t identity_see(uint64_t frame) { return frame * PAGE; }

static uint64_t identity_entry(uint64_t address, int level) { return walk_to(address, level, identity_see); }

// 2. Page table frames at a fixed offset, each mapped when it becomes one.
#define OFFSET 0x0a0000000000ull // 10 TiB

static void offset_prepare(void)
{
    // Mapping them makes more of them: until no table is left without its place.
    for (uint64_t frame = top_frame; frame < used_frames; frame++)
        boot_map(OFFSET + frame * PAGE, frame * PAGE, 0);
}

static uint64_t offset_see(uint64_t frame) { return OFFSET + frame * PAGE; }

static uint64_t offset_entry(uint64_t address, int level) { return walk_to(address, level, offset_see); }

// 3. All physical memory, at a fixed offset, in large pages. Annulet's way.
#define PHYSMAP 0xffff800000000000ull

static void complete_prepare(void)
{
    for (uint64_t physical = 0; physical < FRAMES * PAGE; physical += LARGE_PAGE)
        boot_map(PHYSMAP + physical, physical, 1);
}

static uint64_t complete_see(uint64_t frame) { return PHYSMAP + frame * PAGE; }

static uint64_t complete_entry(uint64_t address, int level) { return walk_to(address, level, complete_see); }

// 4. A temporary mapping: one table is mapped, and each of its 512 entries is a slot for a frame of one's choice.
#define SLOTS 0x0000400000000000ull // 2 MiB for the slots; slot 0 shows the table of the slots itself
#define SLOT 1ull

static void temporary_prepare(void)
{
    boot_map(SLOTS, 0, 0);
    uint64_t table = top_frame;
    for (int level = TOP; level > 0; level--)
        table = (ram[table][index_of(SLOTS, level)] & FRAME_BITS) / PAGE;
    ram[table][0] = table * PAGE | PRESENT;
}

static uint64_t temporary_see(uint64_t frame)
{
    store(SLOTS + 8 * SLOT, frame * PAGE | PRESENT);
    flushes++; // the slot showed another frame before
    return SLOTS + SLOT * PAGE;
}

static uint64_t temporary_entry(uint64_t address, int level) { return walk_to(address, level, temporary_see); }

// 5. Recursive: one entry of the top table leads to the top table. Who follows it takes one step less at the other end,
// and arrives at a table where otherwise a page would be. In octal digits, one for each three bits of an index:
//
//     a page         0o SSSSSS AAA BBB CCC DDD EEEE
//     its level 0    0o SSSSSS RRR AAA BBB CCC DDDD     DDDD: the index, times 8
//     its level 1    0o SSSSSS RRR RRR AAA BBB CCCC
#define RECURSIVE 0777ull // 511; S is its sign

static void recursive_prepare(void) { ram[top_frame][RECURSIVE] = top_frame * PAGE | PRESENT; }

static uint64_t recursive_entry(uint64_t address, int level)
{
    uint64_t at = address & 0x0000ffffffffffff;
    for (int l = 0; l <= level; l++)
        at = RECURSIVE << 39 | at >> 9;
    return 0xffff000000000000 | (at & ~7ull);
}

static const struct way ways[] = {
    {"identity", identity_prepare, identity_entry},     {"fixed offset", offset_prepare, offset_entry},
    {"complete map", complete_prepare, complete_entry}, {"temporary", temporary_prepare, temporary_entry},
    {"recursive", recursive_prepare, recursive_entry},
};
