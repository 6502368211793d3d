// SPDX-License-Identifier: MIT
// Constants and offsets for NASM. Never linked: the build reads its assembly text and writes gen/offsets.inc.
#include "kernel/endpoint.h"
#include "kernel/syscall.h"
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
    OFFSET(THREAD_LIMIT, thread, limit);
    OFFSET(THREAD_TOKEN, thread, token);
    OFFSET(THREAD_CLIENT, thread, client);
    OFFSET(THREAD_SERVER, thread, server);
    OFFSET(THREAD_TABLE, thread, table);
    OFFSET(THREAD_TABLE_LIMIT, thread, table_limit);
    OFFSET(THREAD_ENDPOINT, thread, endpoint);
    OFFSET(THREAD_FAST_STAMP, thread, fast_stamp);
    OFFSET(THREAD_FPU_LIMIT, thread, fpu_limit);
    OFFSET(THREAD_FPU_TABLE_LIMIT, thread, fpu_table_limit);
    OFFSET(THREAD_FPU_STAMP, thread, fpu_stamp);
    OFFSET(THREAD_BODY_LIMIT, thread, body_limit);
    OFFSET(THREAD_PAGE, thread, page);
    OFFSET(MESSAGE_BODY, message_page, body);
    SAME(MESSAGE_MAX);
    VALUE(LENGTH_AT, TAG_LENGTH_AT);
    OFFSET(THREAD_FPU_STATE, thread, fpu);
    // What is written at once: the state, and (unless the other is added) that it is not full. What is read at once: whether
    // it has extras or is full.
    OFFSET(THREAD_STATE, thread, full);
    VALUE(IS_READY, THREAD_READY << 16);
    VALUE(IS_RECEIVING, THREAD_RECEIVING << 16);
    VALUE(IS_CALLING, THREAD_CALLING << 16);
    VALUE(IS_FULL, 1);
    OFFSET(THREAD_FULL, thread, full);
    OFFSET(THREAD_EXTRAS, thread, extras);
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
    SAME(SYSCALL_COUNT);
    SAME(TAGGED_OPERATIONS);
    VALUE(REGISTERS_ARE_SET, (uint32_t)REGISTERS_ARE_SET);
    SAME(ERR_BAD_SYSCALL);
    SAME(THREAD_FPU);
    OFFSET(CAPABILITY_OBJECT, capability, object);
    OFFSET(CAPABILITY_SEND_STAMP, capability, send_stamp);
    OFFSET(CAPABILITY_STAMP, capability, stamp);
    OFFSET(CAPABILITY_BADGE, capability, badge);
    OFFSET(FRAME_STAMP, frame, stamp);
    OFFSET(ENDPOINT_BITS, endpoint, bits);
    OFFSET(ENDPOINT_WAITER, endpoint, waiter);
    VALUE(OPERATION_NOTIFY, SYS_notify);
    SAME(RIGHT_NOTIFY);
    VALUE(OPERATION_CALL, SYS_call);
    VALUE(OPERATION_REPLY_RECV, SYS_reply_recv);
    VALUE(FIRST_IRQ_VECTOR, PIC_VECTOR);
    VALUE(LAST_IRQ_VECTOR, PIC_VECTOR + PIC_LINES - 1);
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
