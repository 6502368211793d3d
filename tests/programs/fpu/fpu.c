// SPDX-License-Identifier: MIT
// `fpu fresh` looks at the state that a thread finds at its first use. `fpu keep SEED MS` keeps patterns in all of it
// while others run; `fpu call SEED ROUNDS` while it calls a server that does the same, fpupartner. `fpu mxcsr BITS` and `fpu xsetbv` try what must not work.
#include "tests/programs/fpu/fpu.h"

#include "common/string.h"
#include "libsys/panic.h"
#include "libsys/random.h"
#include "libsys/start.h"
#include "libsys/stdio.h"
#include "libsys/stdlib.h"
#include "libsys/string.h"
#include "libsys/time.h"

#define ROUNDS_OF_NOTHING 20000

static struct fpu_state in, out;

static void must_be_the_same(const char *who)
{
    const char *differs = fpu_differs(&in, &out);
    if (!differs) return;
    printf("fpu: %s CHANGED: %s\n", who, differs);
    panic("%s changed", differs);
}

static int fresh(uint64_t xcr0)
{
    static const struct fpu_state initial = {.control = CONTROL_INITIAL, .mxcsr = MXCSR_INITIAL};
    const char *differs = fpu_differs(&initial, &out);
    printf("fpu fresh: %s, XCR0 %#llx\n", differs ? differs : "nothing of anybody's", (unsigned long long)xcr0);
    return differs != NULL;
}

static int keep(uint64_t seed, uint64_t milliseconds)
{
    uint64_t rounds = 0, number = seed;
    for (uint64_t end = deadline_in(milliseconds * NS_PER_MS); clock_now() < end; rounds++) {
        fpu_fill(&in, &seed);
        fpu_spin(&in, &out, ROUNDS_OF_NOTHING);
        must_be_the_same("keep");
    }
    printf("fpu keep %llu: %llu rounds, nothing changed\n", (unsigned long long)number, (unsigned long long)rounds);
    return 0;
}

static int call(uint64_t seed, uint64_t rounds)
{
    uint64_t number = seed;
    for (uint64_t i = 0; i < rounds; i++) {
        struct message m = {.tag = SYS_call, .words = {i, seed}};
        fpu_fill(&in, &seed);
        fpu_trap(&in, &out, cap_named("fpupartner").slot, &m);
        must_be_the_same("call");
        if (TAG_OPERATION(m.tag) != KIND_REPLY || m.words[0] != i + 1) panic("round %lu was not answered", i);
    }
    printf("fpu call %llu: %llu rounds, nothing changed\n", (unsigned long long)number, (unsigned long long)rounds);
    return 0;
}

int main(int argc, char **argv)
{
    const char *mode = argc > 1 ? argv[1] : "";
    uint64_t first = argc > 2 ? strtoull(argv[2], NULL, 0) : 1, second = argc > 3 ? strtoull(argv[3], NULL, 0) : 100;
    uint64_t xcr0 = fpu_find_avx();
    if (strcmp(mode, "fresh") == 0) fpu_look(&out); // before anything else is used
    if (strcmp(mode, "fresh") == 0) return fresh(xcr0);
    if (strcmp(mode, "keep") == 0) return keep(first, second);
    if (strcmp(mode, "call") == 0) return call(first, second);
    if (strcmp(mode, "mxcsr") == 0) {
        uint32_t bits = (uint32_t)first;
        __asm__ volatile("ldmxcsr %0; stmxcsr %0" : "+m"(bits));
        printf("MXCSR is %#x\n", bits);
        return 0;
    }
    if (strcmp(mode, "xsetbv") == 0) __asm__ volatile("xsetbv" : : "a"(3), "c"(0), "d"(0));
    printf("fpu: what?\n");
    return 1;
}
