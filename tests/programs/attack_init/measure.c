// SPDX-License-Identifier: MIT
// What the kernel's operations cost, in instructions, where nothing else runs: `bench NAME VALUE` for each. Only under
// QEMU's instruction counter (tools/bench.py) do the figures mean something.
#include "tests/programs/attack_init/measure.h"

#include "libsys/log.h"
#include "user/bench/pong.h"

struct round_trip {
    uint64_t call, reply;
};

struct samples {
    struct times caller[ROUNDS + 1], partner[ROUNDS + 1];
};
#define SAMPLES ((struct samples *)(SHARED + 512))
_Static_assert(sizeof(struct samples) <= PAGE_SIZE - 512, "both sides' times fit the shared page");

static struct child caller, partner, third;
static uint32_t others; // that live meanwhile
static uint64_t twin;

void measured(const char *name, uint64_t value) { log_printf("bench %s %llu", name, (unsigned long long)value); }

// Interrupts and first uses only ever add to a measurement: the smallest of many is the thing itself.
void least(uint64_t *seen, uint64_t value)
{
    if (value < *seen) *seen = value;
}

// --- what the two sides do. A message is told by one number: its length, and whether the sides use the FPU.

#define LENGTH(SCENE) ((SCENE)&0xffff)
#define CALLER_FPU 0x10000u
#define PARTNER_FPU 0x20000u

// What differs is left in word 0, which stays 0 otherwise.
static inline void check(uint64_t line, uint64_t expected, uint64_t got)
{
    if (expected != got && shared->word[0] == 0) {
        shared->word[0] = line;
        shared->word[1] = expected;
        shared->word[2] = got;
    }
}
#define CHECK(EXPECTED, GOT) check(__LINE__, EXPECTED, GOT)

static inline void check_words(const struct message *m, uint64_t round, uint64_t way)
{
    for (uint64_t i = 0; i < MESSAGE_WORDS; i++)
        CHECK(round_word(round, way, i), m->words[i]);
}

static inline void set_vector(uint64_t value) { __asm__ volatile("movq %0, %%xmm7" : : "r"(value)); }

static inline uint64_t vector(void)
{
    uint64_t value;
    __asm__ volatile("movq %%xmm7, %0" : "=r"(value));
    return value;
}

static void call_rounds(uint64_t scene)
{
    uint8_t *body = message_page()->body;
    for (uint64_t i = 0; i < ROUNDS; i++) {
        struct message m = {.tag = TAG(SYS_call, i, LENGTH(scene), 0)};
        set_words(&m, i, 0);
        for (uint64_t at = 0; at < LENGTH(scene); at++)
            body[at] = (uint8_t)(i + at);
        if (scene & CALLER_FPU) set_vector(~i);
        timed_trap((cap_t){CHILD_CALLS}, &m, &SAMPLES->caller[i]);
        if (scene & CALLER_FPU) CHECK(~i, vector());
        CHECK(TAG(KIND_REPLY, i, LENGTH(scene), 0), m.tag);
        CHECK(0, m.badge | m.token | m.bits);
        check_words(&m, i, 1);
        for (uint64_t at = 0; at < LENGTH(scene); at++)
            CHECK((uint8_t)(i * 3 + at), body[at]);
    }
    shared->word[3] = 1;
    for (;;)
        sleep_for_ever();
}

static void serve_rounds(uint64_t scene)
{
    uint8_t *body = message_page()->body;
    struct message m = {.tag = SYS_recv, .words = {FOREVER}};
    timed_trap((cap_t){CHILD_OWN}, &m, &SAMPLES->partner[0]);
    for (uint64_t i = 0; i < ROUNDS; i++) {
        CHECK(TAG(KIND_CALL, i, LENGTH(scene), 0), m.tag);
        check_words(&m, i, 0);
        for (uint64_t at = 0; at < LENGTH(scene); at++)
            CHECK((uint8_t)(i + at), body[at]);
        set_words(&m, i, 1);
        for (uint64_t at = 0; at < LENGTH(scene); at++)
            body[at] = (uint8_t)(i * 3 + at);
        if (scene & PARTNER_FPU) set_vector(i);
        m.tag = TAG(SYS_reply_recv, i, LENGTH(scene), 0);
        timed_trap(NO_CAP, &m, &SAMPLES->partner[i + 1]);
        if (scene & PARTNER_FPU && i + 1 < ROUNDS) CHECK(i, vector());
    }
}

// Bits wake a partner of higher priority; one of lower priority only gets ready.
static void notify_rounds(uint64_t pause)
{
    for (uint64_t i = 0; i < ROUNDS; i++) {
        struct message m = {.tag = SYS_notify, .words = {1}};
        timed_trap((cap_t){CHILD_CALLS}, &m, &SAMPLES->caller[i]);
        CHECK(OK, m.tag);
        if (pause) child_sleep(pause);
    }
    shared->word[3] = 1;
    for (;;)
        sleep_for_ever();
}

static void wake_rounds(uint64_t unused)
{
    (void)unused;
    for (uint64_t i = 0;; i++) {
        struct message m = {.tag = SYS_recv, .words = {FOREVER}};
        timed_trap((cap_t){CHILD_OWN}, &m, &SAMPLES->partner[i % ROUNDS]);
        CHECK(1, m.bits);
    }
}

static void yield_rounds(uint64_t partner_side)
{
    struct times *mine = partner_side ? SAMPLES->partner : SAMPLES->caller;
    for (uint64_t i = 0; i < ROUNDS; i++) {
        struct message m = {.tag = SYS_yield};
        timed_trap(NO_CAP, &m, &mine[i]);
    }
    shared->word[3] = 1;
    for (;;)
        sleep_for_ever();
}

// A page without memory is touched, and its pager says "again" and maps nothing: one fault follows the other.
static void touch_for_ever(uint64_t unused)
{
    (void)unused;
    (void)*(volatile uint8_t *)PLACE;
}

static void handle_rounds(uint64_t unused)
{
    (void)unused;
    struct message m = {.tag = SYS_recv, .words = {FOREVER}};
    timed_trap((cap_t){CHILD_OWN}, &m, &SAMPLES->partner[0]);
    for (uint64_t i = 0; i < ROUNDS; i++) {
        CHECK(KIND_FAULT, TAG_OPERATION(m.tag));
        CHECK(PLACE, m.words[FAULT_ADDRESS]);
        m.tag = TAG(SYS_reply_recv, OK, 0, 0);
        timed_trap(NO_CAP, &m, &SAMPLES->partner[i + 1]);
    }
    shared->word[3] = 1;
    for (;;)
        sleep_for_ever();
}

// --- scenes: two children and, always, a third thread that is ready at a lower priority

static void begin(uint32_t caller_priority, uint32_t partner_priority, bool partner_is_pager)
{
    child_make(&partner, partner_priority, NO_CAP, NO_CAP);
    child_make(&caller, caller_priority, partner_is_pager ? partner.endpoint : NO_CAP, NO_CAP);
    child_make(&third, 1, NO_CAP, NO_CAP);
    child_calls(&caller, partner.endpoint);
    if (others > 0) others_begin(others, &caller, &partner);
    child_run(&third, run_for_ever, 0);
}

static void end(const char *scene)
{
    for (int i = 0; i < 1000 && shared->word[3] == 0; i++)
        rest(1);
    if (shared->word[0] != 0 || shared->word[3] == 0)
        log_printf("bad %s: line %llu expected %#llx, got %#llx", scene, (unsigned long long)shared->word[0],
                   (unsigned long long)shared->word[1], (unsigned long long)shared->word[2]);
    child_end(&caller);
    child_end(&partner);
    child_end(&third);
    if (others > 0) others_end();
}

static struct round_trip measure_calls(uint64_t scene)
{
    struct round_trip least_of = {~0ull, ~0ull};
    begin(5, 10, false);
    child_run(&partner, serve_rounds, scene);
    child_run(&caller, call_rounds, scene);
    for (int i = 0; i < 1000 && shared->word[3] == 0; i++)
        rest(1);
    for (uint64_t i = 2; i < ROUNDS; i++) { // the first ones use the FPU for the first time
        least(&least_of.call, SAMPLES->partner[i].after - SAMPLES->caller[i].before - twin);
        least(&least_of.reply, SAMPLES->caller[i].after - SAMPLES->partner[i + 1].before - twin);
    }
    end("calls");
    return least_of;
}

static void measure_messages(void)
{
    struct round_trip plain = measure_calls(0), fpu = measure_calls(CALLER_FPU | PARTNER_FPU);
    struct round_trip medium = measure_calls(32); // ten words
    measured("ipc_call", plain.call);
    measured("ipc_reply_recv", plain.reply);
    measured("ipc_round_trip", plain.call + plain.reply);
    measured("ipc_round_trip_fpu", fpu.call + fpu.reply);
    measured("ipc_call_fpu_client", measure_calls(CALLER_FPU).call);
    measured("ipc_call_fpu_server", measure_calls(PARTNER_FPU).call);
    measured("ipc_call_medium", medium.call);
    measured("ipc_reply_medium", medium.reply);
}

// From one side's instruction to the next of the other that follows it.
static uint64_t least_after(uint64_t from, const struct times *to)
{
    uint64_t seen = ~0ull;
    for (uint64_t i = 0; i < ROUNDS; i++)
        if (to[i].after > from) least(&seen, to[i].after - from);
    return seen;
}

enum until { UNTIL_BACK, UNTIL_PARTNER, UNTIL_NEXT_FAULT };

static uint64_t measure_pairs(const char *scene, uint32_t caller_priority, uint32_t partner_priority,
                              void (*run_caller)(uint64_t), uint64_t word, void (*run_partner)(uint64_t),
                              enum until until)
{
    uint64_t seen = ~0ull;
    begin(caller_priority, partner_priority, until == UNTIL_NEXT_FAULT);
    child_run(&partner, run_partner, 1);
    child_run(&caller, run_caller, word);
    for (int i = 0; i < 1000 && shared->word[3] == 0; i++)
        rest(1);
    for (uint64_t i = 1; i + 1 < ROUNDS; i++) {
        const struct times *c = &SAMPLES->caller[i], *p = &SAMPLES->partner[i];
        if (until == UNTIL_BACK) least(&seen, c->after - c->before - twin);
        if (until == UNTIL_PARTNER) least(&seen, least_after(c->before, SAMPLES->partner) - twin);
        if (until == UNTIL_NEXT_FAULT) least(&seen, p->after - p->before - twin);
    }
    end(scene);
    return seen;
}

static noreturn void finish(void)
{
    log_line("all is measured");
    for (;;)
        rest(1000);
}

void measure_run(void)
{
    twin = time_of_twin();
    measure_messages();
    measured("notify_no_switch", measure_pairs("no switch", 10, 5, notify_rounds, 0, wake_rounds, UNTIL_BACK));
    measured("notify_wake_lower", measure_pairs("wake lower", 10, 5, notify_rounds, 1, wake_rounds, UNTIL_BACK));
    measured("yield_other_space", measure_pairs("yield", 5, 5, yield_rounds, 0, yield_rounds, UNTIL_PARTNER));
    measured("fault_round_trip", measure_pairs("fault", 5, 10, touch_for_ever, 0, handle_rounds, UNTIL_NEXT_FAULT));
    measure_mapping();
    measure_interrupt();
    finish();
}

static void measured_among(const char *name, uint64_t value)
{
    log_printf("bench %s_others_%u %llu", name, others, (unsigned long long)value);
}

void measure_others(void)
{
    twin = time_of_twin();
    caller.pages = partner.pages = others_slots();
    for (others = OTHERS_MOST; others >= 10; others /= 10) {
        const struct round_trip trip = measure_calls(0);
        measured_among("ipc_round_trip", trip.call + trip.reply);
        measured_among("notify_wake", measure_pairs("wake", 5, 10, notify_rounds, 0, wake_rounds, UNTIL_PARTNER));
    }
    finish();
}
