// SPDX-License-Identifier: MIT
// State that outlives its server: the region "keep" (boot/system.toml: keep = pages), which init maps into each life.
//
// The region holds two copies of the state, of which one is being written while the other is whole. A life that ends at
// whatever instruction leaves the last committed copy behind, never half of one. What a successor finds is checked:
// magic, version, length, checksum here, the bounds of what is in it by the server.
#pragma once

#include <stddef.h>

#include "abi/types.h"

// Whose state it is, and how much of it there can be.
struct keep_format {
    uint64_t magic; // not 0
    uint32_t version;
    uint32_t most; // bytes
};

struct keep {
    // set by keep_open, never changed
    struct keep_format format;
    uint8_t *region; // NULL: there is none, or too small a one, and nothing is kept
    size_t copy_size;
    // of the newest copy
    uint64_t sequence;
};

// Finds the state that was committed last: its bytes, in the region; *length of them. They last until the next
// keep_begin but one. NULL: there is none, and *lost says why what was found is thrown away; *lost is NULL where nothing
// was ever kept. The region is aligned to 8 bytes.
const void *keep_open(struct keep *keep, struct keep_format format, void *region, uint64_t size, size_t *length,
                      const char **lost);

// Where the next state goes: format.most bytes, aligned to 8, whose content is anything. NULL: nothing is kept.
void *keep_begin(struct keep *keep);

// What was written there is the state from now on. length ≤ format.most.
void keep_commit(struct keep *keep, size_t length);
