// SPDX-License-Identifier: MIT
#include "kernel/memory.h"

#include "common/mem.h"
#include "kernel/syscall.h"
#include "kernel/x86/cpu.h"

// Units of work that fit into one kernel entry.
#define PAGES_AT_ONCE 96
#define PROTECT_AT_ONCE 64
#define CLEAR_AT_ONCE 4

err_t memory_check_range(uint64_t at, uint64_t pages)
{
    if (pages == 0 || pages > (USER_TOP - USER_BASE) / PAGE_SIZE) return ERR_BAD_LENGTH;
    if (at % PAGE_SIZE != 0 || at < USER_BASE || at > USER_TOP - pages * PAGE_SIZE) return ERR_BAD_ADDRESS;
    return OK;
}

// What a mapping adds to its frame's books: one more in `maps`, and one more or less in `writers`.
#define WRITER (1ull << 48)
#define WEIGHT(ACCESS) (1 + ((ACCESS)&ACCESS_WRITE ? WRITER : (ACCESS)&ACCESS_EXECUTE ? -WRITER : 0))
static uint64_t writers_of(uint64_t entry) { return (entry & PTE_WRITE ? WRITER : 0) - (entry & PTE_NX ? 0 : WRITER); }
_Static_assert(offsetof(struct frame, writers) == offsetof(struct frame, books) + 6, "WRITER is one in `writers`");

void memory_map_some(struct process *p, struct leaf leaf, vaddr_t at, struct frame *run, struct frame *first,
                     uint64_t pages, uint32_t access)
{
    uint64_t weight = WEIGHT(access);
    for (struct frame *f = first; f < first + pages; f++) {
        f->head = run; // right until it is mapped nowhere: before, the run is neither split nor joined
        f->books += weight;
    }
    run->run_maps += (uint32_t)pages;
    p->mapped_pages += pages;
    leaf_fill(leaf, at, entry_make(frame_address(first), access), pages);
}

uint64_t memory_unmap_some(struct process *p, struct leaf leaf, vaddr_t at, uint64_t pages)
{
    const bool is_loaded = cr3_read() == p->page_table.raw;
    if (pages > PAGES_AT_ONCE) pages = PAGES_AT_ONCE;
    uint64_t gone = 0, *entry = leaf.entries + leaf_index(at);
    for (const uint64_t *end = entry + pages; entry < end; entry++, at.raw += PAGE_SIZE) {
        if (*entry == 0) continue;
        struct frame *f = frame_of(entry_address(*entry));
        f->books -= 1 + writers_of(*entry);
        f->head->run_maps--;
        leaf_replace(entry, at, 0, is_loaded);
        gone++;
    }
    p->mapped_pages -= gone;
    object_frame(leaf.entries)->entries -= gone;
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
#define RIGHTS_FOR(ACCESS) \
    (((ACCESS)&ACCESS_READ ? RIGHT_READ : 0) | ((ACCESS)&ACCESS_WRITE ? RIGHT_WRITE : 0) | \
     ((ACCESS)&ACCESS_EXECUTE ? RIGHT_EXECUTE : 0))

static err_t check_access(uint32_t access, enum object_type type)
{
    const uint32_t known = ACCESS_READ | ACCESS_WRITE | ACCESS_EXECUTE | ACCESS_UNCACHED | ACCESS_CLEAR;
    if (access & ~known || !(access & ACCESS_READ)) return ERR_BAD_ARGUMENT;
    if (access & ACCESS_WRITE && access & ACCESS_EXECUTE) return ERR_WX;
    if (type == TYPE_DEVICE ? access & (ACCESS_EXECUTE | ACCESS_CLEAR) : access & ACCESS_UNCACHED) return ERR_DEVICE;
    return OK;
}

// Whether one more mapping of that kind keeps the frame's books in bounds and no frame writable and executable.
static err_t check_frame(const struct frame *f, uint32_t access)
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

static never_inline err_t map_pages(struct thread *t)
{
    struct capability *memory, *process;
    uint32_t access = (uint32_t)t->words[4];
    vaddr_t at = {t->words[1]};
    uint64_t first = t->words[2], pages = t->words[3];
    enum object_type type;
    TRY(find_run(t, t->slot, (uint8_t)RIGHTS_FOR(access), &memory, &type));
    TRY(capability_find(t->process, t->words[0], TYPE_PROCESS, RIGHT_MAP, &process));
    TRY(t->words[4] >> 32 ? ERR_BAD_ARGUMENT : check_access(access, type));
    TRY(memory_check_range(at.raw, pages));
    struct frame *run = memory->object;
    if (first >= run->pages || pages > run->pages - first) return ERR_BAD_LENGTH;
    uint64_t now = step_pages(at, pages, access & ACCESS_CLEAR ? CLEAR_AT_ONCE : PAGES_AT_ONCE);
    struct process *p = frame_object(process->object);
    struct leaf leaf = paging_leaf(p, at);
    if (leaf.missing > p->free_frames) return ERR_POOL_EMPTY;
    if (!frames_ready(run + first, now)) {
        t->words[0] = 0;
        return ERR_AGAIN;
    }
    const uint64_t *entry = leaf.entries ? leaf.entries + leaf_index(at) : NULL;
    for (struct frame *f = run + first; f < run + first + now; f++) {
        if (entry && *entry++ != 0) return ERR_MAPPED;
        if (f->books != 0) TRY(check_frame(f, access));
    }
    // --- nothing below can fail ---
    if (!leaf.entries) leaf = paging_make_leaf(p, at);
    if (access & ACCESS_CLEAR) clear_words(frame_object(run + first), now * PAGE_SIZE / 8);
    memory_map_some(p, leaf, at, run, run + first, now, access);
    t->words[0] = now;
    return now == pages ? OK : ERR_AGAIN;
}

// What mapping one page of RAM with that access asks for and leaves behind. RIGHT_EXECUTE always: it says that this is
// RAM. Accesses that there are not ask for all rights, of which no memory has RIGHT_MAP.
#define ACCESSES (2 * ACCESS_CLEAR)
#define FOR_EACH_ACCESS(VALUE) \
    { \
        VALUE(ACCESS_READ), VALUE(ACCESS_READ | ACCESS_WRITE), VALUE(ACCESS_READ | ACCESS_EXECUTE), \
            VALUE(ACCESS_CLEAR | ACCESS_READ), VALUE(ACCESS_CLEAR | ACCESS_READ | ACCESS_WRITE), \
            VALUE(ACCESS_CLEAR | ACCESS_READ | ACCESS_EXECUTE), \
    }
#define DISPENSABLE(ACCESS) [ACCESS] = RIGHTS_ALL & ~(RIGHT_EXECUTE | RIGHTS_FOR(ACCESS))
#define BOOKS(ACCESS) [ACCESS] = WEIGHT(ACCESS)
#define FROM_OBJECT(ACCESS) [ACCESS] = ENTRY_BITS(ACCESS) - PHYSMAP_BASE
static const uint64_t dispensable[ACCESSES] = FOR_EACH_ACCESS(DISPENSABLE); // rights that the capability may lack
static const uint64_t books[ACCESSES] = FOR_EACH_ACCESS(BOOKS);             // of a frame that was mapped nowhere
static const uint64_t from_object[ACCESSES] = FOR_EACH_ACCESS(FROM_OBJECT); // from the frame's contents to its entry
_Static_assert(!(MEMORY_RIGHTS & RIGHT_MAP), "no memory has all rights");
_Static_assert(!((DEVICE_RIGHTS | ROOT_RIGHTS) & RIGHT_EXECUTE), "RIGHT_EXECUTE is a memory's only");

// A pager's case at full length: one page of RAM that is mapped nowhere, below the leaf table that the process remembers.
// Everything else, and so every error, is map_pages' affair.
err_t sys_memory_map(struct thread *t)
{
    const struct process *own = t->process;
    uint64_t access = t->words[4];
    if (access >= ACCESSES || (t->slot | t->words[0]) >= own->slots) return map_pages(t);
    const struct capability *memory = &own->table[t->slot], *process = &own->table[t->words[0]];
    struct frame *run = memory->object;
    if (((memory->stamp ^ run->stamp) | dispensable[access]) != RIGHTS_ALL) return map_pages(t);
    if (!capability_grants(process, RIGHT_MAP)) return map_pages(t); // which only processes give
    struct process *p = frame_object(process->object);
    uint64_t in_leaf = t->words[1] ^ p->leaf_at, first = t->words[2];
    if (in_leaf & ~(LEAF_SIZE - PAGE_SIZE) || t->words[3] != 1 || first >= run->pages) return map_pages(t);
    uint64_t *entry = (uint64_t *)((uint64_t)p->leaf + in_leaf / (PAGE_SIZE / sizeof *entry));
    struct frame *f = run + first;
    if (!frame_is_ready(f) || (*entry | f->books) != 0) return map_pages(t);
    // --- nothing below can fail ---
    f->head = run;
    f->books = books[access];
    run->run_maps++;
    p->mapped_pages++;
    p->leaf_frame->entries++;
    *entry = (uint64_t)frame_object(f) + from_object[access];
    t->words[0] = 1;
    if (access & ACCESS_CLEAR) clear_words(phys_ptr(entry_address(*entry)), PAGE_SIZE / 8); // nobody runs in between
    return OK;
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
    uint64_t pages = t->words[1], now = step_pages(at, pages, PAGES_AT_ONCE);
    struct leaf leaf = paging_leaf(p, at);
    const uint64_t *entry = leaf.entries ? leaf.entries + leaf_index(at) : NULL;
    for (uint64_t i = 0; entry && i < now; i++)
        if (entry[i] != 0 && frame_of(entry_address(entry[i]))->pins != 0) return ERR_MAPPED;
    // --- nothing below can fail ---
    if (leaf.entries) {
        memory_unmap_some(p, leaf, at, now);
        if (object_frame(leaf.entries)->entries == 0) paging_trim(p, at);
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
    uint64_t *entry = leaf.entries + leaf_index(at);
    const uint64_t wanted = (access & ACCESS_WRITE ? PTE_WRITE : 0) | (access & ACCESS_EXECUTE ? PTE_NX : 0);
    for (uint64_t i = 0; i < now; i++) {
        if (entry[i] == 0) return ERR_NOT_MAPPED;
        if (((entry[i] ^ PTE_NX) & wanted) != wanted) return ERR_NO_RIGHT;
        if (!(access & ACCESS_WRITE) && frame_of(entry_address(entry[i]))->pins != 0) return ERR_MAPPED;
    }
    // --- nothing below can fail ---
    const bool is_loaded = cr3_read() == p->page_table.raw;
    const uint64_t less = access & ACCESS_WRITE ? 0 : PTE_WRITE, more = access & ACCESS_EXECUTE ? 0 : PTE_NX;
    for (uint64_t i = 0; i < now; i++, at.raw += PAGE_SIZE) {
        uint64_t old = entry[i], new = (old & ~less) | more;
        frame_of(entry_address(old))->books += writers_of(new) - writers_of(old);
        leaf_replace(&entry[i], at, new, is_loaded);
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
