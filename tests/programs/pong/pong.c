// SPDX-License-Identifier: MIT
// The benchmark's partner: a server of the test system only. user/bench/pong.h says what it understands.
#include "user/bench/pong.h"

#include "libsys/ipc.h"
#include "libsys/panic.h"
#include "libsys/start.h"
#include "user/bench/twin.h"

// The loop whose kernel half is measured: answer, wait for the next.
static inline __attribute__((always_inline)) void rounds(struct message *m, uint64_t count, bool is_twin)
{
    for (; count > 0; count--) {
        m->tag = TAG(SYS_reply_recv, 0, 0, 0);
        if (is_twin)
            no_trap(NO_CAP, m);
        else
            trap(NO_CAP, m);
    }
}

static uint64_t __attribute__((noinline)) time_twin(uint64_t count)
{
    struct message m = {0};
    uint64_t start = instructions();
    rounds(&m, count, true);
    return instructions() - start;
}

static void __attribute__((noinline)) answer_rounds(struct message *m, uint64_t count) { rounds(m, count, false); }

static uint64_t woken;

// Answers the message; true when *m is the next one already.
static bool answer(struct message *m)
{
    uint64_t method = TAG_METHOD(m->tag), count = m->words[0];
    *m = (struct message){.token = m->token};
    switch (method) {
    case PONG_ROUNDS:
        // The first turn of the loop answers this message, and the last receives what comes behind the rounds.
        answer_rounds(m, count + 1);
        return true;
    case PONG_TWIN:
        m->words[0] = (time_twin(2000) - time_twin(1000)) / 1000;
        break;
    case PONG_BELL:
        message_page()->send_slots[0] = cap_named("self").slot; // of a server: to notify and to pass on, no more
        m->tag = TAG(0, 0, 0, 1);
        break;
    case PONG_WOKEN:
        m->words[0] = woken;
        break;
    default:
        m->tag = TAG(0, ERR_NO_METHOD, 0, 0);
    }
    err_t error = ipc_reply(m);
    if (error != OK) panic("pong cannot answer: %d", error);
    return false;
}

int main(void)
{
    for (;;) {
        // Straight through trap: what is noted must be the first thing that happens after the wake-up.
        struct message m = {.tag = TAG(SYS_recv, 0, 0, 0), .words = {FOREVER}};
        trap(cap_named("self"), &m);
        uint64_t now = instructions();
        if (m.bits) woken = now;
        while (TAG_OPERATION(m.tag) == KIND_CALL && answer(&m))
            ;
    }
}
