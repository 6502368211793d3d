// SPDX-License-Identifier: MIT
#include "kernel/x86/paging.h"

#include "abi/syscall.h"
#include "common/mem.h"
#include "kernel/panic.h"
#include "kernel/process.h"
#include "kernel/x86/cpu.h"

#define TOP_LEVEL 3 // the level of PML4; 0 is the level of 4 KiB pages
#define LEVEL_BITS 9

// The table that an entry of an upper level leads to. In a user half it is always a table: there are no large pages.
static uint64_t *table_at(uint64_t entry)
{
    struct frame *f = frame_of(entry_address(entry));
    if (frame_type(f) != TYPE_PAGE_TABLE) panic("paging: frame %#x is walked as a page table", frame_number(f));
    return frame_object(f);
}

static uint64_t *entry_in(uint64_t *table, vaddr_t at, int level)
{
    return &table[at.raw >> (PAGE_SHIFT + LEVEL_BITS * level) & (PAGES_PER_TABLE - 1)];
}

// Walks down to the table of that level; NULL where a table on the way is missing, and then *missing says how many are.
static uint64_t *walk(struct process *p, vaddr_t at, int level, uint64_t *missing)
{
    uint64_t *table = phys_ptr(p->page_table);
    for (int l = TOP_LEVEL; l > level; l--) {
        uint64_t entry = *entry_in(table, at, l);
        *missing = (uint64_t)l;
        if (!(entry & PTE_PRESENT)) return NULL;
        table = table_at(entry);
    }
    *missing = 0;
    return table;
}

const uint64_t no_leaf[PAGES_PER_TABLE] = {[0 ... PAGES_PER_TABLE - 1] = ~0ull};
_Static_assert(USER_BASE % LEAF_SIZE == 0, "what a leaf table serves is the user's from its first page on");

static struct leaf remember(struct process *p, vaddr_t at, uint64_t *table)
{
    if (at.raw < USER_TOP / LEAF_SIZE * LEAF_SIZE) {
        p->leaf_at = at.raw & ~(LEAF_SIZE - 1);
        p->leaf = table;
        p->leaf_frame = object_frame(table);
    }
    return (struct leaf){table, 0};
}

static void forget(struct process *p)
{
    p->leaf_at = LEAF_NOWHERE;
    p->leaf = (uint64_t *)no_leaf; // nobody fills it: it has no empty entry
}

struct leaf paging_leaf(struct process *p, vaddr_t at)
{
    if ((at.raw & ~(LEAF_SIZE - 1)) == p->leaf_at) return (struct leaf){p->leaf, 0};
    uint64_t missing;
    uint64_t *table = walk(p, at, 0, &missing);
    return table ? remember(p, at, table) : (struct leaf){NULL, missing};
}

uint64_t paging_entry(struct process *p, vaddr_t at)
{
    struct leaf leaf = paging_leaf(p, at);
    return leaf.entries ? leaf.entries[leaf_index(at)] : 0;
}

uint64_t paging_lookup(struct process *p, vaddr_t at, uint64_t *size)
{
    uint64_t *table = phys_ptr(p->page_table);
    for (int level = TOP_LEVEL;; level--) {
        uint64_t entry = *entry_in(table, at, level);
        *size = PAGE_SIZE << LEVEL_BITS * level;
        if (!(entry & PTE_PRESENT)) return 0;
        if (level == 0 || entry & PTE_LARGE) return entry;
        table = at.raw < USER_TOP ? table_at(entry) : phys_ptr(entry_address(entry)); // the kernel's own are no object
    }
}

struct leaf paging_make_leaf(struct process *p, vaddr_t at)
{
    uint64_t *table = phys_ptr(p->page_table);
    for (int l = TOP_LEVEL; l > 0; l--) {
        uint64_t *entry = entry_in(table, at, l);
        if (!(*entry & PTE_PRESENT)) {
            struct frame *f;
            err_t err = pool_take(p, TYPE_PAGE_TABLE, &f);
            if (err) panic("paging: the pool was checked for %d page tables and is empty", l);
            f->entries = 0;
            *entry = frame_address(f).raw | PTE_PRESENT | PTE_WRITE | PTE_USER;
            if (l != TOP_LEVEL) object_frame(table)->entries++;
        }
        table = table_at(*entry);
    }
    return remember(p, at, table);
}

void paging_trim(struct process *p, vaddr_t at)
{
    for (int level = 0; level < TOP_LEVEL; level++) {
        uint64_t missing;
        uint64_t *parent = walk(p, at, level + 1, &missing);
        uint64_t *entry = parent ? entry_in(parent, at, level + 1) : NULL;
        if (!entry || !(*entry & PTE_PRESENT)) continue;
        struct frame *f = frame_of(entry_address(*entry));
        if (f->entries != 0) return;
        *entry = 0;
        if (level + 1 != TOP_LEVEL) object_frame(parent)->entries--;
        // The processor may hold the entry of the upper level in its paging-structure caches (SDM vol. 3, "Caching
        // Translation Information"): invlpg of any address below drops it.
        if (cr3_read() == p->page_table.raw) invlpg(at.raw);
        if (level == 0) forget(p);
        pool_return(p, f);
    }
}

vaddr_t paging_skip(struct leaf leaf, vaddr_t at)
{
    uint64_t step = PAGE_SIZE << LEVEL_BITS * (leaf.missing ? leaf.missing : 1);
    return (vaddr_t){(at.raw & ~(step - 1)) + step};
}

void paging_unhook(struct process *p)
{
    uint64_t *top = phys_ptr(p->page_table);
    memcpy(p->user_half, top, sizeof p->user_half);
    clear_words(top, PAGES_PER_TABLE / 2);
    p->page_table = (paddr_t){frame_address(object_frame(p)).raw + offsetof(struct process, user_half)};
}

void paging_init_top(struct process *p)
{
    forget(p);
    uint64_t *to = phys_ptr(p->page_table), *from = phys_ptr(kernel_page_table);
    memcpy(to + PAGES_PER_TABLE / 2, from + PAGES_PER_TABLE / 2, PAGE_SIZE / 2);
}
