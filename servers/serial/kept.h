// SPDX-License-Identifier: MIT
// What serial leaves to its successor: the bytes that it has taken from the port and nobody has read. The queue itself
// lies in the region "keep", where each byte costs no more than elsewhere; libsys/keep.h would copy all of them each time.
#pragma once

#include "servers/serial/bytes.h"

#define SERIAL_KEEP_MAGIC 0x656b6c6169726573ull // "serialke"
#define SERIAL_KEEP_VERSION 1u

struct serial_kept {
    uint64_t magic; // set last
    uint32_t version, size;
    struct bytes input;
};

// The queue in the region, as the last life left it or else empty. NULL: there is no region, or too small a one. *lost
// says why what was found is thrown away; it is NULL where nothing was, or where all is well.
struct bytes *kept_input(void *region, uint64_t size, const char **lost);
