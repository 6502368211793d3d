// SPDX-License-Identifier: MIT
// What memory knows of each process. A process is adopted when it first shows up: its number is a place in the table,
// and init has written its limits there before it was started.
#pragma once

#include "abi/clients.h"
#include "libsys/syscall.h"
#include "servers/memory/blocks.h"
#include "servers/memory/regions.h"

struct client {
    // set when the process is adopted
    uint64_t id;
    cap_t process; // with the right to map
    uint32_t quota;
    // pages
    uint32_t pages;    // frames in use, the books of its blocks included
    uint32_t reserved; // pages that it may touch, and those books: never more than the quota
    uint32_t frames;   // list of its frames
    struct regions regions;
    // blocks by IPC
    struct blocks *blocks; // NULL until the first is asked for
    uint32_t blocks_low;
    uint32_t block_count;
    // where the thread stopped whose fault was the last to be resolved
    uint64_t address, rip, thread;
};

void clients_start(const struct client_page *page, cap_t self);

extern struct client clients[CLIENTS];

// NULL: it has not shown up yet.
static inline struct client *client_known(uint64_t id)
{
    struct client *client = &clients[CLIENT_PLACE(id)];
    return client->id == id && id ? client : NULL;
}

// NULL: init knows no living process of that number.
struct client *client_adopt(uint64_t id);
static inline struct client *client_find(uint64_t id)
{
    struct client *client = client_known(id);
    return client ? client : client_adopt(id);
}

// Frees everything of a process whose address space is gone.
void client_detach(uint64_t id);

// A zeroed frame where a thread of the client touched a page that it may touch: the words of a fault (abi/fault.h).
// What is there already is right for a thread that another one came before. ERR_BAD_STATE: it is the thread's second
// fault at once at a page that is there, and it would go on for ever.
must_use err_t client_fault(struct client *client, const uint64_t words[MESSAGE_WORDS]);

must_use err_t client_span(struct client *client, uint32_t pages, uint64_t *address);
must_use err_t client_release(struct client *client, uint64_t address, uint32_t pages);
must_use err_t client_block_alloc(struct client *client, uint64_t size, uint64_t *address);
must_use err_t client_block_free(struct client *client, uint64_t address);

// Stack and message page of one more thread.
must_use err_t client_stack(struct client *client, uint32_t thread, uint32_t pages);
must_use err_t client_release_stack(struct client *client, uint32_t thread);

// Faults that were resolved.
uint64_t clients_faults(void);
// Frames in use by all clients.
uint64_t clients_pages(void);
// Frames that clients may still touch: nobody else is given them.
uint64_t clients_promised(void);
