// SPDX-License-Identifier: MIT
// For what must not happen. The process ends; its supervisor shows "name: reason at file:line" with a backtrace (the name
// is the one that the supervisor knows) and restarts what is to be restarted. Nobody else is affected.
#pragma once

#include "libsys/syscall.h"

// panic("no key %u in table %p", key, table)
#define panic(...) panic_at(__FILE__, __LINE__, __VA_ARGS__)

#define assert(CONDITION) ((CONDITION) ? (void)0 : panic_at(__FILE__, __LINE__, "assertion failed: %s", #CONDITION))

// What the two above expand to. A text that is too long is cut, its place is kept.
noreturn void panic_at(const char *file, int line, const char *format, ...) __attribute__((format(__printf__, 3, 4)));

#define PANIC_CODE 134 // the exit code of a process that panicked
