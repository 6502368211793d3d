// SPDX-License-Identifier: MIT
// The books of a heap whose blocks are asked for by IPC: which 16-byte units of a window are in use, and where blocks
// start. The blocks themselves are never touched, so a client can destroy what is in its blocks but not the books.
#pragma once

#include "abi/errors.h"
#include "abi/types.h"

#define BLOCKS_UNIT 16
#define BLOCKS_UNITS 16384
#define BLOCKS_BYTES (BLOCKS_UNITS * BLOCKS_UNIT)

struct blocks {
    uint64_t used[BLOCKS_UNITS / 64];
    uint64_t start[BLOCKS_UNITS / 64]; // set for the first unit of each block
};
_Static_assert(sizeof(struct blocks) == PAGE_SIZE, "a heap's books are one page");

// First fit. *low is the lowest unit that may be free: it makes the search short and belongs to the heap, from 0.
// ERR_BAD_LENGTH: 0 or more than the whole heap. ERR_NO_MEMORY: no gap is large enough. *offset is in bytes.
must_use err_t blocks_alloc(struct blocks *blocks, uint32_t *low, uint64_t size, uint64_t *offset);

// ERR_BAD_ADDRESS: no block starts there.
must_use err_t blocks_free(struct blocks *blocks, uint32_t *low, uint64_t offset);
