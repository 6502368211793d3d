// SPDX-License-Identifier: MIT
// What the kernel hands to init: struct boot_info, read-only at USER_START_PAGE, and every capability there is.
#pragma once

#include "abi/errors.h"
#include "abi/layout.h"
#include "abi/types.h"

#define BOOT_MAGIC 0x746f6f4274656c41ull
#define BOOT_VERSION 1
#define BOOT_RUNS 32
#define BOOT_MODULES 48
#define BOOT_AREAS 32
#define INIT_PRIORITY 24 // of its first thread, the supervisor

// init's table: the fixed slots, then RAM runs, then modules, then empty.
enum boot_slot {
    BOOT_SLOT_SELF = 1, // init's process, all rights
    BOOT_SLOT_THREAD,   // init's first thread
    BOOT_SLOT_CLOCK,
    BOOT_SLOT_LOG,
    BOOT_SLOT_POWER,
    BOOT_SLOT_PORTS,     // every port that may be granted, all rights: ports_create makes smaller ones
    BOOT_SLOT_SCREEN,    // device memory 0xa0000–0xbffff
    BOOT_SLOT_ENDPOINT,  // an endpoint that init receives from
    BOOT_SLOT_IRQ0 = 16, // 16 lines; those that are the kernel's (0, 2, 4) are empty
    BOOT_SLOT_FIRST = 32,
};

struct boot_run {
    uint32_t slot;
    uint32_t pages;
    uint64_t address; // physical, of the first frame
};

// Memory of the firmware's behind the end of a RAM area, where ACPI keeps its tables: device memory.
#define BOOT_FIRMWARE 4
#define BOOT_RSDP_MAX 36 // ACPI's root pointer, of version 2

struct boot_module {
    uint32_t slot; // 0: refused, with the reason below
    err_t error;
    uint64_t address; // physical; page-aligned
    uint64_t size;    // bytes
    char name[NAME_SIZE];
};

struct boot_area {
    uint64_t address;
    uint64_t size;
    uint64_t usable; // 1: RAM
};

struct boot_info {
    uint64_t magic;
    uint32_t version;
    uint32_t run_count, module_count, area_count;
    uint32_t first_free_slot;
    uint32_t slot_count;
    uint64_t message_page;
    uint64_t ram_frames;    // frames of usable RAM in the machine's map
    uint64_t kernel_frames; // of those: kernel image, frame table, page tables, init
    uint64_t text_screen;   // 1: an 80 × 25 EGA text screen is at 0xb8000
    uint64_t entry_tsc;     // the processor's time-stamp counter at the kernel's entry
    struct boot_run runs[BOOT_RUNS];
    uint32_t firmware_count;
    uint32_t rsdp_size; // bytes of ACPI's root pointer; 0: the loader named none
    uint8_t rsdp[BOOT_RSDP_MAX + 4];
    struct boot_run firmware[BOOT_FIRMWARE];
    struct boot_module modules[BOOT_MODULES];
    struct boot_area areas[BOOT_AREAS];
};
_Static_assert(sizeof(struct boot_info) <= PAGE_SIZE, "boot information is one page");
