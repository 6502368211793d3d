// SPDX-License-Identifier: MIT
// What a fault handler receives: KIND_FAULT, with the six words below and struct fault in the message body.
#pragma once

#include "abi/message.h"

// words of a fault message
enum fault_word {
    FAULT_CAUSE,   // exception vector 0–31, or FAULT_EXIT, FAULT_PANIC
    FAULT_CODE,    // the processor's error code; exit: the exit code
    FAULT_ADDRESS, // page fault: the address touched (CR2)
    FAULT_RIP,
    FAULT_RSP,
    FAULT_THREAD, // process-unique number of the thread: 0 the first
};

#define FAULT_EXIT 32u  // the thread called exit; FAULT_CODE is its code
#define FAULT_PANIC 33u // the thread called exit with a text: the text follows struct fault in the body
// Never in a message: how init tells why it ended a process itself.
#define FAULT_KILLED 34u // somebody asked
#define FAULT_HUNG 35u   // no answer to its heartbeat; the code is its period in milliseconds

// Page-fault error code (SDM vol. 3, "Interrupt 14—Page-Fault Exception")
#define PF_PRESENT 0x01u
#define PF_WRITE 0x02u
#define PF_USER 0x04u
#define PF_RESERVED 0x08u
#define PF_FETCH 0x10u

// Where the instruction pointer of the message stands (SDM vol. 3, "Exception Classifications"): behind the instruction for
// the traps, breakpoint and single step, at it for all other exceptions. So a thread that is resumed goes on behind a trap,
// and tries once more what raised a fault.
#define FAULT_IS_TRAP(CAUSE) ((CAUSE) == 1 || (CAUSE) == 3)

#define FAULT_BACKTRACE 16

// In the order in which the kernel keeps them.
struct registers {
    uint64_t rip, rsp, rbp;
    uint64_t rax, rdi, rsi, rdx, r8, r9, r10, r12, rbx, r13, r14, r15, rcx, r11, rflags;
};

// A page fault sent to a pager carries no body: the words are enough. A supervisor gets all of it. The reply's error
// decides: OK resumes the thread, anything else ends it. A reply of sizeof(struct registers) bytes sets the registers.
struct fault {
    struct registers registers;
    uint64_t backtrace_length;
    uint64_t backtrace[FAULT_BACKTRACE]; // return addresses, innermost first, as the frame pointers show them
    uint64_t text_length;                // bytes of text behind this struct (FAULT_PANIC)
};

// clang-format off
// V(vector, short name, plain words)
#define EXCEPTIONS(V) \
    V( 0, DE, "DIVIDE BY ZERO") \
    V( 1, DB, "DEBUG") \
    V( 2, NMI, "NON-MASKABLE INTERRUPT") \
    V( 3, BP, "BREAKPOINT") \
    V( 4, OF, "OVERFLOW") \
    V( 5, BR, "BOUND RANGE EXCEEDED") \
    V( 6, UD, "INVALID OPCODE") \
    V( 7, NM, "DEVICE NOT AVAILABLE") \
    V( 8, DF, "DOUBLE FAULT") \
    V(10, TS, "INVALID TSS") \
    V(11, NP, "SEGMENT NOT PRESENT") \
    V(12, SS, "STACK SEGMENT FAULT") \
    V(13, GP, "GENERAL PROTECTION FAULT") \
    V(14, PF, "PAGE FAULT") \
    V(16, MF, "X87 FLOATING POINT") \
    V(17, AC, "ALIGNMENT CHECK") \
    V(18, MC, "MACHINE CHECK") \
    V(19, XM, "SIMD FLOATING POINT") \
    V(20, VE, "VIRTUALIZATION") \
    V(21, CP, "CONTROL PROTECTION")
// clang-format on

#define EXCEPTION_ENUM(VECTOR, NAME, TEXT) EXCEPTION_##NAME = (VECTOR),
enum exception { EXCEPTIONS(EXCEPTION_ENUM) };
