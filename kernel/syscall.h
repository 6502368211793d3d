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

extern err_t (*const operations[SYSCALL_COUNT])(struct thread *t);

// What an operation returns that has succeeded and written rax and rdi as well: of the caller, or of who runs next.
#define REGISTERS_ARE_SET ((err_t)~0u)

// Operations whose tag says more than the operation.
#define TAGGED_OPERATIONS \
    (BIT(SYS_call) | BIT(SYS_send) | BIT(SYS_reply_recv) | BIT(SYS_reply) | BIT(SYS_exit) | BIT(SYS_log_write))
