// SPDX-License-Identifier: MIT
// The kernel's own page tables. Every byte of RAM is shown once, at PHYSMAP_BASE, never executable; what is read-only in
// the kernel's image is read-only there too, so that W^X holds through every alias.
#include "common/memory_map.h"
#include "kernel/frame.h"
#include "kernel/log.h"
#include "kernel/x86/cpu.h"
#include "kernel/x86/paging.h"

#define KERNEL_READ (BIT(0) | BIT(8) | BIT(63)) // present, global, not executable
#define KERNEL_WRITE (KERNEL_READ | BIT(1))
#define KERNEL_EXECUTE (BIT(0) | BIT(8))
#define TABLE (BIT(0) | BIT(1))
#define LARGE BIT(7)
#define LEVELS 4
#define LEVEL_BITS 9

extern char kernel_start[], kernel_text[], kernel_rodata[], kernel_data[], kernel_end[];
extern char kernel_stack_guard[], ist_stacks[];

paddr_t kernel_page_table;
static uint64_t table_count;

static bool make_table(struct memory_map *free, paddr_t *out)
{
    uint64_t frame;
    if (!memory_map_take(free, 1, FIRST_TAKEN, &frame)) return false;
    *out = (paddr_t){frame << PAGE_SHIFT};
    clear_words(phys_ptr(*out), PAGE_SIZE / 8);
    table_count++;
    return true;
}

// The entry for an address at a level (0: 4 KiB, 1: 2 MiB), made with its tables; NULL when no frame is left.
static uint64_t *entry_at(struct memory_map *free, uint64_t at, int level)
{
    uint64_t *table = phys_ptr(kernel_page_table);
    for (int l = LEVELS - 1;; l--) {
        uint64_t *entry = &table[at >> (PAGE_SHIFT + LEVEL_BITS * l) & (PAGES_PER_TABLE - 1)];
        if (l == level) return entry;
        if (*entry == 0) {
            paddr_t new;
            if (!make_table(free, &new)) return NULL;
            *entry = new.raw | TABLE;
        }
        table = phys_ptr((paddr_t){*entry & BITS(51, 12)});
    }
}

static bool map(struct memory_map *free, uint64_t at, uint64_t physical, uint64_t end, uint64_t flags)
{
    while (physical < end) {
        bool large = at % BLOCK_SIZE == 0 && physical % BLOCK_SIZE == 0 && end - physical >= BLOCK_SIZE;
        uint64_t *entry = entry_at(free, at, large);
        if (!entry) return false;
        *entry = physical | flags | (large ? LARGE : 0);
        at += large ? BLOCK_SIZE : PAGE_SIZE;
        physical += large ? BLOCK_SIZE : PAGE_SIZE;
    }
    return true;
}

static uint64_t image_phys(const char *at) { return (uint64_t)at - KERNEL_BASE; }

static uint64_t round_up(uint64_t address) { return (address + BLOCK_SIZE - 1) & ~(BLOCK_SIZE - 1); }

static bool unmap_page(struct memory_map *free, const char *at)
{
    uint64_t *entry = entry_at(free, (uint64_t)at, 0);
    if (entry) *entry = 0;
    return entry;
}

static bool map_image(struct memory_map *free)
{
    const struct {
        const char *from, *to;
        uint64_t flags;
    } parts[] = {
        {kernel_text, kernel_rodata, KERNEL_EXECUTE},
        {kernel_rodata, kernel_data, KERNEL_READ},
        {kernel_data, kernel_end, KERNEL_WRITE},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (!map(free, (uint64_t)parts[i].from, image_phys(parts[i].from), image_phys(parts[i].to), parts[i].flags))
            return false;
    bool done = unmap_page(free, kernel_stack_guard);
    for (uint64_t i = 0; i < IST_COUNT; i++)
        done = done && unmap_page(free, ist_stacks + i * (PAGE_SIZE + IST_STACK_SIZE));
    return done;
}

static bool map_physical(struct memory_map *free, uint64_t from, uint64_t to, uint64_t flags)
{
    return map(free, PHYSMAP_BASE + from, from, to, flags);
}

// All RAM in blocks of 2 MiB; up to the end of the kernel's image in the pages that its rights need.
static bool map_ram(const struct memory_map *ram, struct memory_map *free)
{
    uint64_t text = image_phys(kernel_text), data = image_phys(kernel_data), next = round_up(image_phys(kernel_end));
    if (!map_physical(free, 0, text, KERNEL_WRITE) || !map_physical(free, text, data, KERNEL_READ) ||
        !map_physical(free, data, next, KERNEL_WRITE))
        return false;
    for (size_t i = 0; i < ram->count; i++) {
        uint64_t from = (ram->areas[i].first << PAGE_SHIFT) & ~(BLOCK_SIZE - 1);
        uint64_t end = round_up(ram->areas[i].end << PAGE_SHIFT);
        if (from < next) from = next;
        if (!map_physical(free, from, end, KERNEL_WRITE)) return false;
        if (end > next) next = end;
    }
    return true;
}

// On the border of a block where one fits, so that a large table is shown in blocks.
static bool map_frame_table(struct memory_map *free, uint64_t frames)
{
    uint64_t pages = (frames * sizeof(struct frame) + PAGE_SIZE - 1) >> PAGE_SHIFT, from = FIRST_TAKEN, first;
    for (size_t i = free->count; pages >= PAGES_PER_TABLE && i-- > 0;) {
        uint64_t border = round_up(free->areas[i].first << PAGE_SHIFT) >> PAGE_SHIFT;
        if (border >= FIRST_TAKEN && border + pages <= free->areas[i].end) from = border;
    }
    if (!memory_map_take(free, pages, from, &first)) return false;
    return map(free, FRAMES_BASE, first << PAGE_SHIFT, (first + pages) << PAGE_SHIFT, KERNEL_WRITE);
}

static const struct frame_area *largest(const struct memory_map *free)
{
    const struct frame_area *most = free->areas;
    for (size_t i = 1; i < free->count; i++)
        if (free->areas[i].end - free->areas[i].first > most->end - most->first) most = &free->areas[i];
    return most;
}

bool paging_start(const struct memory_map *ram, struct memory_map *free)
{
    uint64_t frames = round_up(memory_map_top(ram) << PAGE_SHIFT) >> PAGE_SHIFT;
    if (!make_table(free, &kernel_page_table) || !map_image(free) || !map_ram(ram, free) ||
        !map_frame_table(free, frames))
        return false;
    cr3_write(kernel_page_table.raw);
    frame_count = frames;
    frames_init(largest(free)->first, largest(free)->end);
    log_line("page tables: %lu KiB, frame table: %lu KiB", table_count * 4, frames * sizeof(struct frame) >> 10);
    return true;
}
