// SPDX-License-Identifier: MIT
// Processes of test programs, started and ended through init.
#pragma once

#include "interfaces/init.h"

#define START_WORDS 3 // at most

// Starts a program with words as its arguments (NULL: no more of them). When it ends, the server's loop is notified.
must_use err_t process_start(const char *program, const char *const words[START_WORDS], uint64_t *id);

// Has it ended? Then *how says in which way, if init remembers it.
bool process_has_ended(uint64_t id, struct init_wait_reply *how);

// Ends it and returns when it is gone.
void process_end(uint64_t id, struct init_wait_reply *how);
