// SPDX-License-Identifier: MIT
#include "kernel/memory.h"

#include "common/mem.h"
#include "kernel/syscall.h"
#include "kernel/x86/cpu.h"

// Units of work that fit into one kernel entry.
#define MAP_AT_ONCE 96
#define CLEAR_AT_ONCE 4
#define UNMAP_AT_ONCE 64
#define PROTECT_AT_ONCE 32

err_t memory_check_range(uint64_t at, uint64_t pages)
{
    if (pages == 0 || pages > (USER_TOP - USER_BASE) / PAGE_SIZE) return ERR_BAD_LENGTH;
    if (at % PAGE_SIZE != 0 || at < USER_BASE || at > USER_TOP - pages * PAGE_SIZE) return ERR_BAD_ADDRESS;
    return OK;
}

// What a mapping adds to its frame's `writers`.
static int weight_of(uint32_t access) { return access & ACCESS_WRITE ? 1 : access & ACCESS_EXECUTE ? -1 : 0; }

void memory_map_some(struct process *p, struct leaf leaf, vaddr_t at, struct frame *run, struct frame *first,
                     uint64_t pages, uint32_t access)
{
    int weight = weight_of(access);
    for (struct frame *f = first; f < first + pages; f++) {
        f->head = run; // right until it is mapped nowhere: before, the run is neither split nor joined
        f->maps++;
        f->writers = (int16_t)(f->writers + weight);
    }
    run->run_maps += (uint32_t)pages;
    p->mapped_pages += pages;
    leaf_fill(leaf, at, entry_make(frame_address(first), access), pages);
}

uint64_t memory_unmap_some(struct process *p, struct leaf leaf, vaddr_t at, uint64_t pages)
{
    const bool is_loaded = cr3_read() == p->page_table.raw;
    if (pages > UNMAP_AT_ONCE) pages = UNMAP_AT_ONCE;
    for (uint64_t i = 0; i < pages; i++, at.raw += PAGE_SIZE) {
        uint64_t entry = leaf.entries[leaf_index(at)];
        if (entry == 0) continue;
        struct frame *f = frame_of(entry_address(entry));
        f->maps--;
        f->head->run_maps--;
        f->writers = (int16_t)(f->writers - weight_of(entry_access(entry)));
        p->mapped_pages--;
        leaf_clear(leaf, at, is_loaded);
    }
    return pages;
}

// A run of memory or device memory that the caller names.
static err_t find_run(struct thread *t, uint64_t slot, uint8_t rights, struct capability **out, enum object_type *type)
{
    TRY(capability_find(t->process, slot, TYPE_NONE, rights, out));
    *type = stamp_type((*out)->stamp);
    return *type == TYPE_MEMORY || *type == TYPE_DEVICE ? OK : ERR_WRONG_TYPE;
}

// --- split and join

err_t sys_memory_split(struct thread *t)
{
    struct capability *c, *rest;
    enum object_type type;
    TRY(find_run(t, t->slot, RIGHT_MANAGE, &c, &type));
    TRY(capability_find_empty(t->process, t->words[1], &rest));
    struct frame *first = c->object;
    if (t->words[0] == 0 || t->words[0] >= first->pages) return ERR_BAD_LENGTH;
    if (first->run_maps != 0) return ERR_MAPPED;
    uint8_t rights = capability_rights(c);
    uint32_t keep = (uint32_t)t->words[0];
    struct frame *second = first + keep;
    if (!frames_ready(second, 1)) return ERR_AGAIN;
    // --- nothing below can fail ---
    run_begin(second, first->pages - keep, type);
    run_begin(first, keep, type);
    capability_set(c, first, rights, 0);
    capability_set(rest, second, rights, 0);
    return OK;
}

err_t sys_memory_join(struct thread *t)
{
    struct capability *lower, *upper;
    enum object_type type, upper_type;
    TRY(find_run(t, t->slot, RIGHT_MANAGE, &lower, &type));
    TRY(find_run(t, t->words[0], RIGHT_MANAGE, &upper, &upper_type));
    if (type != upper_type) return ERR_WRONG_TYPE;
    struct frame *first = lower->object, *second = upper->object;
    if (first + first->pages != second) return ERR_NOT_NEIGHBOUR;
    if (first->run_maps != 0 || second->run_maps != 0) return ERR_MAPPED;
    // --- nothing below can fail ---
    uint8_t rights = capability_rights(lower) & capability_rights(upper);
    run_begin(first, first->pages + second->pages, type);
    run_begin(second, 0, TYPE_INNER);
    capability_clear(upper);
    capability_set(lower, first, rights, 0);
    return OK;
}

// --- map

// Which rights of the memory capability an access needs.
static uint8_t rights_for(uint32_t access)
{
    return (uint8_t)((access & ACCESS_READ ? RIGHT_READ : 0) | (access & ACCESS_WRITE ? RIGHT_WRITE : 0) |
                     (access & ACCESS_EXECUTE ? RIGHT_EXECUTE : 0));
}

static err_t check_access(uint32_t access, enum object_type type)
{
    const uint32_t known = ACCESS_READ | ACCESS_WRITE | ACCESS_EXECUTE | ACCESS_UNCACHED | ACCESS_CLEAR;
    if (access & ~known || !(access & ACCESS_READ)) return ERR_BAD_ARGUMENT;
    if (access & ACCESS_WRITE && access & ACCESS_EXECUTE) return ERR_WX;
    if (type == TYPE_DEVICE ? access & (ACCESS_EXECUTE | ACCESS_CLEAR) : access & ACCESS_UNCACHED) return ERR_DEVICE;
    return OK;
}

// Whether one more mapping of that kind keeps the frame's books in bounds and no frame writable and executable.
static inline err_t check_frame(const struct frame *f, uint32_t access)
{
    if (f->maps == UINT32_MAX || f->writers == INT16_MAX || f->writers == -INT16_MAX) return ERR_BUSY;
    if ((access & ACCESS_EXECUTE && f->writers > 0) || (access & ACCESS_WRITE && f->writers < 0)) return ERR_WX;
    if (access & ACCESS_CLEAR && f->maps + f->pins != 0) return ERR_MAPPED;
    return OK;
}

// The pages that one step takes: within one leaf table, and as many as fit into one kernel entry.
static uint64_t step_pages(vaddr_t at, uint64_t pages, uint64_t most)
{
    uint64_t in_table = PAGES_PER_TABLE - leaf_index(at);
    if (pages > in_table) pages = in_table;
    return pages < most ? pages : most;
}

err_t sys_memory_map(struct thread *t)
{
    struct capability *memory, *process;
    uint32_t access = (uint32_t)t->words[4];
    vaddr_t at = {t->words[1]};
    uint64_t first = t->words[2], pages = t->words[3];
    enum object_type type;
    TRY(find_run(t, t->slot, rights_for(access), &memory, &type));
    TRY(capability_find(t->process, t->words[0], TYPE_PROCESS, RIGHT_MAP, &process));
    TRY(t->words[4] >> 32 ? ERR_BAD_ARGUMENT : check_access(access, type));
    TRY(memory_check_range(at.raw, pages));
    struct frame *run = memory->object;
    if (first >= run->pages || pages > run->pages - first) return ERR_BAD_LENGTH;
    uint64_t now = step_pages(at, pages, access & ACCESS_CLEAR ? CLEAR_AT_ONCE : MAP_AT_ONCE);
    struct process *p = frame_object(process->object);
    struct leaf leaf = paging_leaf(p, at);
    if (leaf.missing > p->free_frames) return ERR_POOL_EMPTY;
    if (!frames_ready(run + first, now)) {
        t->words[0] = 0;
        return ERR_AGAIN;
    }
    for (uint64_t i = 0; i < now; i++) {
        if (leaf.entries && leaf.entries[leaf_index(at) + i] != 0) return ERR_MAPPED;
        TRY(check_frame(run + first + i, access));
    }
    // --- nothing below can fail ---
    if (!leaf.entries) leaf = paging_make_leaf(p, at);
    if (access & ACCESS_CLEAR) clear_words(frame_object(run + first), now * PAGE_SIZE / 8);
    memory_map_some(p, leaf, at, run, run + first, now, access);
    t->words[0] = now;
    return now == pages ? OK : ERR_AGAIN;
}

err_t sys_memory_info(struct thread *t)
{
    struct capability *c;
    enum object_type type;
    TRY(find_run(t, t->slot, 0, &c, &type));
    const uint64_t words[] = {c->object->pages, frame_address(c->object).raw, c->object->run_maps, type};
    memcpy(t->words, words, sizeof words);
    return OK;
}

// --- what is mapped

static err_t find_target(struct thread *t, struct process **p, vaddr_t *at)
{
    struct capability *c;
    TRY(capability_find(t->process, t->slot, TYPE_PROCESS, RIGHT_MAP, &c));
    *p = frame_object(c->object);
    *at = (vaddr_t){t->words[0]};
    return memory_check_range(t->words[0], t->words[1]);
}

err_t sys_process_unmap(struct thread *t)
{
    struct process *p;
    vaddr_t at;
    TRY(find_target(t, &p, &at));
    uint64_t pages = t->words[1], now = step_pages(at, pages, UNMAP_AT_ONCE);
    struct leaf leaf = paging_leaf(p, at);
    for (uint64_t i = 0; leaf.entries && i < now; i++) {
        uint64_t entry = leaf.entries[leaf_index(at) + i];
        if (entry != 0 && frame_of(entry_address(entry))->pins != 0) return ERR_MAPPED;
    }
    // --- nothing below can fail ---
    if (leaf.entries) {
        memory_unmap_some(p, leaf, at, now);
        paging_trim(p, at);
    }
    t->words[0] = now;
    return now == pages ? OK : ERR_AGAIN;
}

// Only less: more rights come from a memory capability, by memory_map.
err_t sys_process_protect(struct thread *t)
{
    struct process *p;
    vaddr_t at;
    TRY(find_target(t, &p, &at));
    uint64_t pages = t->words[1], access = t->words[2], now = step_pages(at, pages, PROTECT_AT_ONCE);
    if (access & ~(uint64_t)(ACCESS_READ | ACCESS_WRITE | ACCESS_EXECUTE) || !(access & ACCESS_READ))
        return ERR_BAD_ARGUMENT;
    struct leaf leaf = paging_leaf(p, at);
    if (!leaf.entries) return ERR_NOT_MAPPED;
    for (uint64_t i = 0; i < now; i++) {
        uint64_t entry = leaf.entries[leaf_index(at) + i];
        if (entry == 0) return ERR_NOT_MAPPED;
        if (access & ~entry_access(entry)) return ERR_NO_RIGHT;
        if (!(access & ACCESS_WRITE) && frame_of(entry_address(entry))->pins != 0) return ERR_MAPPED;
    }
    // --- nothing below can fail ---
    const bool is_loaded = cr3_read() == p->page_table.raw;
    for (uint64_t i = 0; i < now; i++, at.raw += PAGE_SIZE) {
        uint64_t entry = leaf.entries[leaf_index(at)];
        uint32_t old = entry_access(entry), new = (uint32_t)access | (old & ACCESS_UNCACHED);
        struct frame *f = frame_of(entry_address(entry));
        f->writers = (int16_t)(f->writers + weight_of(new) - weight_of(old));
        leaf_replace(leaf, at, entry_make(entry_address(entry), new), is_loaded);
    }
    t->words[0] = now;
    return now == pages ? OK : ERR_AGAIN;
}

err_t sys_process_query(struct thread *t)
{
    struct capability *c;
    TRY(capability_find(t->process, t->slot, TYPE_PROCESS, RIGHT_MAP, &c));
    vaddr_t at = {t->words[0]};
    if ((int64_t)(at.raw << 16) >> 16 != (int64_t)at.raw) return ERR_BAD_ADDRESS; // not canonical
    uint64_t entry = paging_lookup(frame_object(c->object), at, &t->words[2]);
    if (entry == 0) return ERR_NOT_MAPPED;
    t->words[0] = entry_address(entry).raw | at.raw % t->words[2];
    t->words[1] = entry_access(entry);
    return OK;
}
