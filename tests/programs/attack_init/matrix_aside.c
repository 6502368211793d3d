// SPDX-License-Identifier: MIT
#include "tests/programs/attack_init/matrix.h"

#define STACKS 0x0000320000000000 // of threads aside: a page each
#define PAGES 0x0000330000000000  // and their message pages
#define THREADS 4                 // the first two have one

uint32_t aside_first_result;

static struct {
    struct step *steps; // NULL: it waits for some at `idle`
    uint32_t count;
    cap_t thread, idle;
} asides[THREADS];

static void take_step(struct step *s, uint64_t *last)
{
    struct message m = {.token = s->token == LAST ? *last : s->token};
    for (int w = 0; w < MESSAGE_WORDS; w++)
        m.words[w] = s->words[w];
    s->result = op(s->tag, s->slot, &m);
    s->done = true;
    if (s->result == KIND_CALL) *last = m.token;
}

// A thread of this process cannot end: that would be init's end.
static void take_steps(uint64_t number)
{
    uint64_t last = 0;
    aside_first_result = op(SYS_reply_recv, 0, &(struct message){0}); // before it ever received
    for (;;) {
        struct step *steps = asides[number].steps;
        for (uint32_t i = 0; steps && i < asides[number].count; i++)
            take_step(&steps[i], &last);
        asides[number].steps = NULL;
        struct message m = {.words = {FOREVER}};
        op(SYS_recv, asides[number].idle.slot, &m);
    }
}

void aside_make(void)
{
    cap_t run = carve(2 * THREADS);
    for (uint64_t i = 0; i < THREADS; i++) {
        vaddr_t stack = {STACKS + 2 * i * PAGE_SIZE}, page = {PAGES + i * PAGE_SIZE};
        EXPECT(OK, memory_map(run, SELF, stack, i, 1, RW));
        EXPECT(OK, memory_map(run, SELF, page, THREADS + i, 1, RW));
        asides[i].thread = empty_slot();
        asides[i].idle = empty_slot();
        EXPECT(OK, endpoint_create(SELF, asides[i].idle, SELF));
        EXPECT(OK, thread_create(SELF, asides[i].thread, i < THREADS / 2 ? page : (vaddr_t){0}, NO_CAP, NO_CAP, 5));
        EXPECT(OK, thread_start(asides[i].thread, (vaddr_t){(uint64_t)take_steps}, (vaddr_t){stack.raw + PAGE_SIZE - 8},
                                i));
    }
    rest(3);
}

void aside(struct step *steps, uint32_t count, bool with_page)
{
    uint32_t n = with_page ? 0 : THREADS / 2;
    if (asides[n].steps) n++; // the other one still waits
    EXPECT(true, asides[n].steps == NULL);
    asides[n].count = count;
    asides[n].steps = steps;
    EXPECT(OK, notify(asides[n].idle, 1));
}

uint32_t aside_once(struct step step, bool with_page)
{
    static struct step kept;
    kept = step;
    aside(&kept, 1, with_page);
    rest(3);
    EXPECT(true, kept.done);
    return kept.result;
}
