// SPDX-License-Identifier: MIT
// What init tells memory without calling it: one page that init writes and memory only reads, mapped at USER_KEEP as
// the region "clients". So attaching a process costs no message, and init's supervisor, which calls nobody, can restart
// a server while memory is busy. Beside it, init puts a capability to each process straight into memory's table.
#pragma once

#include "abi/types.h"

// Process numbers are never given twice, and no two living ones are equal modulo CLIENTS: so a number is also a place.
#define CLIENTS 64
#define CLIENT_PLACE(ID) ((uint32_t)((ID) % CLIENTS))

struct client_record {
    uint64_t id;          // 0: nobody. Written last, before the process's first thread starts
    uint64_t stack_first; // demand-zero pages of the first thread's stack: the lowest one's address
    uint32_t stack_pages;
    uint32_t quota; // pages that memory may give the process, these included
};

// Memory's capability table: its runs of RAM, then a slot for each place (the right to map into that process), then
// what its start page says is free.
struct client_page {
    uint32_t run_slot;
    uint32_t run_count;
    uint32_t process_slot; // of place 0
    uint32_t reserved;
    struct client_record records[CLIENTS];
};
_Static_assert(sizeof(struct client_page) <= PAGE_SIZE, "the client page is one page");
