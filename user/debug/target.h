// SPDX-License-Identifier: MIT
// The program that is debugged: its first thread, held by two capabilities that init gave (docs/debug.md).
#pragma once

#include "libsys/syscall.h"

enum target_state {
    TARGET_HELD,    // suspended by init or by us
    TARGET_FAULTED, // its kernel message waits for our answer
    TARGET_GONE,
};

#define BREAKPOINTS 16u

extern struct target {
    const char *name;
    enum target_state state;
    struct registers registers;      // while it stands still, as the kernel has them
    bool changed;                    // they or its memory, by hand: what faulted is to be tried again
    uint64_t words[MESSAGE_WORDS];   // TARGET_FAULTED: enum fault_word
    uint64_t trace[FAULT_BACKTRACE]; // and its return addresses
    uint64_t trace_length;
    char text[LOG_LINE_MAX + 1]; // FAULT_PANIC: its last words
    uint64_t breakpoints[BREAKPOINTS];
    unsigned breakpoint_count;
} target;

// Stops it if it runs, and asks the kernel to send us its faults.
must_use err_t target_attach(void);

// Lets it go on, for so many instructions or, with 0, until something happens, and says on the screen what did.
void target_run(uint64_t steps);

// Writes target.registers back. ERR_BUSY: it waits in an operation, whose end would write over them.
must_use err_t target_write_registers(void);

// Lets it go on as though there had never been a debugger.
must_use err_t target_detach(void);

// "0x2000010 main+0x10", and a newline.
void target_print_place(uint64_t address, bool is_return);
