// SPDX-License-Identifier: MIT
// The operations behind the trap: sys_NAME for each line of abi/syscall.h, defined in the file of its object. Arguments
// are in t->slot and t->words; results go to t->words, the error is returned. An error leaves everything as it was.
// Every file with an operation includes this, and with it what operations are written in.
#pragma once

#include "abi/syscall.h"
#include "common/try.h"
#include "kernel/thread.h"

#define DECLARE(NAME, NUMBER, TEXT) err_t sys_##NAME(struct thread *t);
SYSCALLS(DECLARE)
#undef DECLARE

struct operation {
    err_t (*run)(struct thread *t); // NULL: there is none of that number
    uint64_t flags;
};
#define OPERATION_HAS_TAG 1u        // its tag says more than the operation
#define OPERATION_SETS_REGISTERS 2u // when it succeeds: rax and rdi of the caller too
extern const struct operation operations[];
