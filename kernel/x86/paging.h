// SPDX-License-Identifier: MIT
// Page tables and the TLB (SDM vol. 3, "4-Level Paging"). The rest of the kernel speaks of pages and access; only here
// and in paging.c are entries and levels known.
#pragma once

#include "abi/errors.h"
#include "abi/syscall.h"
#include "kernel/frame.h"
#include "kernel/x86/cpu.h"

struct process;
struct memory_map;

#define PAGES_PER_TABLE 512
#define LEAF_SIZE (PAGE_SIZE * PAGES_PER_TABLE) // what one leaf table serves

#define PTE_PRESENT BIT(0)
#define PTE_WRITE BIT(1)
#define PTE_USER BIT(2)
#define PTE_WRITE_THROUGH BIT(3)
#define PTE_CACHE_DISABLE BIT(4)
#define PTE_LARGE BIT(7) // of an upper level: maps a page of that level's size
#define PTE_NX BIT(63)
#define PTE_ADDRESS BITS(51, 12)

// The leaf table that serves an address, as a window on up to 512 entries.
struct leaf {
    uint64_t *entries; // NULL: no table there
    uint64_t missing;  // how many page tables must be made to have one: 0 to 3
};

// A process remembers its last leaf table. Where it has none, no_leaf stands in, which has no empty entry: so who looks
// for an empty one needs not ask. The last table of the user half is never remembered: with its last page, which nobody
// may map, not all of what it serves is the user's.
extern const uint64_t no_leaf[PAGES_PER_TABLE];
#define LEAF_NOWHERE KERNEL_BASE // what it serves: no address of the user half

struct leaf paging_leaf(struct process *p, vaddr_t at);

// The leaf entry of an address; 0: nothing is mapped.
uint64_t paging_entry(struct process *p, vaddr_t at);

// The entry that maps an address of either half, and the size of its page; 0: nothing does, and the size is that of the
// smallest entry that is empty.
uint64_t paging_lookup(struct process *p, vaddr_t at, uint64_t *size);

// Makes the missing tables from p's pool, which the caller has checked to be large enough.
struct leaf paging_make_leaf(struct process *p, vaddr_t at);

// Gives page tables that became empty back to the pool.
void paging_trim(struct process *p, vaddr_t at);

static inline uint32_t leaf_index(vaddr_t at) { return (uint32_t)(at.raw >> PAGE_SHIFT) % PAGES_PER_TABLE; }

// The bits of a leaf entry, and the entry that shows a frame.
#define ENTRY_BITS(ACCESS) \
    (PTE_PRESENT | PTE_USER | ((ACCESS)&ACCESS_WRITE ? PTE_WRITE : 0) | ((ACCESS)&ACCESS_EXECUTE ? 0 : PTE_NX) | \
     ((ACCESS)&ACCESS_UNCACHED ? PTE_CACHE_DISABLE | PTE_WRITE_THROUGH : 0))

static inline uint64_t entry_make(paddr_t frame, uint32_t access) { return frame.raw | ENTRY_BITS(access); }

// 0: not present.
static inline uint32_t entry_access(uint64_t entry)
{
    if (!(entry & PTE_PRESENT)) return 0;
    return ACCESS_READ | (entry & PTE_WRITE ? ACCESS_WRITE : 0) | (entry & PTE_NX ? 0 : ACCESS_EXECUTE) |
           (entry & PTE_CACHE_DISABLE ? ACCESS_UNCACHED : 0) | (entry & PTE_USER ? 0 : ACCESS_KERNEL);
}

static inline paddr_t entry_address(uint64_t entry) { return (paddr_t){entry & PTE_ADDRESS}; }

// Store entries that show one frame after the other, replace and remove one: the only places that change a leaf. Without process-context
// identifiers a CR3 write drops all user translations, so only the loaded space can be stale.
static inline void leaf_fill(struct leaf leaf, vaddr_t at, uint64_t entry, uint64_t pages)
{
    uint64_t *to = leaf.entries + leaf_index(at);
    for (uint64_t i = 0; i < pages; i++)
        to[i] = entry + i * PAGE_SIZE;
    object_frame(leaf.entries)->entries += pages;
}

static inline void leaf_replace(uint64_t *entry, vaddr_t at, uint64_t with, bool is_loaded)
{
    *entry = with;
    if (is_loaded) invlpg(at.raw);
}

// The first address behind the leaf table that would serve `at`, or behind the larger hole around it.
vaddr_t paging_skip(struct leaf leaf, vaddr_t at);

// Boot: makes the kernel's own tables with exact rights from frames of `free`, and loads them: the kernel's image, all
// RAM at PHYSMAP_BASE in blocks of BLOCK_SIZE, and a cleared frame table for these blocks at FRAMES_BASE. false: the
// memory does not suffice.
#define BLOCK_SIZE 0x200000ull
#define FIRST_TAKEN (BIT(20) >> PAGE_SHIFT) // frames below 1 MiB are left to memory: the kernel takes none
must_use bool paging_start(const struct memory_map *ram, struct memory_map *free);

// Takes the user half away from the processor: threads of p fault at their next instruction. The kernel goes on walking
// what p keeps of it. Its tables must not be loaded.
void paging_unhook(struct process *p);

// Fills the kernel half of a new process's top table.
void paging_init_top(struct process *p);

extern paddr_t kernel_page_table; // no user half
