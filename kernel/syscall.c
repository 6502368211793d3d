// SPDX-License-Identifier: MIT
// From a system call's number to its operation. The table is made from the list in abi/syscall.h; kernel/x86/entry.asm
// looks the number up in it.
#include "kernel/syscall.h"

err_t sys_null(struct thread *t)
{
    (void)t;
    return OK;
}

// Operations that write the caller's registers themselves: it may be another thread that runs when they return.
#define OWN_RESULT \
    (BIT(SYS_call) | BIT(SYS_send) | BIT(SYS_reply_recv) | BIT(SYS_recv) | BIT(SYS_exit) | BIT(SYS_log_read))
// Operations whose tag says more than the operation.
#define HAS_TAG \
    (BIT(SYS_call) | BIT(SYS_send) | BIT(SYS_reply_recv) | BIT(SYS_reply) | BIT(SYS_exit) | BIT(SYS_log_write))

#define HAS(SET, NUMBER) ((NUMBER) < 64 && (SET)&1ull << ((NUMBER) % 64))
#define ENTRY(NAME, NUMBER, TEXT) \
    [NUMBER] = {sys_##NAME, (HAS(HAS_TAG, NUMBER) ? OPERATION_HAS_TAG : 0) | \
                                (HAS(OWN_RESULT, NUMBER) ? OPERATION_SETS_REGISTERS : 0)},
const struct operation operations[UINT8_MAX + 1] = {SYSCALLS(ENTRY)};
