// SPDX-License-Identifier: MIT
// The capability table and the start page of a process that is being built: each capability goes into the next free
// slot, and its name and slot onto the page.
#pragma once

#include "abi/start.h"
#include "servers/init/table.h"

struct child {
    struct process *process;
    const struct manifest_entry *entry;
    struct start_page *page; // in the building thread's window
    uint32_t next_slot;
    err_t err; // the first error; nothing is given after it
};

// Everything that the manifest grants the entry, and what every process has.
void child_give_all(struct child *child);

// Reserves slots for init to fill later; returns the first.
uint32_t child_reserve(struct child *child, uint32_t count);
void child_add_region(struct child *child, const char *name, uint64_t address, uint64_t size);
// Name, arguments, stack, numbers of slots: the last step.
void child_finish(struct child *child, const char *arguments, size_t length);

// The ports of an entry, made once at boot and copied into each life. On an error the entry has none.
must_use err_t child_make_ports(uint32_t entry);

// A log capability's badge is the writer's name: its first characters.
uint64_t log_badge(const char *name);
