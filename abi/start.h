// SPDX-License-Identifier: MIT
// The start page: what a process finds at USER_START_PAGE, read-only. init writes it; for init, the kernel writes
// struct boot_info (abi/boot.h) in its place.
#pragma once

#include "abi/layout.h"
#include "abi/types.h"

#define START_MAGIC 0x74656c756e6e41ull // "Annulet"
#define START_VERSION 2

struct start_cap {
    char name[NAME_SIZE];
    uint32_t slot;
    uint32_t reserved;
};

struct start_region {
    char name[NAME_SIZE];
    uint64_t address;
    uint64_t size; // bytes
};

// A server that system.toml gives a heartbeat finds this bit set on its endpoint now and then, and answers by notifying
// "heartbeat". Its generated loop does (libsys/serve.c). No interrupt and no client can set the bit.
#define HEARTBEAT_BIT (1ull << 63)

#define START_CAPS 48
#define START_REGIONS 8
#define START_ARGUMENTS 1024

// The names of capabilities: the services that the process may call go by the server's name ("vga"), its own endpoint
// is "self", the rest are "clock", "log", "power", "irq1", "ports60" (hexadecimal), "heartbeat", "child:NAME" as system.toml says.
struct start_page {
    uint64_t magic;
    uint32_t version;
    uint32_t generation; // 1 for the first life of a server, then one more at each restart
    uint64_t id;         // the process's number: the badge that servers see
    char name[NAME_SIZE];
    uint64_t message_page;
    uint64_t stack_top;
    uint64_t stack_bottom;    // lowest mapped address; the guard page lies below
    uint32_t first_free_slot; // slots from here to slot_count are empty
    uint32_t slot_count;
    uint32_t cap_count;
    uint32_t region_count;
    uint32_t priority; // of the first thread
    uint32_t reserved;
    struct start_cap caps[START_CAPS];
    struct start_region regions[START_REGIONS];
    char arguments[START_ARGUMENTS]; // NUL-separated, the program's name first, an empty one at the end
};
_Static_assert(sizeof(struct start_page) <= PAGE_SIZE, "the start page is one page");
