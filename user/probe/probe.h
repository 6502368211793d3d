// SPDX-License-Identifier: MIT
// A probe does one forbidden thing, by name. Its function returns only if it was not stopped.
#pragma once

#include "abi/types.h"

enum expectation {
    DIES,     // the thing itself ends the process, with the exception or message that `expected` names
    REFUSED,  // the kernel says no: the function checks the errors itself and calls probe_worked
    SURVIVES, // allowed and harmless: the program goes on as before
    NEVER,    // goes on until it is killed
};

struct probe {
    const char *name;
    const char *what;     // what it does
    const char *expected; // how it must end
    void (*run)(int argc, char **argv);
    enum expectation expectation;
};

// The tables, one a file; each ends with a name of NULL.
extern const struct probe memory_probes[];      // addresses that are not its own
extern const struct probe instruction_probes[]; // instructions that are the kernel's
extern const struct probe call_probes[];        // what the kernel is asked and must refuse
extern const struct probe ending_probes[];      // ways of ending that are not forbidden

// Says loudly, on screen and log, that something forbidden worked. The tests look for these words.
void probe_worked(const char *what);

// What was refused is reported by its error.
void probe_refused(const char *what, uint32_t error);

void probe_say(const char *text, ...) __attribute__((format(printf, 1, 2)));

// A probe that takes no arguments and is just a statement or two.
#define PROBE(NAME, ACTION) \
    static void NAME(int argc, char **argv) \
    { \
        (void)argc; \
        (void)argv; \
        ACTION; \
    }
