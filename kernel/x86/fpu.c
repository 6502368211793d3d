// SPDX-License-Identifier: MIT
#include "kernel/x86/fpu.h"

#include "kernel/thread.h"
#include "kernel/x86/cpu.h"

#define XCR0_STATES BITS(2, 0) // x87, SSE, AVX

// Initial values (SDM vol. 1, "x87 FPU State", "MXCSR"): all exceptions masked.
#define FCW_INITIAL 0x037f
#define MXCSR_INITIAL 0x1f80
#define FCW_AT 0 // bytes into the FXSAVE area
#define MXCSR_AT 24

bool fpu_is_fast;
uint64_t fpu_features;
struct thread *fpu_owner;

void fpu_init(bool xsave)
{
    fpu_is_fast = xsave;
    if (!xsave) return;
    fpu_features = cpuid(0xd, 0).eax & XCR0_STATES;
    __asm__ volatile("xsetbv" : : "c"(0), "a"((uint32_t)fpu_features), "d"((uint32_t)(fpu_features >> 32)));
}

#define MOVE(NAME, WITH_XSAVE, WITHOUT) \
    static void NAME(struct thread *t) \
    { \
        if (fpu_is_fast) \
            __asm__ volatile(WITH_XSAVE " (%0)" : : "r"(t->fpu), "a"((uint32_t)fpu_features), "d"(0) : "memory"); \
        else \
            __asm__ volatile(WITHOUT " (%0)" : : "r"(t->fpu) : "memory"); \
    }
MOVE(save, "xsave64", "fxsave64")
MOVE(restore, "xrstor64", "fxrstor64")

void fpu_first_use(struct thread *t)
{
    // The frame was cleared when it became a thread: a zero XSAVE header means "initial state" for every component,
    // but MXCSR is loaded from the area all the same.
    *(uint16_t *)(void *)(t->fpu + FCW_AT) = FCW_INITIAL;
    *(uint32_t *)(void *)(t->fpu + MXCSR_AT) = MXCSR_INITIAL;
    thread_set_extra(t, THREAD_FPU, true);
}

void fpu_prepare(struct thread *t)
{
    if (!(t->extras & THREAD_FPU)) {
        cr0_write(cr0_read() | CR0_TS);
        return;
    }
    __asm__ volatile("clts");
    if (fpu_owner == t) return;
    if (fpu_owner) save(fpu_owner);
    restore(t);
    fpu_owner = t;
}

void fpu_forget(struct thread *t)
{
    if (fpu_owner == t) fpu_owner = NULL;
}
