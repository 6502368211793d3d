// SPDX-License-Identifier: MIT
// Constants and offsets for NASM. Never linked: the build reads its assembly text and writes gen/offsets.inc.
#include "kernel/thread.h"
#include "kernel/x86/cpu.h"
#include "kernel/x86/pic.h"

#define EMIT(TEXT, NUMBER) __asm__ volatile("\n.ascii \"->" TEXT " %0\"" : : "i"((uint64_t)(NUMBER)))
#define VALUE(NAME, NUMBER) EMIT(#NAME, NUMBER)
#define OFFSET(NAME, STRUCT, FIELD) EMIT(#NAME, offsetof(struct STRUCT, FIELD))
#define SAME(NAME) EMIT(#NAME, NAME)

void offsets(void);

void offsets(void)
{
    OFFSET(THREAD_RIP, thread, rip);
    OFFSET(THREAD_RSP, thread, rsp);
    OFFSET(THREAD_RBP, thread, rbp);
    OFFSET(THREAD_CR3, thread, cr3);
    OFFSET(THREAD_FLAGS, thread, flags);
    OFFSET(THREAD_RAX, thread, rax);
    OFFSET(THREAD_RBX, thread, rbx);
    OFFSET(THREAD_RCX, thread, rcx);
    OFFSET(THREAD_RDI, thread, rdi);
    OFFSET(THREAD_R11, thread, r11);
    OFFSET(THREAD_R13, thread, r13);
    OFFSET(THREAD_R14, thread, r14);
    OFFSET(THREAD_R15, thread, r15);
    OFFSET(THREAD_RFLAGS, thread, rflags);
    OFFSET(THREAD_WORDS, thread, words);
    VALUE(THREAD_FULL_FLAG, THREAD_FULL);
    VALUE(FIRST_IRQ_VECTOR, PIC_VECTOR);
    SAME(USER_DATA);
    SAME(USER_CODE);
    SAME(RFLAGS_IF);
    SAME(RFLAGS_FIXED);
    SAME(CR0_PE);
    SAME(CR0_MP);
    SAME(CR0_TS);
    SAME(CR0_NE);
    SAME(CR0_WP);
    SAME(CR0_PG);
    SAME(CR4_PAE);
    SAME(CR4_PGE);
    SAME(MSR_EFER);
    SAME(EFER_SCE);
    SAME(EFER_LME);
    SAME(EFER_NXE);
    SAME(PHYSMAP_BASE);
    SAME(KERNEL_BASE);
    SAME(KERNEL_STACK_SIZE);
    SAME(IST_STACK_SIZE);
    SAME(IST_COUNT);
}
