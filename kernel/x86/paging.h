// SPDX-License-Identifier: MIT
// Page tables and the TLB (SDM vol. 3, "4-Level Paging"). The rest of the kernel speaks of pages and access; only this
// file knows entries and levels.
#pragma once

#include "abi/errors.h"
#include "abi/types.h"

struct process;
struct frame;
struct memory_map;

#define PAGES_PER_TABLE 512

// The leaf table that serves an address, as a window on up to 512 entries.
struct leaf {
    uint64_t *entries; // NULL: no table there
    struct frame *frame;
    uint32_t missing; // how many page tables must be made to have one: 0 to 3
};

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

uint64_t entry_make(paddr_t frame, uint32_t access);
uint32_t entry_access(uint64_t entry); // 0: not present
paddr_t entry_address(uint64_t entry);

// Stores a leaf entry (0: unmap) and keeps the TLB right. The only place that changes a leaf.
void leaf_set(struct process *p, struct leaf leaf, vaddr_t at, uint64_t entry);

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

// Fills the kernel half of a new top table.
void paging_init_top(paddr_t table);

extern paddr_t kernel_page_table; // no user half
