// SPDX-License-Identifier: MIT
// Where the debug kernel hooks itself in: the linker's --wrap=NAME sends calls from other files to __wrap_NAME
// (make/debug_kernel.mk has the list). A census is taken when a process has been destroyed, and at the end of the first
// interrupt or exception after an NMI has asked for one: when all is in order.
#include "common/memory_map.h"
#include "kernel/debug/census.h"
#include "kernel/log.h"
#include "kernel/panic.h"
#include "kernel/x86/cpu.h"
#include "kernel/x86/pic.h"

static bool asked; // by an NMI

uint16_t expected_mask = (uint16_t) ~(1u << PIC_CASCADE);

// --- nothing is initialised twice

#define ONCE(RESULT, NAME, PARAMETERS, ARGUMENTS) \
    RESULT __real_##NAME PARAMETERS; \
    RESULT __wrap_##NAME PARAMETERS; \
    RESULT __wrap_##NAME PARAMETERS \
    { \
        static bool called; \
        if (called) panic("%s: called a second time", #NAME); \
        called = true; \
        return __real_##NAME ARGUMENTS; \
    }

struct boot_info;
typedef struct memory_map map_t;
ONCE(void, scheduler_init, (void), ())
ONCE(void, uart_init, (void), ())
ONCE(void, segments_init, (void), ())
ONCE(void, features_init, (void), ())
ONCE(void, fpu_init, (bool has_xsave), (has_xsave))
ONCE(void, pic_init, (void), ())
ONCE(void, pit_init, (void), ())
ONCE(void, irq_init, (void), ())
ONCE(void, clock_init, (void), ())
ONCE(void, wheel_init, (void), ())
ONCE(void, init_start, (struct boot_info * info, map_t *free), (info, free))
ONCE(void, log_start_interrupts, (void), ())

// --- the beginning

bool __real_paging_start(const map_t *ram, map_t *free);
bool __wrap_paging_start(const map_t *ram, map_t *free);

bool __wrap_paging_start(const map_t *ram, map_t *free)
{
    static bool called;
    if (called) panic("paging_start: called a second time");
    called = true;
    return __real_paging_start(ram, free) && tallies_make(ram, free);
}

noreturn void __real_thread_start_first(struct thread *t);
noreturn void __wrap_thread_start_first(struct thread *t);

noreturn void __wrap_thread_start_first(struct thread *t)
{
    tallies_begin();
    machine_begin();
    log_line("debug kernel: a census at the end of every process, and for every NMI");
    census(true);
    __real_thread_start_first(t);
}

// --- masks

#define MASK(NAME, CHANGE) \
    void __real_##NAME(uint32_t line); \
    void __wrap_##NAME(uint32_t line); \
    void __wrap_##NAME(uint32_t line) \
    { \
        expected_mask = (uint16_t)(CHANGE); \
        __real_##NAME(line); \
    }
MASK(pic_mask_and_end, expected_mask | 1u << line)
MASK(pic_unmask, expected_mask & ~(1u << line))

// --- when

// Every way into C: the ABI wants the stack at a multiple of 16 before the call, whatever ring 3 had in rsp.
static force_inline void check_alignment(void)
{
    if ((uint64_t)__builtin_frame_address(0) % 16 != 0) panic("census: I12: an entry's stack is not aligned");
}

err_t __real_sys_process_destroy(struct thread *t);
err_t __wrap_sys_process_destroy(struct thread *t);

err_t __wrap_sys_process_destroy(struct thread *t)
{
    struct capability *c;
    check_alignment();
    if (!capability_find(t->process, t->slot, TYPE_DYING, RIGHT_MANAGE, &c)) poison_lift(frame_object(c->object));
    err_t err = __real_sys_process_destroy(t);
    if (err == OK) census(false);
    return err;
}

static void leave(void)
{
    if (asked) census(true);
    asked = false;
}

void __real_trap_from_user(struct thread *t, uint64_t vector, uint64_t error);
void __wrap_trap_from_user(struct thread *t, uint64_t vector, uint64_t error);
void __wrap_trap_from_user(struct thread *t, uint64_t vector, uint64_t error)
{
    check_alignment();
    asked |= vector == VECTOR_NMI;
    __real_trap_from_user(t, vector, error);
    leave();
}

#define INTERRUPT(NAME) \
    void __real_##NAME(uint64_t vector); \
    void __wrap_##NAME(uint64_t vector); \
    void __wrap_##NAME(uint64_t vector) \
    { \
        check_alignment(); \
        __real_##NAME(vector); \
        leave(); \
    }
INTERRUPT(irq_handle)
INTERRUPT(irq_while_idle)

void __real_trap_from_kernel(struct trap_frame *frame);
void __wrap_trap_from_kernel(struct trap_frame *frame);
void __wrap_trap_from_kernel(struct trap_frame *frame)
{
    check_alignment();
    asked |= frame->vector == VECTOR_NMI;
    __real_trap_from_kernel(frame);
}

// --- stack canaries (-fstack-protector-strong)

uint64_t __stack_chk_guard = 0x00ff0a0d595e27d3;
noreturn void __stack_chk_fail(void);
noreturn void __stack_chk_fail(void) { panic("census: I12: a function has overwritten the end of its frame"); }
