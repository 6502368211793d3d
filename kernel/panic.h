// SPDX-License-Identifier: MIT
// The kernel's own end. A panic is a bug of the kernel; a boot failure is a machine or image that cannot be started.
#pragma once

#include "abi/types.h"

// Registers at an exception in ring 0, as the entry stubs push them.
struct trap_frame {
    uint64_t r15, r14, r13, r12, r11, r10, r9, r8, rbp, rdi, rsi, rdx, rcx, rbx, rax;
    uint64_t vector, error;
    uint64_t rip, cs, rflags, rsp, ss;
};

// Prints sentence and symbolised backtrace on log and screen, then halts for good.
noreturn void panic(const char *sentence, ...) __attribute__((format(printf, 1, 2)));

// The same for an exception in ring 0, with its registers.
noreturn void panic_trap(const struct trap_frame *frame);

// The machine cannot be started, or init is dead: one sentence on log and screen, white on red, and halt.
noreturn void stop_machine(const char *sentence, ...) __attribute__((format(printf, 1, 2)));
