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

// The capability that an operation which must be fast works on: alive, of that type and with the rights. Where it is not,
// capability_find says what is wrong.
static inline err_t operand(struct thread *t, enum object_type type, uint8_t rights, struct capability **out)
{
    struct capability *c = &t->process->table[t->slot];
    if (t->slot >= t->process->slots || stamp_type(c->stamp) != type ||
        (c->stamp & (~(uint64_t)RIGHTS_ALL | rights)) != (c->object->stamp | rights))
        return capability_find(t->process, t->slot, type, rights, out);
    *out = c;
    return OK;
}

struct operation {
    err_t (*run)(struct thread *t); // NULL: there is none of that number
    uint64_t flags;
};
#define OPERATION_HAS_TAG 1u        // its tag says more than the operation
#define OPERATION_SETS_REGISTERS 2u // when it succeeds: rax and rdi of the caller too
extern const struct operation operations[];
