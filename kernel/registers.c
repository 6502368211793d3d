// SPDX-License-Identifier: MIT
// A thread's registers as its fault handlers and debuggers see and set them.
#include "common/mem.h"
#include "kernel/syscall.h"
#include "kernel/x86/cpu.h"

// struct thread keeps the registers in the two pieces of struct registers (abi/fault.h), in the same order.
#define FIRST_PIECE offsetof(struct registers, rax)
#define SECOND_PIECE (sizeof(struct registers) - FIRST_PIECE)
_Static_assert(offsetof(struct thread, rflags) + 8 - offsetof(struct thread, rax) == SECOND_PIECE, "same registers");

void thread_get_registers(const struct thread *t, struct registers *r)
{
    memcpy(&r->rip, &t->rip, FIRST_PIECE);
    memcpy(&r->rax, &t->rax, SECOND_PIECE);
    if (t->full) return;
    // It is in an operation: what that leaves behind in the registers that it does not save (kernel/x86/entry.asm).
    if (t->state != THREAD_READY) r->rdi <<= 5; // the slot that it was divided into
    r->rcx = r->rip;
    r->r11 = r->rflags = RFLAGS_IF | RFLAGS_FIXED;
    r->r14 = r->r15 = 0;
}

bool thread_set_registers(struct thread *t, const struct registers *r)
{
    if (r->rip >= USER_TOP) return false;
    memcpy(&t->rip, &r->rip, FIRST_PIECE);
    memcpy(&t->rax, &r->rax, SECOND_PIECE);
    t->rflags = (r->rflags & (RFLAGS_USER | RFLAGS_TF)) | RFLAGS_IF | RFLAGS_FIXED;
    t->full = true;
    thread_set_extra(t, THREAD_STEPPED, t->rflags & RFLAGS_TF);
    return true;
}

// --- operations

// A thread whose registers are at rest: suspended, or a fault handler has it.
static err_t find_stopped(struct thread *t, struct thread **out)
{
    struct capability *c;
    TRY(capability_find(t->process, t->slot, TYPE_THREAD, RIGHT_MANAGE, &c));
    *out = frame_object(c->object);
    if ((*out)->state == THREAD_NEW || !((*out)->flags & (THREAD_SUSPENDED | THREAD_FAULTED))) return ERR_BAD_STATE;
    return t->page ? OK : ERR_NO_PAGE;
}

err_t sys_thread_read(struct thread *t)
{
    struct thread *of;
    TRY(find_stopped(t, &of));
    thread_get_registers(of, (struct registers *)t->page->body);
    return OK;
}

err_t sys_thread_write(struct thread *t)
{
    struct thread *of;
    TRY(find_stopped(t, &of));
    // The end of the operation that it waits in would write over them.
    if (of->state != THREAD_READY && !(of->flags & THREAD_FAULTED)) return ERR_BUSY;
    return thread_set_registers(of, (const struct registers *)t->page->body) ? OK : ERR_BAD_ADDRESS;
}
