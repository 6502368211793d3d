// SPDX-License-Identifier: MIT
// Exceptions and interrupts. From ring 3 an exception is the thread's affair and becomes a message; in ring 0 it is a
// bug of the kernel.
#include "kernel/fault.h"
#include "kernel/irq.h"
#include "kernel/log.h"
#include "kernel/panic.h"
#include "kernel/thread.h"
#include "kernel/x86/cpu.h"
#include "kernel/x86/fpu.h"

void trap_from_user(struct thread *t, uint64_t vector, uint64_t error);
void irq_while_idle(uint64_t vector);
void trap_from_kernel(struct trap_frame *frame);

static void stray(uint64_t vector) { log_line("interrupt on vector %lu, which nothing raises", vector); }

static never_inline void exception(struct thread *t, uint64_t vector, uint64_t error)
{
    if (vector >= PIC_VECTOR) {
        stray(vector);
    } else if (vector == VECTOR_DEVICE_NOT_AVAILABLE && !(t->extras & THREAD_FPU)) {
        fpu_first_use(t);
    } else if (vector == VECTOR_NMI) {
        irq_count_nmi();
    } else if (vector == VECTOR_MACHINE_CHECK) {
        panic("machine check while thread %#lx ran", (uint64_t)t);
    } else {
        if (vector == VECTOR_DEBUG) thread_set_extra(t, THREAD_STEPPED, t->rflags & RFLAGS_TF);
        fault_raise(t, vector, error, 0);
    }
}

void trap_from_user(struct thread *t, uint64_t vector, uint64_t error)
{
    if (vector == VECTOR_PAGE_FAULT)
        fault_raise(t, vector, error, cr2_read());
    else
        exception(t, vector, error);
}

void irq_while_idle(uint64_t vector)
{
    if (vector < PIC_VECTOR + PIC_LINES)
        irq_handle(vector);
    else
        stray(vector);
}

// Returns only for what may interrupt ring 0: an NMI, and the debug exception that a user brings along with `mov ss`
// before syscall (CVE-2018-8897).
void trap_from_kernel(struct trap_frame *frame)
{
    if (frame->vector == VECTOR_NMI)
        irq_count_nmi();
    else if (frame->vector != VECTOR_DEBUG)
        panic_trap(frame);
}
