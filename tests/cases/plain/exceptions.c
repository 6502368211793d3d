// SPDX-License-Identifier: MIT
// Exceptions that a program goes on behind.
#include "tests/cases/case.h"

// The registers that int3 must leave alone are all of them.
TEST(a_thousand_breakpoints_in_a_row_change_nothing, .milliseconds = 10000)
{
    for (uint64_t i = 0; i < 1000; i++) {
        uint64_t a = i, b = ~i, c = i << 32, d = i * i;
        __asm__ volatile("int3" : "+r"(a), "+r"(b), "+r"(c), "+r"(d));
        CHECK_EQ(a, i);
        CHECK_EQ(b, ~i);
        CHECK_EQ(c, i << 32);
        CHECK_EQ(d, i * i);
    }
}

// --- a debugger in the small: a thread of this process, whose faults come to this one

static uint64_t stack[64] __attribute__((aligned(16)));
static volatile uint64_t reached;
static uint64_t late __attribute__((aligned(4096)));

extern char stopped_trap[], stopped_behind[], stopped_fault[];
void stopped(void);
__asm__(".pushsection .text\n"
        "stopped: mov $1, %ebx\n"
        "stopped_trap: int3\n"
        "stopped_behind: mov $2, %ecx\n"
        "add %rbx, %rcx\n"
        "stopped_fault: ud2\n"
        "mov %rcx, reached(%rip)\n"
        "1: jmp 1b\n"
        ".popsection");

static struct registers *registers(void) { return &((struct fault *)message_page()->body)->registers; }

static void expect_stop(struct message *m, uint64_t cause, const char *rip)
{
    CHECK_EQ(ipc_recv(case_self(), FOREVER, m), OK);
    CHECK_EQ(TAG_OPERATION(m->tag), KIND_FAULT);
    CHECK_EQ(m->words[FAULT_CAUSE], cause);
    CHECK_EQ(m->words[FAULT_RIP], (uint64_t)rip);
    CHECK_EQ(registers()->rip, (uint64_t)rip);
}

static void go_on(const struct message *m, bool with_registers)
{
    uint64_t length = with_registers ? sizeof(struct registers) : 0;
    CHECK_EQ(ipc_reply(&(struct message){.tag = TAG(0, OK, length, 0), .token = m->token}), OK);
}

// Attaches to a thread, sees it stop, steps it, changes what it holds, looks at it at rest, lets it run.
TEST(a_fault_stands_at_its_instruction_and_a_trap_behind_it, .process = true)
{
    const uint64_t step = 0x100;
    const cap_t thread = case_slot();
    struct message m;
    struct registers seen;
    CHECK_EQ(thread_create(cap_named("process"), thread, (vaddr_t){0}, NO_CAP, NO_CAP, start_page()->priority), OK);
    CHECK_EQ(thread_debug(thread, case_self()), OK);
    CHECK_EQ(thread_start(thread, (vaddr_t){(uint64_t)stopped}, (vaddr_t){(uint64_t)(stack + 64)}, 0), OK);
    expect_stop(&m, 3, stopped_behind); // a trap: behind int3
    CHECK(FAULT_IS_TRAP(m.words[FAULT_CAUSE]));
    CHECK_EQ(registers()->rbx, 1);
    CHECK_EQ(thread_read(thread, &seen), OK);
    CHECK_EQ(seen.rip, (uint64_t)stopped_behind);
    seen.rflags |= step;
    seen.rbx = 40;
    CHECK_EQ(thread_write(thread, &seen), OK);
    go_on(&m, false);
    expect_stop(&m, 1, stopped_behind + 5); // one instruction further
    CHECK_EQ(registers()->rcx, 2);
    registers()->rflags &= ~step;
    go_on(&m, true);
    expect_stop(&m, 6, stopped_fault); // a fault: at ud2
    CHECK(!FAULT_IS_TRAP(m.words[FAULT_CAUSE]));
    CHECK_EQ(registers()->rcx, 42);
    registers()->rip += 2;
    go_on(&m, true);
    while (reached == 0)
        yield();
    CHECK_EQ(reached, 42);
    CHECK_EQ(thread_suspend(thread), OK);
    CHECK_EQ(thread_read(thread, &seen), OK);
    CHECK_EQ(seen.rcx, 42);
    CHECK_EQ(thread_destroy(thread), OK);
    late = 1; // and a page fault is tried once more: the store is there behind it
    CHECK_EQ(late, 1);
}
