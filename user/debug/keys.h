// SPDX-License-Identifier: MIT
// What the debugger waits for, in one receive: keys, and the faults of its debuggee.
#pragma once

#include "libsys/ipc.h"

must_use err_t keys_start(void);

// A receive of at most so many nanoseconds that takes note of keys.
err_t keys_receive(uint64_t ns, struct message *m);

// True once after Ctrl-C. Other keys are kept for the next line.
bool keys_were_interrupted(void);

// Shows the prompt and waits for a line; it is empty when Ctrl-C was typed.
void keys_read_line(const char *prompt, char *line, size_t size);
