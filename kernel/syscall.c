// SPDX-License-Identifier: MIT
// From a system call's number to its operation. The table is made from the list in abi/syscall.h; kernel/x86/entry.asm
// looks the number up in it.
#include "kernel/syscall.h"

err_t sys_null(struct thread *t)
{
    (void)t;
    return OK;
}

#define ENTRY(NAME, NUMBER, TEXT) [NUMBER] = sys_##NAME,
err_t (*const operations[SYSCALL_COUNT])(struct thread *t) = {SYSCALLS(ENTRY)};

#define ONE(NAME, NUMBER, TEXT) +1
_Static_assert(0 SYSCALLS(ONE) == SYSCALL_COUNT, "a number without an operation would be a call of nothing");
_Static_assert(SYSCALL_COUNT <= 64, "TAGGED_OPERATIONS has a bit for each");
