// SPDX-License-Identifier: MIT
// Memory objects: runs of frames that are split, joined, mapped and unmapped.
#pragma once

#include "abi/errors.h"
#include "abi/types.h"
#include "kernel/x86/paging.h"

struct process;

// Removes one present mapping and keeps the books of its frame.
void memory_unmap_page(struct process *p, struct leaf leaf, vaddr_t at);

// Maps one frame of a run, which its `head` names; the caller has checked access, the books and that the entry is free.
void memory_map_page(struct process *p, struct leaf leaf, vaddr_t at, struct frame *f, uint32_t access);

// Whether [at, at + pages) lies in the user half, on page boundaries.
must_use err_t memory_check_range(uint64_t at, uint64_t pages);
