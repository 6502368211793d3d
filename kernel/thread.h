// SPDX-License-Identifier: MIT
// A thread: saved registers, a state, and its part in at most one conversation.
//
// The kernel runs on one stack with interrupts off. Every entry saves the thread's registers into struct thread, works,
// and leaves through thread_resume (kernel/x86/entry.asm) with whatever thread is current then.
#pragma once

#include "abi/fault.h"
#include "abi/message.h"
#include "kernel/capability.h"
#include "kernel/list.h"
#include "kernel/process.h"
#include "kernel/wheel.h"

// flags: while one is set, nobody switches to the thread without a closer look
#define THREAD_FAULTED 1u   // the conversation is about a fault: the reply does not touch the registers
#define THREAD_EXPIRED 2u   // its time slice ran out inside a call: it queues when the call returns
#define THREAD_SUSPENDED 4u // does not run: ready, it is in no queue

// extras: what must be put into the processor, or taken out of it, before such a thread runs
#define THREAD_FPU 1u     // has used the FPU: its state is saved and restored
#define THREAD_TLS 2u     // has an FS base of its own
#define THREAD_STEPPED 4u // runs with the trap flag
#define THREAD_IDLE 8u    // never runs in ring 3

#define PRIORITIES 32 // 0 is idle

// Who is asked about a fault: the pager about page faults only, the debugger if there is one, then the supervisor.
enum handler { HANDLER_PAGER, HANDLER_DEBUGGER, HANDLER_SUPERVISOR, HANDLERS };

struct endpoint;

struct thread {
    // first line: what a switch loads
    uint64_t rip, rsp, rbp;
    uint64_t limit; // (2 << priority) − 1: somebody of higher priority is ready if the ready bitmap exceeds it. 0: the
                    // fast path neither calls nor answers this thread
    uint64_t cr3;
    uint64_t token;        // sequence << 32 | frame number: names this thread while it waits for a reply
    struct thread *client; // whose call it is serving, or &nobody
    uint16_t extras;
    uint16_t full;  // all registers were saved: leave by iretq. Otherwise it made a syscall: sysretq
    uint8_t state;  // enum thread_state. The running thread's is set when it enters the C path
    uint8_t unused; // written with full and state at once
    uint16_t flags;
    // second line: what IPC looks at
    struct capability *table;
    uint64_t table_limit;   // slots × 32. 0: its calls take the C path
    struct frame *endpoint; // bound by the last recv
    uint64_t fast_stamp;    // the endpoint's stamp when it was bound. 0: its replies take the C path
    struct thread *server;  // who serves its call, or &nobody when the call is on a process's owed list
    struct process *process;
    struct message_page *page;         // through the physical map; NULL: none
    struct process *owed_by;           // the process on whose owed list it is, NULL: none
    struct endpoint *endpoint_waiting; // in whose queue its message is
    // registers. A syscall saves rax to rbx; an interrupt or exception saves all
    uint64_t rax;
    union {
        uint64_t slot; // after a syscall's entry: slot × 32, divided before the operation runs
        uint64_t rdi;
    };
    uint64_t words[MESSAGE_WORDS]; // rsi rdx r8 r9 r10 r12
    uint64_t rbx, r13, r14, r15, rcx, r11, rflags;
    // changed by its manager
    uint64_t priority;
    struct capability handlers[HANDLERS]; // of its faults, in the order in which they are asked
    // set at creation, never changed
    uint64_t number; // in its process
    uint64_t tls;    // FS base; 0: none
    struct link in_process;
    struct frame *page_frame;
    uint64_t endpoint_stamp;
    // limit, table_limit and fast_stamp of the other fast path, which switches the FPU's state as well
    uint64_t fpu_limit, fpu_table_limit, fpu_stamp;
    // changed by the scheduler and IPC
    struct link link;   // ready queue, sender queue, owed list, orphans
    struct alarm alarm; // of a receive with a deadline
    // the message or fault on its way
    uint64_t send_tag, send_badge;
    uint64_t fault_words[MESSAGE_WORDS];
    uint64_t fault_text;        // bytes of panic text in its message page
    enum handler fault_handler; // who has its fault
    // time
    uint64_t time; // ns, charged by ticks to the root of the call chain
    // limit on the fast path of messages with a body: fpu_limit, if it has a message page
    uint64_t body_limit;
    // the FPU's state, in the form of XSAVE or FXSAVE
    _Alignas(64) uint8_t fpu[2048];
};
_Static_assert(sizeof(struct thread) <= PAGE_SIZE, "a thread is one frame");
_Static_assert(offsetof(struct thread, table) == 64, "the first line is one cache line");

extern struct thread *current;
extern struct thread nobody; // stands where no thread is: never waits for anything, limit 0

#define TOKEN_STEP (1ull << 32)
static inline void thread_new_token(struct thread *t) { t->token += TOKEN_STEP; }

// Sets the values that the fast path compares from what the thread is: one that cannot take it gets zeros. The limits
// alone: where only its flags or its deadline have changed.
void thread_choose_path(struct thread *t);
void thread_choose_limits(struct thread *t);

static inline void thread_set_flag(struct thread *t, uint32_t flag, bool on)
{
    t->flags = (uint16_t)(on ? t->flags | flag : t->flags & ~flag);
    thread_choose_limits(t);
}

static inline void thread_set_extra(struct thread *t, uint32_t extra, bool on)
{
    t->extras = (uint16_t)(on ? t->extras | extra : t->extras & ~extra);
    thread_choose_path(t);
}

// Before t runs: its extras in the processor, and nobody else's. Every way out of the kernel asks for it unless neither t
// has any nor the processor.
void thread_load_extras(struct thread *t);
extern uint32_t extras_loaded; // those of the thread that ran last

// Ends a thread: it leaves every queue, its caller is told, its message page is unpinned, and its frame goes back to its
// process's pool.
void thread_end(struct thread *t);

// Makes a thread of a frame of p's pool; used by sys_thread_create and, for init, at boot.
struct thread *thread_make(struct process *p, struct frame *f, uint64_t priority);

// The frame of a message page: the mapping at that address must be writable RAM that is no message page yet. Binding
// pins it.
must_use err_t thread_find_page(struct process *p, vaddr_t at, struct frame **out);
void thread_bind_page(struct thread *t, struct frame *f);

// Registers as others see and set them. An instruction pointer outside the user half must not exist anywhere (sysretq to
// one faults in ring 0 on some processors): false, and nothing is set.
void thread_get_registers(const struct thread *t, struct registers *r);
bool thread_set_registers(struct thread *t, const struct registers *r);

void thread_prepare(struct thread *t, uint64_t rip, uint64_t rsp, uint64_t argument);
