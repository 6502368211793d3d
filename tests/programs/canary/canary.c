// SPDX-License-Identifier: MIT
// `canary SEED MILLISECONDS`: keeps every register, the flags and the red zone full of a pattern made of the seed, and
// says whether all of it survives what happens meanwhile: timer interrupts, breakpoints, other canaries.
#include "tests/programs/canary/canary.h"

#include "common/mem.h"
#include "libsys/random.h"
#include "libsys/stdio.h"
#include "libsys/stdlib.h"
#include "libsys/time.h"

#define BREAKPOINTS 3
// Arithmetic flags and direction. The rest is the system's, or set by the processor as it likes.
#define FLAGS_KEPT 0xcd5u
#define FLAGS_ALWAYS 0x202u

struct canary canary_in, canary_out;

static void fill(uint64_t *seed)
{
    uint64_t *words = (uint64_t *)&canary_in;
    for (size_t i = 0; i < sizeof canary_in / sizeof *words; i++)
        words[i] = random_next(seed);
    canary_in.flags = (canary_in.flags & FLAGS_KEPT) | FLAGS_ALWAYS;
    memset(&canary_out, 0, sizeof canary_out);
}

static const char *what_changed(void)
{
    if (memcmp(canary_in.registers, canary_out.registers, sizeof canary_in.registers) != 0) return "general registers";
    if ((canary_in.flags ^ canary_out.flags) & FLAGS_KEPT) return "flags";
    if (memcmp(canary_in.xmm, canary_out.xmm, sizeof canary_in.xmm) != 0) return "SSE registers";
    if (memcmp(canary_in.red_zone, canary_out.red_zone, sizeof canary_in.red_zone) != 0) return "red zone";
    return NULL;
}

static void play(void (*round)(void), uint64_t *seed, uint64_t number)
{
    fill(seed);
    round();
    const char *changed = what_changed();
    if (changed == NULL) return;
    printf("canary: CHANGED %s in round %llu\n", changed, (unsigned long long)number);
    exit(1);
}

int main(int argc, char **argv)
{
    uint64_t seed = argc > 1 ? strtoul(argv[1], NULL, 0) : 1;
    uint64_t milliseconds = argc > 2 ? strtoul(argv[2], NULL, 0) : 100;
    uint64_t rounds = 0;
    for (; rounds < BREAKPOINTS; rounds++)
        play(canary_breakpoint, &seed, rounds);
    for (uint64_t end = deadline_in(milliseconds * NS_PER_MS); clock_now() < end; rounds++)
        play(canary_nops, &seed, rounds);
    printf("canary %s: %llu rounds, nothing changed\n", argc > 1 ? argv[1] : "1", (unsigned long long)rounds);
    return 0;
}
