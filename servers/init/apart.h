// SPDX-License-Identifier: MIT
// Taking a process apart: the other direction of build.h.
#pragma once

#include "servers/init/table.h"

// Stops a process at once: nothing of it runs afterwards, its callers are released. What is left to do grows with its
// size and is take_apart's.
void stop_process(struct process *p);

// Ends what stop_process began, or what build_process left unfinished. The three runs are in the place's slots again,
// whole and unmapped.
must_use err_t take_apart(struct process *p);

// The three runs to the entry's slots, and back for its next life.
must_use err_t body_put_away(struct process *p);
must_use err_t body_fetch(struct process *p);
