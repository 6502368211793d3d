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

// The three runs into another place's slots, where they are the next life of the entry, or back.
must_use err_t body_to_spare(struct process *p);
must_use err_t body_from_spare(struct process *p);
bool spare_is_ready(uint32_t entry);
