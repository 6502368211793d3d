// SPDX-License-Identifier: MIT
// Memory objects: runs of frames that are split, joined, mapped and unmapped.
#pragma once

#include "abi/errors.h"
#include "abi/types.h"
#include "kernel/x86/paging.h"

struct process;

// Removes what is mapped at up to so many pages from there on, of one leaf table, as far as one kernel entry goes, and
// keeps the books of the frames. Returns how many pages that were.
uint64_t memory_unmap_some(struct process *p, struct leaf leaf, vaddr_t at, uint64_t pages);

// Maps frames of a run into one leaf table; the caller has checked access, the books and that the entries are free.
void memory_map_some(struct process *p, struct leaf leaf, vaddr_t at, struct frame *run, struct frame *first,
                     uint64_t pages, uint32_t access);

// Whether [at, at + pages) lies in the user half, on page boundaries.
must_use err_t memory_check_range(uint64_t at, uint64_t pages);
