// SPDX-License-Identifier: MIT
// Every exception that ring 3 can raise, as the message that its supervisor gets: cause, code, address, registers.
#include "tests/programs/attack_init/attack.h"

#define USER_FAULT PF_USER
#define ANY_CODE (~0ull)
#define FLAG_TRAP 0x100u

static struct child one;

// --- what children do: raise.asm

// clang-format off
#define RAISES(R) \
    R(divide) R(step) R(breakpoint) R(breakpoint_long) R(overflow) R(into) R(bound) R(undefined) R(fpu) R(stack) \
    R(halt) R(segment) R(noncanonical) R(read) R(write) R(write_text) R(kernel) R(x87) R(simd) R(alignment) R(held)
// clang-format on
#define DECLARE(NAME) \
    void raise_##NAME(uint64_t unused); \
    extern char raise_##NAME##_at[];
RAISES(DECLARE)
#undef DECLARE
void raise_fetch(uint64_t unused);
void raise_run_data(uint64_t unused);
extern char raise_int[];
void note_flags(uint64_t notes), break_and_note(uint64_t notes);
void flags_through(uint64_t flags, uint64_t how, volatile uint64_t *before, volatile uint64_t *after);

// --- what comes of it

struct expected {
    const char *name;
    void (*run)(uint64_t);
    char *rip; // NULL: where address says
    uint64_t cause, other_cause, code, address;
};
#define CASE(NAME, CAUSE, OTHER, CODE, ADDRESS) \
    { \
#NAME, raise_##NAME, raise_##NAME##_at, CAUSE, OTHER, CODE, ADDRESS \
    }

static const struct expected cases[] = {
    CASE(divide, 0, 0, 0, 0),
    CASE(step, 1, 1, 0, 0),
    CASE(breakpoint, 3, 3, 0, 0),
    CASE(breakpoint_long, 3, 3, 0, 0),
    CASE(overflow, 13, 13, ANY_CODE, 0),
    CASE(into, 6, 6, 0, 0),
    CASE(bound, 6, 6, 0, 0),
    CASE(undefined, 6, 6, 0, 0),
    CASE(fpu, 3, 3, 0, 0),
    CASE(stack, 12, 13, 0, 0), // QEMU: 13
    CASE(halt, 13, 13, 0, 0),
    CASE(segment, 13, 13, 0x10, 0),
    CASE(noncanonical, 13, 13, 0, 0),
    CASE(read, 14, 14, USER_FAULT, 0x123456789008),
    CASE(write, 14, 14, USER_FAULT | PF_WRITE, 0x123456789010),
    {"fetch", raise_fetch, NULL, 14, 14, USER_FAULT | PF_FETCH, 0x123456789000},
    CASE(write_text, 14, 14, USER_FAULT | PF_WRITE | PF_PRESENT, (uint64_t)raise_write_text_at),
    {"run_data", raise_run_data, NULL, 14, 14, USER_FAULT | PF_FETCH | PF_PRESENT, USER_STACK_TOP - 80},
    CASE(kernel, 14, 14, USER_FAULT | PF_PRESENT, 0xffffffff8010c000),
    CASE(x87, 16, 16, 0, 0),
    CASE(simd, 19, 3, 0, 0), // QEMU: goes on to the breakpoint
    CASE(alignment, 3, 3, 0, 0),
    CASE(held, 3, 3, 0, 0),
};

static struct registers arrived(void) { return ((struct fault *)message_page()->body)->registers; }

// Those that no case changes.
static void expect_registers(const struct registers *r)
{
    const uint64_t values[] = {r->rbx, r->rcx, r->rdx, r->rsi, r->rdi, r->rbp, r->r8,
                               r->r9,  r->r10, r->r11, r->r12, r->r13, r->r14, r->r15};
    for (uint64_t i = 0; i < sizeof values / sizeof *values; i++)
        if (i != 5 || values[i] >> 32 == 0) EXPECT(0xc0de0002 + i, values[i]); // `stack` keeps its own in rbp
}

static void expect_message(const struct expected *c, const struct message *m)
{
    uint64_t rip = c->rip ? (uint64_t)c->rip : c->address;
    uint64_t cause = m->words[FAULT_CAUSE] == c->other_cause ? c->other_cause : c->cause;
    EXPECT(KIND_FAULT, TAG_OPERATION(m->tag));
    EXPECT(cause, m->words[FAULT_CAUSE]);
    if (c->code != ANY_CODE) EXPECT(c->code, m->words[FAULT_CODE]);
    EXPECT(c->address, m->words[FAULT_ADDRESS]);
    if (c->cause == c->other_cause || cause == 13) EXPECT(rip, m->words[FAULT_RIP]);
    struct registers r = arrived();
    EXPECT(m->words[FAULT_RIP], r.rip);
    EXPECT(m->words[FAULT_RSP], r.rsp);
    expect_registers(&r);
}

static void every_exception_of_ring_3_is_a_message(void)
{
    struct message m;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        child_make(&one, 5, NO_CAP, ENDPOINT);
        child_run(&one, cases[i].run, 0);
        EXPECT(OK, ipc_recv(ENDPOINT, now() + 20 * MS, &m));
        expect_message(&cases[i], &m);
        child_end(&one);
    }
}

// The gates are the kernel's but for the breakpoint's: the error code names the gate (SDM vol. 3, "Error Code"; QEMU 7.2
// multiplies by 16 in long mode instead of by 8).
static void every_software_interrupt_but_one_is_refused(void)
{
    struct message m;
    child_make(&one, 5, NO_CAP, ENDPOINT);
    child_run(&one, (void (*)(uint64_t))(uint64_t)raise_int, 0);
    for (uint64_t n = 0; n < 256; n++) {
        EXPECT(OK, ipc_recv(ENDPOINT, now() + 20 * MS, &m));
        EXPECT(n == 3 ? 3 : 13, m.words[FAULT_CAUSE]);
        EXPECT((uint64_t)raise_int + 4 * n + (n == 3 ? 2 : 0), m.words[FAULT_RIP]);
        if (n != 3) EXPECT(true, m.words[FAULT_CODE] == n * 8 + 2 || m.words[FAULT_CODE] == n * 16 + 2);
        ((struct fault *)message_page()->body)->registers.rip = (uint64_t)raise_int + 4 * (n + 1);
        if (n < 255)
            EXPECT(OK, ipc_reply(&(struct message){.tag = TAG(0, OK, sizeof(struct registers), 0), .token = m.token}));
    }
    child_end(&one);
}

// A thousand times in a row, and each time it goes on behind.
static void break_often(uint64_t index)
{
    for (;;) {
        __asm__ volatile("int3");
        shared->count[index]++;
    }
}

static void a_breakpoint_is_passed_a_thousand_times(void)
{
    struct message m;
    child_make(&one, 5, NO_CAP, ENDPOINT);
    child_run(&one, break_often, 1);
    for (uint64_t i = 0; i < 1000; i++) {
        EXPECT(OK, ipc_recv(ENDPOINT, now() + 20 * MS, &m));
        EXPECT(3, m.words[FAULT_CAUSE]);
        EXPECT(i, shared->count[1]);
        EXPECT(OK, ipc_reply(&(struct message){.token = m.token}));
    }
    child_end(&one);
}

// --- flags

static void try_flags(uint64_t words)
{
    uint64_t random = 88172645463325252;
    for (uint64_t i = 0; i < words; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        uint64_t flags = (i < 64 ? BIT(i) : random) & ~(uint64_t)FLAG_TRAP;
        shared->word[1] = flags;
        flags_through(flags, i % 3, &shared->word[2], &shared->word[3]);
        // A system call ends with the same flags always; an exception with what was there before it; and of what a
        // handler sets, that counts which ring 3 may choose.
        uint64_t wanted = i % 3 == 0 ? 0x202 : i % 3 == 1 ? shared->word[2] : shared->word[2] & 0xed7;
        if (shared->word[3] != wanted || shared->word[2] & 0x3000 || !(shared->word[2] & 0x200)) shared->word[0]++;
        shared->count[1]++;
        if (shared->word[0]) break;
    }
    shared->word[4] = 1;
    run_for_ever(5);
}

static void no_flag_of_ring_3_reaches_ring_0(void)
{
    struct message m;
    child_make(&one, 5, NO_CAP, ENDPOINT);
    child_run(&one, try_flags, 3000);
    while (!shared->word[4]) {
        err_t err = ipc_recv(ENDPOINT, now() + 50 * MS, &m);
        if (err == ERR_TIMEOUT) break;
        uint64_t length = 0;
        if (m.words[FAULT_CAUSE] == 6) { // it goes on behind ud2
            ((struct fault *)message_page()->body)->registers.rip += 2;
            length = sizeof(struct registers);
        }
        EXPECT(OK, ipc_reply(&(struct message){.tag = TAG(0, OK, length, 0), .token = m.token}));
    }
    EXPECT(3000, shared->count[1]);
    EXPECT(0, shared->word[0]);
    child_end(&one);
}

#define USER_FLAGS 0xcd5ull // what ring 3 may choose, but for TF
#define FIXED_FLAGS 0x202ull
#define USER_CODE 0x23
#define USER_DATA 0x1b

// Each bit alone, and all: NT, IOPL, VM, RF, AC, VIF and VIP, IF that is 0, and those that are reserved.
#define ASKED(BIT_NUMBER) (((BIT_NUMBER) < 64 ? BIT(BIT_NUMBER) : ~0ull) & ~(uint64_t)FLAG_TRAP)

static void expect_notes(uint64_t asked, uint64_t rounds)
{
    EXPECT((asked & USER_FLAGS) | FIXED_FLAGS, shared->word[0]);
    EXPECT(USER_CODE, shared->word[1]);
    EXPECT(USER_DATA, shared->word[2]);
    EXPECT(true, shared->word[3] > rounds);
}

// The thread itself says what it found.
static void flags_that_are_written_arrive_as_ring_3_may_have_them(void)
{
    struct registers r;
    child_make(&one, 5, NO_CAP, ENDPOINT);
    child_run(&one, note_flags, (uint64_t)shared->word);
    rest(1);
    for (int bit = 0; bit <= 64; bit++) {
        EXPECT(OK, thread_suspend(one.thread));
        EXPECT(OK, thread_read(one.thread, &r));
        r.rflags = ASKED(bit);
        EXPECT(OK, thread_write(one.thread, &r));
        uint64_t rounds = shared->word[3];
        EXPECT(OK, thread_resume(one.thread));
        rest(1);
        expect_notes(ASKED(bit), rounds);
    }
    child_end(&one);
}

static void flags_of_a_handlers_answer_arrive_as_ring_3_may_have_them(void)
{
    struct message m;
    child_make(&one, 5, NO_CAP, ENDPOINT);
    child_run(&one, break_and_note, (uint64_t)shared->word);
    EXPECT(OK, ipc_recv(ENDPOINT, now() + 20 * MS, &m));
    for (int bit = 0; bit <= 64; bit++) {
        EXPECT(3, m.words[FAULT_CAUSE]);
        ((struct fault *)message_page()->body)->registers.rflags = ASKED(bit);
        EXPECT(OK, ipc_reply(&(struct message){.tag = TAG(0, OK, sizeof(struct registers), 0), .token = m.token}));
        EXPECT(OK, ipc_recv(ENDPOINT, now() + 20 * MS, &m));
        expect_notes(ASKED(bit), (uint64_t)bit);
    }
    child_end(&one);
}

const struct attack exception_attacks[] = {
    ATTACK(every_exception_of_ring_3_is_a_message),
    ATTACK(every_software_interrupt_but_one_is_refused),
    ATTACK(a_breakpoint_is_passed_a_thousand_times),
    ATTACK(no_flag_of_ring_3_reaches_ring_0),
    ATTACK(flags_that_are_written_arrive_as_ring_3_may_have_them),
    ATTACK(flags_of_a_handlers_answer_arrive_as_ring_3_may_have_them),
    {NULL, NULL},
};
