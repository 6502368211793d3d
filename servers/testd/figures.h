// SPDX-License-Identifier: MIT
// What a case may not change: memory's frames, init's processes, the lives of the servers.
#pragma once

#include "libsys/syscall.h"

#define FIGURES_SERVERS 48
#define FIGURES_TEXT 200

struct figures {
    uint64_t free, lent, clients; // frames, as memory counts them
    uint32_t processes;           // that init knows
    uint32_t server_count;
    struct {
        char name[NAME_SIZE];
        uint32_t generation;
        uint32_t pages; // mapped
    } servers[FIGURES_SERVERS];
};

void figures_take(cap_t init, cap_t memory, struct figures *out);

// The first difference in words, into text (FIGURES_TEXT bytes); false: there is none. A server that `kills` names may be
// in another life.
bool figures_differ(const struct figures *before, const struct figures *after, const char *kills, char *text);
