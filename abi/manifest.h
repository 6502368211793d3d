// SPDX-License-Identifier: MIT
// The manifest: boot/system.toml in the form that init reads, made by tools/system and loaded by GRUB as the module
// named "manifest". Fixed-size arrays and numbers only, no pointers. common/manifest.c checks every rule written here.
#pragma once

#include "abi/boot.h"
#include "abi/types.h"

#define MANIFEST_MAGIC 0x74736566696e614dull // "Manifest"
#define MANIFEST_VERSION 3
#define MANIFEST_MODULE "manifest"
#define MANIFEST_ENTRIES 47 // with the manifest itself: what struct boot_info has room for
#define MANIFEST_PORTS 8
#define MANIFEST_DEVICES 4
#define MANIFEST_ABOUT 120     // bytes, the closing NUL included
#define MANIFEST_ARGUMENTS 256 // bytes, each argument's closing NUL included, and one more
_Static_assert(MANIFEST_ENTRIES < BOOT_MODULES, "each entry is a module, and so is the manifest");

// What the shared numbers may be
#define MANIFEST_PRIORITY_MAX 30 // 31 and 0 are the kernel's
#define MANIFEST_STACK_MAX 256   // pages
#define MANIFEST_SLOTS_MAX 4096
#define MANIFEST_POOL_MAX 4096     // frames
#define MANIFEST_BACKOFF_MAX 60000 // milliseconds; heartbeats too
#define MANIFEST_LIVES_MAX 1000
#define MANIFEST_KEEP_MAX 64   // pages
#define MANIFEST_RUN_MAX 16384 // pages

enum manifest_kind {
    MANIFEST_INIT = 1, // entry 0 and only it
    MANIFEST_SERVER,
    MANIFEST_PROGRAM,
};

// flags
#define MANIFEST_START 1u   // started at boot, in the order of the entries
#define MANIFEST_RESTART 2u // a new life follows each death
#define MANIFEST_FPU 4u     // its image uses SSE registers
#define MANIFEST_FLAGS 7u

// grants: what an entry holds beside the services that it may call. Every process is given the clock.
#define MANIFEST_LOG_WRITE 1u
#define MANIFEST_LOG_READ 2u
#define MANIFEST_POWER 4u
#define MANIFEST_PROCESS 8u  // its own process: to map into it and to make threads
#define MANIFEST_THREADS 16u // the same to make threads only; and thread-local storage
#define MANIFEST_GRANTS 31u

// Lines and ports that only the kernel may touch (PIT, cascade, COM1's line); system.toml cannot give them away.
#define MANIFEST_KERNEL_IRQS ((1u << 0) | (1u << 2) | (1u << 4))

struct manifest_ports {
    uint16_t first;
    uint16_t count;
    uint16_t access;    // PORT_READ, PORT_WRITE
    uint16_t valued;    // 1: only values whose bit is set may be written
    uint8_t values[32]; // bit v % 8 of byte v / 8
};

struct manifest_device {
    char name[NAME_SIZE]; // of the region in the start page
    uint64_t address;     // physical, whole pages
    uint64_t size;        // bytes
    uint64_t access;      // ACCESS_READ, ACCESS_WRITE
};

struct manifest_entry {
    char name[NAME_SIZE];       // the service's name, and the module's: lower-case letters, digits, '-' and '_'
    char about[MANIFEST_ABOUT]; // one line for `help`, UTF-8
    uint32_t kind;
    uint32_t flags;
    uint32_t grants;
    uint32_t priority;
    uint32_t stack_pages;
    uint32_t quota_pages;  // most that the memory server gives it
    uint32_t table_slots;  // capability table, a multiple of 128
    uint32_t pool_frames;  // for its page tables, threads and endpoints
    uint32_t backoff_ms;   // pause before the second restart in a row; doubles with each further one
    uint32_t lives;        // deaths in a row after which it is given up on; 0: never
    uint32_t heartbeat_ms; // 0: none
    uint32_t irqs;         // bit n: line n
    uint64_t calls;        // bit n: may call entry n
    uint32_t port_count;
    uint32_t device_count;
    uint32_t keep_pages;                // of its keep region, which outlives it; 0: none
    uint32_t run_pages;                 // RAM that a server is given as one capability; 0: none
    char arguments[MANIFEST_ARGUMENTS]; // of what is started at boot: each closed by a NUL
    struct manifest_ports ports[MANIFEST_PORTS];
    struct manifest_device devices[MANIFEST_DEVICES];
};
_Static_assert(MANIFEST_ENTRIES <= 64, "calls has a bit for each entry");

// Entries: init, then the servers in the order in which they start (callees first), then the programs. All space that
// a name, a text or an array leaves unused is 0.
struct manifest {
    uint64_t magic;
    uint32_t version;
    uint32_t size;                // bytes of the whole manifest, entries included
    uint32_t crc;                 // CRC-32 (IEEE 802.3) of everything behind this field
    uint32_t entry_count;         // 1 to MANIFEST_ENTRIES
    uint32_t entry_size;          // sizeof(struct manifest_entry)
    uint32_t reserve_pages;       // RAM that init keeps back for the next life of each server
    uint32_t supervisor_priority; // init's first thread; entry 0's priority is its builder's
    uint32_t reserved;
    struct manifest_entry entries[];
};
