// SPDX-License-Identifier: MIT
// From a system call's number to its operation. The table is made from the list in abi/syscall.h.
#include "kernel/syscall.h"

#include "kernel/x86/fpu.h"

err_t sys_null(struct thread *t)
{
    (void)t;
    return OK;
}

#define ENTRY(NAME, NUMBER, TEXT) [NUMBER] = sys_##NAME,
static err_t (*const operations[SYSCALL_COUNT])(struct thread *t) = {SYSCALLS(ENTRY)};
#undef ENTRY

// Operations that write the caller's registers themselves: it may be another thread that runs when they return.
#define OWN_RESULT \
    (BIT(SYS_call) | BIT(SYS_send) | BIT(SYS_reply_recv) | BIT(SYS_recv) | BIT(SYS_exit) | BIT(SYS_log_read))
// Operations whose tag says more than the operation.
#define HAS_TAG \
    (BIT(SYS_call) | BIT(SYS_send) | BIT(SYS_reply_recv) | BIT(SYS_reply) | BIT(SYS_exit) | BIT(SYS_log_write))
_Static_assert(SYSCALL_COUNT <= 65, "bits of the two masks; power, the last, is in neither");

static bool in(uint64_t set, uint8_t operation) { return operation < 64 && set & BIT(operation); }

struct thread *syscall_dispatch(struct thread *t);

struct thread *syscall_dispatch(struct thread *t)
{
    uint64_t tag = t->rax;
    uint8_t operation = TAG_OPERATION(tag);
    err_t err = ERR_BAD_SYSCALL;
    t->slot = (uint32_t)t->rdi >> 5;
    t->r13 = 0;
    if (operation < SYSCALL_COUNT && operations[operation] && (tag >> 8 == 0 || in(HAS_TAG, operation)))
        err = operations[operation](t);
    if (err || !in(OWN_RESULT, operation)) {
        t->rax = err;
        t->rdi = 0;
    }
    fpu_prepare(current);
    return current;
}
