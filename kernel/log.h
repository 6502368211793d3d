// SPDX-License-Identifier: MIT
// The kernel's log: a ring of whole lines, drained to COM1 by its transmitter interrupt. What a reader or the line is
// too slow for is overwritten, and counted.
#pragma once

#include "abi/errors.h"
#include "abi/types.h"

extern struct frame log_frame;

// Appends one line of the kernel's, at most LOG_LINE_MAX bytes.
void log_line(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

// Sends everything that is left, polling: only in a panic and before interrupts are on.
void log_flush(void);

// From here on the transmitter's interrupt drains the log; until then every line is sent at once, polling.
void log_start_interrupts(void);

// Sends as much as the transmitter takes now: from its interrupt, and when a line was added.
void log_drain(void);
