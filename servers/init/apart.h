// SPDX-License-Identifier: MIT
// Taking a process apart: the other direction of build.h.
#pragma once

#include "servers/init/table.h"

// Stops a process at once: nothing of it runs afterwards, its callers are released. What is left to do grows with its
// size and is take_apart's. For the supervisor.
void stop_process(struct process *p);

// Ends what stop_process began, or what build_process left unfinished. The three runs are in the place's slots again,
// whole and unmapped.
must_use err_t take_apart(struct process *p);

// The three runs to the entry's spare ones, and back for its next life. ERR_FULL, ERR_EMPTY.
must_use err_t body_to_spare(struct process *p);
must_use err_t body_from_spare(struct process *p);
bool spare_is_ready(uint32_t entry);

// A spare of the entry whose slots are all filled, or all empty; SPARES where there is none.
uint32_t spare_find(uint32_t entry, bool filled);
cap_t spare_run_slot(uint32_t entry, uint32_t spare, enum place_slot which);
