// SPDX-License-Identifier: MIT
// Measures what the kernel costs, in instructions, and prints a line `bench NAME VALUE` for each on the log.
// Meaningful under QEMU's instruction counter only: `make bench` boots it so.
#include "interfaces/echo.h"
#include "interfaces/memory.h"
#include "libsys/async/task.h"
#include "libsys/ipc.h"
#include "libsys/log.h"
#include "libsys/panic.h"
#include "libsys/start.h"
#include "libsys/stdio.h"
#include "libsys/stdlib.h"
#include "libsys/time.h"
#include "user/bench/pong.h"
#include "user/bench/twin.h"

#define TIMES 100u

// Interrupts and first uses only ever add to a measurement: the smallest of many is the thing itself.
#define SMALLEST(RESULT, CODE) \
    do { \
        (RESULT) = ~0ull; \
        for (unsigned time_ = 0; time_ < TIMES; time_++) { \
            uint64_t start_ = instructions(); \
            CODE; \
            uint64_t taken_ = instructions() - start_; \
            if (taken_ < (RESULT)) (RESULT) = taken_; \
        } \
    } while (0)

static void tell(const char *name, uint64_t value)
{
    log_printf("bench %s %llu", name, (unsigned long long)value);
    printf("bench %s %llu\n", name, (unsigned long long)value);
}

static struct message plain(uint64_t operation, uint64_t method)
{
    return (struct message){.tag = TAG(operation, method, 0, 0)};
}

static void null_call(void)
{
    uint64_t with, without;
    struct message m;
    SMALLEST(with, m = plain(SYS_null, 0); trap(NO_CAP, &m));
    SMALLEST(without, m = plain(SYS_null, 0); no_trap(NO_CAP, &m));
    tell("null_syscall", with - without);
}

static uint64_t ask_pong(enum pong_method method, uint64_t word)
{
    struct message m = {.tag = TAG(0, method, 0, 0), .words = {word}};
    err_t error = ipc_call(cap_named("pong"), &m);
    if (error != OK) panic("pong does not answer: %d", error);
    return m.words[0];
}

static void least(uint64_t *seen, uint64_t value)
{
    if (value < *seen) *seen = value;
}

// Call and reply_recv, from right before one side's syscall until right behind the other side's.
static void round_trip(void)
{
    static struct times times[PONG_MOST];
    cap_t pong = cap_named("pong");
    const void *frame = __builtin_frame_address(0);
    ask_pong(PONG_ROUNDS, PONG_MOST);
    for (uint64_t round = 0; round < PONG_MOST; round++) {
        struct message m = plain(SYS_call, PONG_ROUND);
        set_words(&m, round, 0);
        timed_trap(pong, &m, &times[round]);
        if (m.tag != KIND_REPLY || m.badge != 0 || m.token != 0 || m.bits != 0 || !has_words(&m, round, 1))
            panic("round %llu came back with other words", (unsigned long long)round);
        if (frame != __builtin_frame_address(0)) panic("the frame pointer did not survive");
    }
    uint64_t call = ~0ull, reply = ~0ull, twin = time_of_twin();
    for (uint64_t round = 0; round < PONG_MOST; round++) {
        struct message m = {.tag = TAG(0, PONG_TIMES, 0, 0), .words = {round}};
        if (ipc_call(pong, &m) != OK) panic("pong does not answer");
        least(&call, m.words[0] - times[round].before - twin);
        least(&reply, times[round].after - m.words[1] - twin);
    }
    tell("ipc_call", call);
    tell("ipc_reply_recv", reply);
    tell("ipc_round_trip", call + reply);
}

static int compare(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

// From the store to a page that has no frame yet until the store is done: fault, memory's answer, mapping.
static void first_touch(void)
{
    static uint64_t taken[TIMES];
    struct memory_span_reply span;
    err_t error = memory_span(cap_named("memory"), TIMES, &span);
    if (error != OK) panic("no span: %d", error);
    for (unsigned i = 0; i < TIMES; i++) {
        volatile uint8_t *byte = (volatile uint8_t *)(span.address + i * PAGE_SIZE);
        uint64_t start = instructions();
        *byte = 1;
        taken[i] = instructions() - start;
    }
    uint64_t without;
    volatile uint8_t *touched = (volatile uint8_t *)span.address;
    SMALLEST(without, *touched = 1);
    qsort(taken, TIMES, sizeof taken[0], compare);
    tell("first_touch", taken[TIMES / 2] - without);
}

// From the notify in one process until the receive in the other, of higher priority, has returned.
static void notify_wake(void)
{
    struct message m = {.tag = TAG(0, PONG_BELL, 0, 0)};
    cap_t bell;
    err_t error = ipc_call_caps(cap_named("pong"), &m, &bell, 1);
    if (error != OK || bell.slot == 0) panic("no bell: %d", error);
    uint64_t with = ~0ull, without;
    for (unsigned time = 0; time < TIMES; time++) {
        uint64_t start = instructions();
        m = (struct message){.tag = TAG(SYS_notify, 0, 0, 0), .words = {1}};
        trap(bell, &m);
        uint64_t taken = ask_pong(PONG_WOKEN, 0) - start;
        with = taken < with ? taken : with;
    }
    SMALLEST(without, m = ((struct message){.tag = TAG(SYS_notify, 0, 0, 0), .words = {1}}); no_trap(bell, &m));
    tell("notify_wake", with - without);
}

// What an ordinary program sees of a call: stubs on both sides, the server's loop, and the kernel twice.
static void echo_call(void)
{
    uint64_t with;
    struct echo_badge_reply reply;
    SMALLEST(with, if (echo_badge(cap_named("echo"), &reply) != OK) panic("echo does not answer"));
    tell("echo_call", with);
}

static enum poll take_turns(struct task *t)
{
    TASK_BEGIN(t);
    for (;;)
        TASK_YIELD(t);
    TASK_END(t);
}

// Two tasks that yield to each other: from one's return to the other's next instruction, the executor's part included.
static void task_switch(void)
{
    static const struct task_kind kind = {.name = "turns", .poll = take_turns};
    static struct task tasks[2];
    static struct executor executor;
    uint64_t with;
    executor_start(&executor, tasks, 2, clock_now);
    for (unsigned i = 0; i < 2; i++)
        if (executor_spawn(&executor, &kind, NULL, 0, NULL) != OK) panic("no place for a task");
    SMALLEST(with, executor_turn(&executor));
    tell("task_switch", (with + POLLS_PER_TURN - 1) / POLLS_PER_TURN);
}

int main(void)
{
    null_call();
    task_switch();
    first_touch();
    echo_call();
    // The rest needs a partner that counts too, in the system that `make bench` boots.
    if (cap_named("pong").slot != 0) {
        round_trip();
        notify_wake();
    }
    tell("end", 0);
    return 0;
}
