// SPDX-License-Identifier: MIT
// What a debugger does: it reads and writes the registers of a thread that stands still, lets it take single steps, and is
// asked about its faults.
#include "tests/programs/attack_init/attack.h"

#define FLAG_TRAP 0x100u

static struct child one, two;

static void make(struct child *c, uint32_t priority) { child_make(c, priority, NO_CAP, ENDPOINT); }

// --- what children do

static void receive_for_long(uint64_t ms)
{
    struct message m = {.words = {child_now() + ms * MS}};
    op(SYS_recv, CHILD_OWN, &m);
    run_for_ever(5);
}

static void read_once(uint64_t operation)
{
    struct message m = {0};
    shared->word[7] = op(operation, CHILD_FREE, &m);
    run_for_ever(7);
}

static void step_here(uint64_t index)
{
    for (;;) {
        struct message m = {0};
        op(SYS_null, 0, &m);
        shared->count[index]++;
    }
}

static void break_once(uint64_t index)
{
    __asm__ volatile("int3");
    run_for_ever(index);
}

void step_into_kernel(uint64_t unused); // raise.asm

static void step_and_run(uint64_t index)
{
    step_into_kernel(0);
    run_for_ever(index);
}

// --- registers

static void registers_are_read_and_written_at_rest(void)
{
    struct registers r;
    make(&one, 5);
    EXPECT(ERR_BAD_STATE, thread_read(one.thread, &r)); // never started
    child_run(&one, run_for_ever, 1);
    EXPECT(ERR_BAD_STATE, thread_read(one.thread, &r));
    rest(5);
    EXPECT(ERR_BAD_STATE, thread_write(one.thread, &r));
    EXPECT(OK, thread_suspend(one.thread));
    EXPECT(OK, thread_read(one.thread, &r));
    EXPECT(true, r.rip >= (uint64_t)run_for_ever && r.rip < (uint64_t)run_for_ever + 64);
    EXPECT(true, r.rsp <= USER_STACK_TOP && r.rsp > CHILD_STACK);
    r.rip = (uint64_t)run_for_ever;
    r.rsp = USER_STACK_TOP - 8;
    r.rdi = 3;
    EXPECT(OK, thread_write(one.thread, &r));
    EXPECT(OK, thread_resume(one.thread));
    rest(5);
    EXPECT(true, shared->count[3] > 0);
    child_end(&one);
}

static void written_registers_stay_in_the_user_half(void)
{
    const uint64_t places[] = {USER_TOP, 0x800000000000, 0xffff800000000000, 0xffffffff80100000, ~0ull};
    struct registers r;
    make(&one, 5);
    child_run(&one, run_for_ever, 1);
    rest(2);
    EXPECT(OK, thread_suspend(one.thread));
    EXPECT(OK, thread_read(one.thread, &r));
    const struct registers before = r;
    for (int i = 0; i < 5; i++) {
        r.rip = places[i];
        EXPECT(ERR_BAD_ADDRESS, thread_write(one.thread, &r));
    }
    EXPECT(OK, thread_read(one.thread, &r));
    EXPECT(before.rip, r.rip);
    // Of the flags, what ring 3 may choose; each bit alone, and all.
    for (int bit = 0; bit <= 64; bit++) {
        r.rflags = bit < 64 ? BIT(bit) : ~0ull;
        EXPECT(OK, thread_write(one.thread, &r));
        uint64_t wanted = (r.rflags & 0xdd5) | 0x202;
        EXPECT(OK, thread_read(one.thread, &r));
        EXPECT(wanted, r.rflags);
    }
    r.rflags = ~0ull & ~(uint64_t)FLAG_TRAP;
    EXPECT(OK, thread_write(one.thread, &r));
    EXPECT(OK, thread_resume(one.thread));
    uint64_t count = shared->count[1];
    rest(20); // it runs, and is still interrupted
    EXPECT(true, shared->count[1] > count);
    // A stack pointer may be anything: it is the thread's own affair.
    EXPECT(OK, thread_suspend(one.thread));
    EXPECT(OK, thread_read(one.thread, &r));
    r.rsp = 0x900000000000;
    EXPECT(OK, thread_write(one.thread, &r));
    EXPECT(OK, thread_resume(one.thread));
    rest(20);
    child_end(&one);
}

static void an_operation_that_waits_keeps_its_registers(void)
{
    struct registers r;
    make(&one, 5);
    child_run(&one, receive_for_long, 1000);
    rest(2);
    EXPECT(OK, thread_suspend(one.thread));
    EXPECT(OK, thread_read(one.thread, &r));
    EXPECT(SYS_recv, r.rax);
    EXPECT(CHILD_OWN * 32, r.rdi);
    EXPECT(r.rip, r.rcx);
    EXPECT(0x202, r.r11);
    EXPECT(0x202, r.rflags);
    EXPECT(0, r.r14 | r.r15);
    EXPECT(ERR_BUSY, thread_write(one.thread, &r));
    EXPECT(OK, notify(one.endpoint, 1));
    EXPECT(OK, thread_write(one.thread, &r)); // it has what it waited for
    child_end(&one);
}

static void without_a_page_no_register_travels(void)
{
    make(&two, 5);
    make(&one, 5);
    child_run(&one, run_for_ever, 1);
    EXPECT(OK, thread_suspend(one.thread));
    EXPECT(OK, cap_copy(one.thread, two.process, CHILD_FREE, ALL));
    vaddr_t stack = {USER_STACK_TOP - USER_STACK_STRIDE - 8};
    const uint64_t operations[] = {SYS_thread_read, SYS_thread_write};
    cap_t pageless = child_thread(&two, 1, 5);
    for (int i = 0; i < 2; i++) {
        EXPECT(OK, thread_start(pageless, (vaddr_t){(uint64_t)read_once}, stack, operations[i]));
        rest(2);
        EXPECT(ERR_NO_PAGE, shared->word[7]);
        EXPECT(OK, thread_destroy(pageless));
        if (i == 0) EXPECT(OK, thread_create(two.process, pageless, (vaddr_t){0}, NO_CAP, NO_CAP, 5));
    }
    child_end(&two);
    child_end(&one);
}

// --- debugger

static void step_once(struct message *m, uint64_t token, struct registers *r)
{
    r->rflags |= FLAG_TRAP;
    ((struct fault *)message_page()->body)->registers = *r;
    EXPECT(OK, ipc_reply(&(struct message){.tag = TAG(0, OK, sizeof *r, 0), .token = token}));
    EXPECT(OK, ipc_recv(ENDPOINT, now() + 20 * MS, m));
    *r = ((struct fault *)message_page()->body)->registers;
}

static void a_debugger_is_asked_before_the_supervisor(void)
{
    struct message m;
    cap_t debugger = empty_slot(), supervisor = empty_slot();
    EXPECT(OK, cap_mint(ENDPOINT, NO_CAP, debugger.slot, ALL, 77));
    EXPECT(OK, cap_mint(ENDPOINT, NO_CAP, supervisor.slot, ALL, 88));
    child_make(&one, 5, NO_CAP, supervisor);
    EXPECT(ERR_WRONG_TYPE, thread_debug(one.thread, SELF));
    EXPECT(OK, thread_debug(one.thread, debugger));
    child_run(&one, break_once, 1);
    EXPECT(OK, ipc_recv(ENDPOINT, now() + 20 * MS, &m));
    EXPECT(77, m.badge);
    EXPECT(3, m.words[FAULT_CAUSE]);
    EXPECT(OK, ipc_reply(&(struct message){.tag = TAG(0, ERR_DENIED, 0, 0), .token = m.token}));
    EXPECT(OK, ipc_recv(ENDPOINT, now() + 20 * MS, &m));
    EXPECT(88, m.badge); // not the debugger's affair: the supervisor's
    EXPECT(OK, ipc_reply(&(struct message){.token = m.token}));
    rest(2);
    EXPECT(true, shared->count[1] > 0);
    child_end(&one);
    // A debugger that is gone, or let go: as though there had never been one.
    for (int round = 0; round < 2; round++) {
        child_make(&two, 5, NO_CAP, NO_CAP);
        child_make(&one, 5, NO_CAP, supervisor);
        EXPECT(OK, thread_debug(one.thread, round ? debugger : two.endpoint));
        if (round)
            EXPECT(OK, thread_debug(one.thread, NO_CAP));
        else
            EXPECT(OK, endpoint_destroy(two.endpoint));
        child_run(&one, break_once, 1);
        EXPECT(OK, ipc_recv(ENDPOINT, now() + 20 * MS, &m));
        EXPECT(88, m.badge);
        child_end(&one);
        child_end(&two);
    }
    EXPECT(OK, cap_drop(debugger));
    EXPECT(OK, cap_drop(supervisor));
}

static void single_steps_go_through_operations_and_come_back(void)
{
    struct message m;
    struct registers r;
    make(&one, 5);
    child_run(&one, step_here, 1);
    rest(2);
    EXPECT(OK, thread_suspend(one.thread));
    EXPECT(OK, thread_read(one.thread, &r));
    r.rflags |= FLAG_TRAP;
    // It stands behind its syscall or somewhere in the loop: both go on by single steps.
    EXPECT(OK, thread_write(one.thread, &r));
    EXPECT(OK, thread_resume(one.thread));
    EXPECT(OK, ipc_recv(ENDPOINT, now() + 20 * MS, &m));
    EXPECT(1, m.words[FAULT_CAUSE]);
    r = ((struct fault *)message_page()->body)->registers;
    uint64_t from = shared->count[1], last;
    uint32_t steps = 0;
    for (; shared->count[1] < from + 3 && steps < 1000; steps++) {
        last = r.rip;
        step_once(&m, m.token, &r);
        EXPECT(1, m.words[FAULT_CAUSE]);
        EXPECT(true, r.rip != last);
        EXPECT(FLAG_TRAP, r.rflags & FLAG_TRAP);
    }
    EXPECT(true, steps > 10 && steps < 1000); // through three rounds, operations and all
    r.rflags &= ~(uint64_t)FLAG_TRAP;
    ((struct fault *)message_page()->body)->registers = r;
    EXPECT(OK, ipc_reply(&(struct message){.tag = TAG(0, OK, sizeof r, 0), .token = m.token}));
    from = shared->count[1];
    EXPECT(ERR_TIMEOUT, ipc_recv(ENDPOINT, now() + 20 * MS, &m)); // no step more
    EXPECT(true, shared->count[1] > from + 3);
    child_end(&one);
}

static void a_trap_that_mov_ss_holds_back_does_no_harm(void)
{
    struct message m;
    make(&one, 5);
    child_run(&one, step_and_run, 1);
    // The processor may raise the exception behind `mov ss`, in ring 0, or not at all: whatever it does, all go on.
    while (ipc_recv(ENDPOINT, now() + 10 * MS, &m) == OK) {
        EXPECT(1, m.words[FAULT_CAUSE]);
        ((struct fault *)message_page()->body)->registers.rflags &= ~(uint64_t)FLAG_TRAP;
        EXPECT(OK, ipc_reply(&(struct message){.tag = TAG(0, OK, sizeof(struct registers), 0), .token = m.token}));
    }
    EXPECT(true, shared->count[1] > 0);
    child_end(&one);
}

const struct attack debugger_attacks[] = {
    ATTACK(registers_are_read_and_written_at_rest),      ATTACK(written_registers_stay_in_the_user_half),
    ATTACK(an_operation_that_waits_keeps_its_registers), ATTACK(without_a_page_no_register_travels),
    ATTACK(a_debugger_is_asked_before_the_supervisor),   ATTACK(single_steps_go_through_operations_and_come_back),
    ATTACK(a_trap_that_mov_ss_holds_back_does_no_harm),  {NULL, NULL},
};
