// SPDX-License-Identifier: MIT
// `libsys CASE`: what can be seen of libsys only inside the system. tests/system/test_libsys.py runs each case.
#include "common/string.h"
#include "libsys/panic.h"
#include "libsys/stdio.h"
#include "libsys/stdlib.h"

#define PAIRS 100u
#define BATCHES 50u

static void arguments(int argc, char **argv)
{
    printf("%d:", argc);
    for (int i = 0; i < argc; i++)
        printf(" [%s]", argv[i]);
    printf(" %s\n", argv[argc] == NULL ? "end" : "no end");
}

static void double_free(int argc, char **argv)
{
    (void)argv;
    void *block = malloc(argc == 3 ? 100000 : 10);
    free(block);
    free(block);
}

static void overflow(int argc, char **argv)
{
    (void)argc;
    char *text = malloc(strlen(argv[1])); // the classic: no room for the NUL
    copy_text(text, strlen(argv[1]) + 1, argv[1]);
    free(text);
}

static void bad_pointer(int argc, char **argv)
{
    (void)argc;
    free(argv);
}

static void failing_assert(int argc, char **argv)
{
    (void)argv;
    assert(argc == 0);
}

// More than one message, and more than the stack's first page.
static void print_much(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    printf("%9999d%s\n", 7, "end");
}

static uint64_t ticks(void)
{
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

// Under icount the time-stamp counter counts instructions. The least of many: an interrupt only adds.
static void pairs(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    free(malloc(40));
    uint64_t least = UINT64_MAX;
    for (unsigned i = 0; i < BATCHES; i++) {
        const uint64_t start = ticks();
        for (unsigned j = 0; j < PAIRS; j++)
            free(malloc(40));
        const uint64_t taken = ticks() - start;
        if (taken < least) least = taken;
    }
    printf("%llu per pair\n", (unsigned long long)(least / PAIRS));
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(int argc, char **argv);
    } cases[] = {
        {"arguments", arguments},   {"double-free", double_free}, {"overflow", overflow}, {"bad-pointer", bad_pointer},
        {"assert", failing_assert}, {"print-much", print_much},   {"pairs", pairs},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (argc > 1 && strcmp(argv[1], cases[i].name) == 0) {
            cases[i].run(argc, argv);
            return 0;
        }
    printf("libsys CASE\n");
    return 2;
}
