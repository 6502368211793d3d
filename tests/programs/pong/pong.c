// SPDX-License-Identifier: MIT
// The benchmark's partner: a server of the test system only. user/bench/pong.h says what it understands.
#include "user/bench/pong.h"

#include "libsys/ipc.h"
#include "libsys/panic.h"
#include "libsys/start.h"
#include "libsys/threads.h"
#include "user/bench/twin.h"

static struct times rounds[PONG_MOST + 1];

// The loop whose kernel half is measured: answer, wait for the next. The first turn answers the message that asked for
// the rounds, and the last receives what comes behind them.
static void answer_rounds(struct message *m, uint64_t count, uint32_t length)
{
    for (uint64_t round = 0;; round++) {
        m->tag = TAG(SYS_reply_recv, 0, round == 0 ? 0 : length, 0);
        timed_trap(NO_CAP, m, &rounds[round]);
        if (round == count) return;
        if (m->tag != TAG(KIND_CALL, PONG_ROUND, length, 0) || !has_words(m, round, 0))
            panic("round %llu arrived with other words", (unsigned long long)round);
        set_words(m, round, 1);
        message_page()->body[0] ^= 0xff;
    }
}

static uint64_t woken;

static void run_for_ever(void *unused)
{
    (void)unused;
    for (;;)
        __asm__ volatile("");
}

// Answers the message; true when *m is the next one already.
static bool answer(struct message *m)
{
    uint64_t method = TAG_METHOD(m->tag), word = m->words[0];
    uint32_t length = (uint32_t)m->words[1];
    *m = (struct message){.token = m->token};
    switch (method) {
    case PONG_ROUNDS:
        if (word > PONG_MOST) panic("%llu rounds are too many", (unsigned long long)word);
        if (length > MESSAGE_MAX) panic("a body of %u is too long", length);
        answer_rounds(m, word, length);
        return true;
    case PONG_TIMES:
        m->words[0] = rounds[word % PONG_MOST].after;
        m->words[1] = rounds[word % PONG_MOST + 1].before;
        break;
    case PONG_BELL:
        message_page()->send_slots[0] = cap_named("self").slot; // of a server: to notify and to pass on, no more
        m->tag = TAG(0, 0, 0, 1);
        break;
    case PONG_WOKEN:
        m->words[0] = woken;
        break;
    case PONG_THIRD: {
        const uint64_t token = m->token;
        uint32_t number;
        err_t started = thread_spawn(&number, run_for_ever, NULL, 1, 1);
        *m = (struct message){.tag = TAG(0, started, 0, 0), .token = token};
        break;
    }
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
