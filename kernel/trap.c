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

static uint64_t nmi_count;

// An NMI may interrupt the kernel anywhere: it is only counted here, and reported by the next interrupt.
static void report_nmi(void)
{
    static uint64_t reported;
    if (reported == nmi_count) return;
    reported = nmi_count;
    log_line("NMI: %lu so far", reported);
}

static void interrupt(uint64_t vector)
{
    report_nmi();
    if (vector < PIC_VECTOR + PIC_LINES)
        irq_handle((uint32_t)(vector - PIC_VECTOR));
    else
        log_line("interrupt on vector %lu, which nothing raises", vector);
}

void trap_from_user(struct thread *t, uint64_t vector, uint64_t error);
void irq_while_idle(uint64_t vector);
void trap_from_kernel(struct trap_frame *frame);

void trap_from_user(struct thread *t, uint64_t vector, uint64_t error)
{
    if (vector >= PIC_VECTOR) {
        interrupt(vector);
    } else if (vector == VECTOR_DEVICE_NOT_AVAILABLE && !(t->flags & THREAD_FPU)) {
        fpu_first_use(t);
    } else if (vector == VECTOR_NMI) {
        nmi_count++;
    } else if (vector == VECTOR_MACHINE_CHECK) {
        panic("machine check while thread %#lx ran", (uint64_t)t);
    } else {
        if (vector == VECTOR_DEBUG) thread_set_flag(t, THREAD_STEPPED, t->rflags & RFLAGS_TF);
        fault_raise(t, vector, error, vector == VECTOR_PAGE_FAULT ? cr2_read() : 0);
    }
}

void irq_while_idle(uint64_t vector) { interrupt(vector); }

// Returns only for what may interrupt ring 0: an NMI, and the debug exception that a user brings along with `mov ss`
// before syscall (CVE-2018-8897).
void trap_from_kernel(struct trap_frame *frame)
{
    if (frame->vector == VECTOR_NMI)
        nmi_count++;
    else if (frame->vector != VECTOR_DEBUG)
        panic_trap(frame);
}
