// SPDX-License-Identifier: MIT
// Every operation that crosses the trap.
//
// Registers (all operations use one convention):
//   in    rax   tag: operation, capability count, length; method or error in the high half (abi/message.h)
//         rdi   the capability operated on, as slot × 32
//         rsi rdx r8 r9 r10 r12   words 0–5: arguments; further capabilities are plain slot numbers
//         rbx   token (reply, reply_recv)
//   out   rax   low half: OK, an error of the kernel, or the kind of a message; high half: method or the server's error
//         rdi   badge       rsi rdx r8 r9 r10 r12   words 0–5: results
//         rbx   token       r13   notification bits       r14 r15   0
// rsp and rbp survive; rcx, r11 and the flags die (SDM vol. 2, SYSCALL/SYSRET).
#pragma once

// clang-format off
// S(name, number, what it does), in the order of the numbers, which has no gaps. Some are also kinds of messages: see
// abi/message.h.
#define SYSCALLS(S) \
    S(null,               0, "do nothing: what entering and leaving the kernel costs") \
    S(notify,             1, "set notification bits on an endpoint") \
    S(call,               2, "send a message and wait for the reply") \
    S(reply_recv,         3, "answer the caller named by the token, then wait for the next message") \
    S(send,               4, "send a message; wait only until it is received") \
    S(reply,              5, "answer the caller named by the token") \
    S(recv,               6, "wait for a message or notification bits, until a deadline") \
    S(exit,               7, "end this thread and tell its supervisor why") \
    S(yield,              8, "let another thread of the same priority run") \
    S(cap_copy,           9, "copy a capability, with the same rights or fewer") \
    S(cap_mint,          10, "copy a capability and give the copy a badge") \
    S(cap_move,          11, "move a capability to another slot or process") \
    S(cap_drop,          12, "empty a slot") \
    S(cap_info,          13, "type, rights and badge of what a slot holds") \
    S(memory_split,      14, "cut a run of frames in two") \
    S(memory_join,       15, "join a run with its upper neighbour") \
    S(memory_map,        16, "map pages of a run into a process") \
    S(memory_info,       17, "size, address and mappings of a run") \
    S(process_create,    18, "turn a run of frames into a process") \
    S(process_donate,    19, "give a run of frames to a process's pool") \
    S(process_destroy,   20, "end a process and get its frames back, run by run") \
    S(process_unmap,     21, "remove mappings") \
    S(process_protect,   22, "take rights away from mapped pages") \
    S(process_query,     23, "what is mapped at an address") \
    S(process_info,      24, "pool, mappings and threads of a process") \
    S(thread_create,     25, "make a thread in a process, from its pool") \
    S(thread_start,      26, "let a new thread run") \
    S(thread_suspend,    27, "stop a thread until it is resumed") \
    S(thread_resume,     28, "let a suspended thread go on") \
    S(thread_read,       29, "read the registers of a stopped thread") \
    S(thread_write,      30, "write the registers of a stopped thread") \
    S(thread_priority,   31, "change a thread's priority") \
    S(thread_debug,      32, "let an endpoint hear of a thread's faults before its supervisor") \
    S(thread_info,       33, "state, priority and processor time of a thread") \
    S(thread_destroy,    34, "end another thread") \
    S(endpoint_create,   35, "make an endpoint from a process's pool") \
    S(endpoint_bind,     36, "name the process that receives from an endpoint") \
    S(endpoint_destroy,  37, "end an endpoint; whoever waits for it gets an error") \
    S(irq_bind,          38, "let an interrupt line set bits on an endpoint") \
    S(irq_ack,           39, "unmask an interrupt line") \
    S(ports_create,      40, "make a capability for a range of I/O ports") \
    S(ports_in,          41, "read an I/O port") \
    S(ports_out,         42, "write an I/O port") \
    S(clock_read,        43, "nanoseconds since boot") \
    S(log_write,         44, "append a line to the kernel's log") \
    S(log_read,          45, "read the kernel's log") \
    S(power,             46, "switch the machine off, restart it, or say how it switches off")
// clang-format on

#define SYSCALL_ENUM(NAME, NUMBER, TEXT) SYS_##NAME = (NUMBER),
enum syscall { SYSCALLS(SYSCALL_ENUM) SYSCALL_COUNT };

// What memory_map, process_protect and process_query say of a mapping.
#define ACCESS_READ 1u
#define ACCESS_WRITE 2u
#define ACCESS_EXECUTE 4u
#define ACCESS_UNCACHED 8u // device memory
#define ACCESS_CLEAR 16u   // memory_map only: zero the frames first; refused for frames that are mapped
#define ACCESS_KERNEL 32u  // process_query only: of the kernel half, out of ring 3's reach

// thread_info: what a thread does. The numbers are the kernel's.
// T(name, number, what it is)
// clang-format off
#define THREAD_STATES(T) \
    T(NEW,       0, "created, never started") \
    T(READY,     1, "runs, or would if it were its turn") \
    T(RECEIVING, 2, "waits on an endpoint for a message or bits") \
    T(SENDING,   3, "in an endpoint's queue with a message") \
    T(CALLING,   4, "its message was received; waits for the reply") \
    T(ORPHANED,  5, "the handler of its fault has gone; the next one will be asked")
// clang-format on
#define THREAD_STATE_ENUM(NAME, NUMBER, TEXT) THREAD_##NAME = (NUMBER),
enum thread_state { THREAD_STATES(THREAD_STATE_ENUM) };

// thread_info: what holds it back besides
#define THREAD_IS_SUSPENDED 1u
#define THREAD_HAS_FAULTED 2u // its message is a fault: a handler has its registers

// power
#define POWER_OFF 0u
#define POWER_REBOOT 1u
#define POWER_METHOD \
    2u // how to switch off: words 1–4 are port and value, a second port (0: none) and value, 16 bits each

// The end of time: a recv that waits for ever.
#define FOREVER (~0ull)

// ports_create and ports_in/out
#define PORT_READ 1u
#define PORT_WRITE 2u
