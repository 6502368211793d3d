// SPDX-License-Identifier: MIT
// All frames that memory owns: free runs, pieces that are given out frame by frame, runs lent to init, its own books.
#pragma once

#include "abi/clients.h"
#include "libsys/syscall.h"
#include "servers/memory/extents.h"
#include "servers/memory/frames.h"

struct store_figures {
    uint64_t total;
    uint64_t books;
    uint64_t lent;
};

// Takes over the runs that init put into the capability table and makes the books. `self` is a capability to this
// process with the right to map. Panics where the RAM does not even hold the books.
void store_start(const struct client_page *page, cap_t self);

// A free frame, mapped, zeroed, writable, and on a client's list. ERR_NO_MEMORY: none is left. On an error nothing has
// changed.
must_use err_t store_try_to_map(uint32_t *list, cap_t process, vaddr_t at);
must_use err_t store_map_again(uint32_t *list, cap_t process, vaddr_t at, err_t err);
static inline err_t store_map(uint32_t *list, cap_t process, vaddr_t at)
{
    err_t err = store_try_to_map(list, process, at);
    return err == OK ? OK : store_map_again(list, process, at, err);
}
// Back from a client's list; it is mapped nowhere.
void store_give(uint32_t *list, uint32_t frame);

// A run for init. The capability is memory's until the next call: it has travelled by then.
must_use err_t store_lend(uint32_t pages, cap_t *run);
// Takes a run back, with its capability. ERR_BAD_ARGUMENT: mapped, or more than was lent. ERR_WRONG_TYPE, ERR_FULL.
must_use err_t store_accept(cap_t run);

uint64_t store_free(void);
const struct store_figures *store_figures(void);
