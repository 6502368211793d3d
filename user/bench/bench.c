// SPDX-License-Identifier: MIT
// Measures what the kernel costs, in instructions, and prints a line `bench NAME VALUE` for each on the log.
// Meaningful under QEMU's instruction counter only: `make bench` boots it so.
#include "interfaces/echo.h"
#include "interfaces/memory.h"
#include "interfaces/vga.h"
#include "libsys/async/task.h"
#include "libsys/ipc.h"
#include "libsys/log.h"
#include "libsys/panic.h"
#include "libsys/start.h"
#include "libsys/stdio.h"
#include "libsys/stdlib.h"
#include "libsys/time.h"
#include "user/bench/measure.h"
#include "user/bench/pong.h"

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

static uint8_t body_byte(uint64_t round, uint32_t at) { return (uint8_t)(round * 31 + at * 7); }

static void check_round(const struct message *m, uint64_t round, uint32_t length)
{
    if (m->tag != TAG(KIND_REPLY, 0, length, 0) || m->badge != 0 || m->token != 0 || m->bits != 0 ||
        !has_words(m, round, 1))
        panic("round %llu came back with other words", (unsigned long long)round);
    for (uint32_t i = 0; i < length; i++)
        if (message_page()->body[i] != (uint8_t)(body_byte(round, i) ^ (i == 0 ? 0xff : 0)))
            panic("round %llu came back with another body", (unsigned long long)round);
}

// Call and reply_recv with a body of so many bytes, each from right before one side's syscall until right behind the other
// side's.
static void rounds(uint32_t length, uint64_t *call, uint64_t *reply)
{
    static struct times times[PONG_MOST];
    cap_t pong = cap_named("pong");
    const void *frame = __builtin_frame_address(0);
    struct message m = {.tag = TAG(0, PONG_ROUNDS, 0, 0), .words = {PONG_MOST, length}};
    if (ipc_call(pong, &m) != OK) panic("pong does not answer");
    for (uint64_t round = 0; round < PONG_MOST; round++) {
        for (uint32_t i = 0; i < length; i++)
            message_page()->body[i] = body_byte(round, i);
        m = (struct message){.tag = TAG(SYS_call, PONG_ROUND, length, 0)};
        set_words(&m, round, 0);
        timed_trap(pong, &m, &times[round]);
        check_round(&m, round, length);
        if (frame != __builtin_frame_address(0)) panic("the frame pointer did not survive");
    }
    uint64_t twin = time_of_twin();
    *call = *reply = ~0ull;
    for (uint64_t round = 0; round < PONG_MOST; round++) {
        m = (struct message){.tag = TAG(0, PONG_TIMES, 0, 0), .words = {round}};
        if (ipc_call(pong, &m) != OK) panic("pong does not answer");
        least(call, m.words[0] - times[round].before - twin);
        least(reply, times[round].after - m.words[1] - twin);
    }
}

static void tell_at(const char *name, uint32_t point, uint64_t value)
{
    char text[32];
    snprintf(text, sizeof text, "%s_%u", name, point);
    tell(text, value);
}

// The words and a body, from nothing to all that the message page holds.
static void sizes(void)
{
    static const uint32_t lengths[] = {0, 8, 32, 64, 128, 256, 512, 1024, 2048, MESSAGE_MAX};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        uint64_t call, reply;
        rounds(lengths[i], &call, &reply);
        tell_at("message_call", lengths[i], call);
        tell_at("message_reply", lengths[i], reply);
    }
}

// Blocks of one size from a heap that has some already: no page of memory's comes in.
static void heap(void)
{
    static const uint32_t bytes[] = {16, 256, 4096};
    static void *blocks[TIMES];
    for (size_t i = 0; i < sizeof bytes / sizeof bytes[0]; i++) {
        unsigned next = 0;
        uint64_t take, give;
        for (next = 0; next < TIMES; next++)
            blocks[next] = malloc(bytes[i]);
        while (next > 0)
            free(blocks[--next]);
        SMALLEST(take, blocks[next] = malloc(bytes[i]); if (!blocks[next++]) panic("no memory"));
        SMALLEST(give, free(blocks[--next]));
        tell_at("malloc", bytes[i], take);
        tell_at("free", bytes[i], give);
    }
}

// A newline in the last row: all rows move up, and the cells on the screen change.
static void scroll(void)
{
    uint64_t with;
    cap_t vga = cap_named("vga");
    SMALLEST(with, if (vga_write(vga, "#\n", 2) != OK) panic("vga does not answer"));
    tell("screen_scroll", with);
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

// All that a message carries in registers, both ways, as a program and a server that was written like any other make it.
// Nothing is subtracted but what two rdtsc take without anything in between. A third thread is ready all the time.
static void stub_round_trip(void)
{
    uint64_t with = ~0ull, without;
    const cap_t echo = cap_named("echo");
    (void)ask_pong(PONG_THIRD, 0);
    for (uint64_t round = 0; round < TIMES; round++) {
        struct message m;
        struct echo_turn_reply back = {0};
        set_words(&m, round, 0);
        const uint64_t *const w = m.words;
        const uint64_t start = instructions();
        const err_t error = echo_turn(echo, w[0], w[1], w[2], w[3], w[4], w[5], &back);
        least(&with, instructions() - start);
        const struct message turned = {.words = {back.f, back.e, back.d, back.c, back.b, back.a}};
        if (error != OK || !has_words(&turned, round, 0)) panic("echo does not turn words around: %d", error);
    }
    SMALLEST(without, );
    tell("stub_round_trip", with - without);
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
    heap();
    scroll();
    // The rest needs a partner that counts too, in the system that `make bench` boots.
    if (cap_named("pong").slot != 0) {
        sizes();
        notify_wake();
        stub_round_trip();
    }
    tell("end", 0);
    return 0;
}
