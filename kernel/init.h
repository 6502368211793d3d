// SPDX-License-Identifier: MIT
// Init, the root server: the only module that the kernel itself loads.
#pragma once

#include "abi/boot.h"
#include "common/memory_map.h"

struct thread;
struct process;

extern struct process *init_process;

// A module that lies in RAM of its own.
struct module {
    uint64_t address, size; // bytes; the address is a page's
    char name[NAME_MAX];
    const char *refused; // why it is not used; NULL: it is fine
};

struct boot {
    struct boot_info info;   // what init is told; completed by init_start
    struct memory_map *free; // RAM that nobody owns yet
    struct module modules[BOOT_MODULES];
    uint32_t module_count;
};

// Builds init's process from its module, gives it every capability there is, and makes its thread current.
void init_start(struct boot *boot);
