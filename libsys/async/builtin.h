// SPDX-License-Identifier: MIT
// Tasks to look at and to copy, by name: the server tasks and the program async start the same ones. They print.
#pragma once

#include "libsys/async/executor.h"

struct builtin {
    struct task_kind kind;
    uint64_t number; // what stands first in t->own unless an argument says otherwise
    const char *about;
};

extern const struct builtin builtins[];
extern const uint32_t builtin_count;

// Starts one. argument: a number, or "". ERR_NOT_FOUND: none has that name. ERR_RANGE: the argument is no number.
// ERR_FULL: no place.
err_t builtin_spawn(struct executor *e, const char *name, const char *argument, uint64_t *id);

// Whether a task's kind is one of these: so that one can tell a pointer that was kept over a restart.
bool builtin_is(const struct task_kind *kind);
