// SPDX-License-Identifier: MIT
// All of the FPU's state, control words and upper halves of AVX included, kept by threads of one process: while a thread of
// a higher priority, which uses it too, interrupts them, over messages, and while they wake each other.
#include "libsys/threads.h"

#include "tests/cases/case.h"
#include "tests/programs/fpu/fpu.h"

#define WORKERS 3
#define SPIN 20000 // loops in which nothing but time passes
#define INTERRUPTIONS 600
#define MESSAGES 500

static const struct fpu_state initial = {.control = CONTROL_INITIAL, .mxcsr = MXCSR_INITIAL};
static struct fpu_state in[WORKERS + 1], out[WORKERS + 1]; // the last one is the first thread's
static uint32_t numbers[WORKERS];
static volatile uint64_t rounds[WORKERS];
static atomic_bool stop;
static cap_t partner, turn[2];

// What it must be when C goes on: the compiler computes with it.
static void check_state(uint64_t who)
{
    static struct fpu_state unused[WORKERS + 1];
    fpu_spin(&initial, &unused[who], 1);
    const char *differs = fpu_differs(&in[who], &out[who]);
    if (differs) case_failed(__FILE__, __LINE__, "thread %lu: %s changed", who, differs);
    if (who < WORKERS) rounds[who]++;
}

static void start_all(void (*function)(void *), uint32_t count, uint32_t priority)
{
    fpu_find_avx();
    for (uint64_t i = 0; i < count; i++)
        CHECK_EQ(thread_spawn(&numbers[i], function, (void *)i, 2, priority), OK);
}

static void join_all(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        CHECK_EQ(thread_join(numbers[i]), OK);
}

// --- preempted

static void keep(void *argument)
{
    uint64_t who = (uint64_t)argument, seed = who + 1;
    while (!atomic_load(&stop)) {
        fpu_fill(&in[who], &seed);
        fpu_spin(&in[who], &out[who], SPIN);
        check_state(who);
    }
}

// They are of a lower priority and never wait: whenever the first thread wakes up, it interrupts one of them, nearly
// always while it spins. Every ten milliseconds they take turns besides.
TEST(threads_that_interrupt_each_other_keep_all_of_it, .process = true, .milliseconds = 5000)
{
    uint64_t seed = 77;
    struct message m;
    start_all(keep, WORKERS, start_page()->priority - 1);
    for (int i = 0; i < INTERRUPTIONS; i++) {
        CHECK_EQ(ipc_recv(case_self(), deadline_in(100 * NS_PER_US), &m), ERR_TIMEOUT);
        fpu_fill(&in[WORKERS], &seed);
        fpu_spin(&in[WORKERS], &out[WORKERS], 10);
        check_state(WORKERS);
    }
    atomic_store(&stop, true);
    join_all(WORKERS);
    for (int i = 0; i < WORKERS; i++)
        CHECK(rounds[i] > 50);
}

// --- over messages

static void trap_with_state(uint64_t who, uint64_t *seed, cap_t cap, struct message *m)
{
    fpu_fill(&in[who], seed);
    fpu_trap(&in[who], &out[who], cap.slot, m);
    check_state(who);
}

// It has patterns of its own in all registers while it waits.
PEER(answers_with_its_own_patterns)(uint64_t unused)
{
    uint64_t seed = 99 + unused;
    struct message m = {.tag = SYS_recv, .words = {FOREVER}};
    fpu_find_avx();
    for (;;) {
        trap_with_state(0, &seed, case_self(), &m);
        m = (struct message){.tag = SYS_reply_recv, .words = {m.words[0] + 1}, .token = m.token};
    }
}

static void call(void *argument)
{
    uint64_t who = (uint64_t)argument, seed = who + 1;
    for (uint64_t i = 0; i < MESSAGES; i++) {
        struct message m = {.tag = SYS_call, .words = {i}};
        trap_with_state(who, &seed, partner, &m);
        CHECK_EQ(TAG_OPERATION(m.tag), KIND_REPLY);
        CHECK_EQ(m.words[0], i + 1);
        if (i % 7 == who) yield(); // the others come in between
    }
}

TEST(threads_that_call_keep_all_of_it, .process = true, .milliseconds = 5000)
{
    partner = peer_start(answers_with_its_own_patterns, 0).endpoint;
    start_all(call, WORKERS, 0);
    join_all(WORKERS);
    for (int i = 0; i < WORKERS; i++)
        CHECK_EQ(rounds[i], MESSAGES);
}

// --- waking each other

static void take_turns(void *argument)
{
    uint64_t who = (uint64_t)argument, seed = who + 1;
    for (uint64_t i = 0; i < MESSAGES; i++) {
        struct message wait = {.tag = SYS_recv, .words = {FOREVER}}, wake = {.tag = SYS_notify, .words = {1}};
        if (who == 0) trap_with_state(0, &seed, turn[1], &wake);
        trap_with_state(who, &seed, turn[who], &wait);
        CHECK_EQ(wait.bits, 1);
        if (who == 1) trap_with_state(1, &seed, turn[0], &wake);
    }
}

TEST(threads_that_wake_each_other_keep_all_of_it, .process = true, .milliseconds = 5000)
{
    cap_t process = cap_named("process");
    for (int i = 0; i < 2; i++) {
        turn[i] = case_slot();
        CHECK_EQ(endpoint_create(process, turn[i], process), OK);
    }
    start_all(take_turns, 2, 0);
    join_all(2);
    CHECK_EQ(rounds[0], 2 * MESSAGES);
    CHECK_EQ(rounds[1], 2 * MESSAGES);
}

// --- and who never used it finds nothing of the others'

static struct fpu_state found;
static uint64_t stack[64] __attribute__((aligned(16)));
static atomic_bool has_looked;

static noreturn void rest(void)
{
    for (;;) {
        atomic_store(&has_looked, true);
        yield();
    }
}

// It begins in assembly: C may have used a register by the time it looks.
TEST(a_new_thread_finds_nothing_of_the_others, .process = true)
{
    const cap_t thread = case_slot();
    uint64_t seed = 5;
    fpu_find_avx();
    stack[62] = (uint64_t)rest; // where fpu_look returns to
    CHECK_EQ(thread_create(cap_named("process"), thread, (vaddr_t){0}, NO_CAP, NO_CAP, start_page()->priority), OK);
    CHECK_EQ(thread_start(thread, (vaddr_t){(uint64_t)fpu_look}, (vaddr_t){(uint64_t)&stack[62]}, (uint64_t)&found),
             OK);
    fpu_fill(&in[WORKERS], &seed);
    fpu_spin(&in[WORKERS], &out[WORKERS], SPIN);
    check_state(WORKERS);
    while (!atomic_load(&has_looked)) {
        fpu_fill(&in[WORKERS], &seed);
        struct message m = {.tag = SYS_yield};
        fpu_trap(&in[WORKERS], &out[WORKERS], 0, &m);
        check_state(WORKERS);
    }
    CHECK_EQ(thread_destroy(thread), OK);
    CHECK(fpu_differs(&initial, &found) == NULL);
}
