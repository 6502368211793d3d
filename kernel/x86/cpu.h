// SPDX-License-Identifier: MIT
// The processor's registers and instructions that C cannot name (SDM vol. 3, "Control Registers", "Model-Specific
// Registers"). Bits carry the manual's names.
#pragma once

#include "abi/types.h"

#define CR0_PE BIT(0)
#define CR0_MP BIT(1)
#define CR0_TS BIT(3) // the next FPU instruction traps (#NM)
#define CR0_NE BIT(5)
#define CR0_WP BIT(16) // ring 0 obeys read-only pages too
#define CR0_PG BIT(31)

#define CR4_PAE BIT(5)
#define CR4_MCE BIT(6)
#define CR4_PGE BIT(7)
#define CR4_OSFXSR BIT(9)
#define CR4_OSXMMEXCPT BIT(10)
#define CR4_UMIP BIT(11)
#define CR4_OSXSAVE BIT(18)
#define CR4_SMEP BIT(20)
#define CR4_SMAP BIT(21)

#define MSR_EFER 0xc0000080u
#define MSR_STAR 0xc0000081u
#define MSR_LSTAR 0xc0000082u
#define MSR_SFMASK 0xc0000084u
#define MSR_FS_BASE 0xc0000100u
#define EFER_SCE BIT(0)
#define EFER_LME BIT(8)
#define EFER_NXE BIT(11)

#define RFLAGS_FIXED BIT(1) // always 1
#define RFLAGS_TF BIT(8)
#define RFLAGS_IF BIT(9)
#define RFLAGS_USER 0xcd5ull // what ring 3 may choose: CF PF AF ZF SF DF OF; and TF for single steps
#define RFLAGS_SYSCALL (~(uint64_t)RFLAGS_FIXED & 0x3fffffull) // SFMASK: all others are cleared on entry

#define KERNEL_CODE 0x08
#define KERNEL_DATA 0x10
#define USER_DATA 0x1b // SYSRET takes SS = STAR[63:48] + 8 and CS = STAR[63:48] + 16
#define USER_CODE 0x23
#define SYSCALL_LENGTH 2 // bytes of the instruction
#define TASK_STATE 0x28

#define KERNEL_STACK_SIZE 0x4000
#define IST_STACK_SIZE 0x2000
// Vectors that are treated apart (abi/fault.h names all of them).
enum vector {
    VECTOR_DEBUG = 1,
    VECTOR_NMI = 2,
    VECTOR_BREAKPOINT = 3,
    VECTOR_DEVICE_NOT_AVAILABLE = 7,
    VECTOR_DOUBLE_FAULT = 8,
    VECTOR_PAGE_FAULT = 14,
    VECTOR_MACHINE_CHECK = 18
};

enum ist { IST_DEBUG, IST_NMI, IST_DOUBLE_FAULT, IST_MACHINE_CHECK, IST_COUNT };

#define PORT(BITS, SUFFIX) \
    static inline uint##BITS##_t port_in##BITS(uint16_t port) \
    { \
        uint##BITS##_t value; \
        __asm__ volatile("in" SUFFIX " %1, %0" : "=a"(value) : "Nd"(port)); \
        return value; \
    } \
    static inline void port_out##BITS(uint16_t port, uint##BITS##_t value) \
    { \
        __asm__ volatile("out" SUFFIX " %0, %1" : : "a"(value), "Nd"(port)); \
    }
PORT(8, "b")
PORT(16, "w")
PORT(32, "l")

#define CONTROL_REGISTER(NAME) \
    static inline uint64_t NAME##_read(void) \
    { \
        uint64_t value; \
        __asm__ volatile("mov %%" #NAME ", %0" : "=r"(value)); \
        return value; \
    } \
    static inline void NAME##_write(uint64_t value) { __asm__ volatile("mov %0, %%" #NAME : : "r"(value) : "memory"); }
CONTROL_REGISTER(cr0)
CONTROL_REGISTER(cr2)
CONTROL_REGISTER(cr3)
CONTROL_REGISTER(cr4)
CONTROL_REGISTER(dr7)

static inline void msr_write(uint32_t msr, uint64_t value)
{
    __asm__ volatile("wrmsr" : : "c"(msr), "a"((uint32_t)value), "d"((uint32_t)(value >> 32)));
}

struct cpuid {
    uint32_t eax, ebx, ecx, edx;
};

static inline struct cpuid cpuid(uint32_t leaf, uint32_t subleaf)
{
    struct cpuid r;
    __asm__ volatile("cpuid" : "=a"(r.eax), "=b"(r.ebx), "=c"(r.ecx), "=d"(r.edx) : "a"(leaf), "c"(subleaf));
    return r;
}

static inline void invlpg(uint64_t address) { __asm__ volatile("invlpg (%0)" : : "r"(address) : "memory"); }

// Clears whole frames; one counted step per 8 bytes.
static inline void clear_words(void *at, size_t words)
{
    __asm__ volatile("rep stosq" : "+D"(at), "+c"(words) : "a"(0) : "memory");
}
