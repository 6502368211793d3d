// SPDX-License-Identifier: MIT
// Making a process: from three runs (its own frames, its pool, its fresh pages), an image and an entry of the manifest.
#pragma once

#include "servers/init/table.h"

// The endpoints that a process's faults go to, and that init's clients call.
#define SUPERVISOR_ENDPOINT spare_slot(SPARE_SUPERVISOR)
#define INIT_ENDPOINT ((cap_t){BOOT_SLOT_ENDPOINT})
// The log without a badge; in its first slot init has one that names itself.
#define LOG_ROOT spare_slot(SPARE_LOG)
// Of a capability for INIT_ENDPOINT that speaks of one process only: its debugger's. The other bits are its number.
#define DEBUGGER_BADGE BIT(63)

enum spare_use { SPARE_SUPERVISOR, SPARE_CLIENTS, SPARE_BUILDER_STACK, SPARE_BUILDER_THREAD, SPARE_POOL, SPARE_LOG };

// The page that memory reads (abi/clients.h), as init sees it.
extern struct client_page *client_page;

// What sets the two kinds of processes apart. A standing one is started at boot, kept alive, and needs nobody for it: all
// of its stack is mapped, and its endpoint is init's.
bool entry_is_standing(uint32_t entry);
bool entry_is_memory(uint32_t entry);

struct body build_body(uint32_t entry);

struct build {
    struct process *process;
    uint64_t window;       // where the building thread sees the fresh pages meanwhile: its own, nobody else's
    const char *arguments; // behind the name, each closed by a NUL
    size_t arguments_length;
};

// The runs are in the place's slots. Afterwards the process is complete but does not run yet. On an error it is left
// as it is: take_apart (servers/init/apart.h) handles that too.
must_use err_t build_process(const struct build *b);

// Lets it run. From here on the place is the supervisor's.
must_use err_t build_run(struct process *p);
