// SPDX-License-Identifier: MIT
// Ways of ending, or not ending, that nobody forbids: what init and the shell make of them.
#include "common/string.h"
#include "libsys/panic.h"
#include "libsys/stdlib.h"
#include "libsys/time.h"
#include "user/probe/probe.h"

static void do_exit(int argc, char **argv) { exit(argc > 0 ? atoi(argv[0]) : 0); }

static void do_panic(int argc, char **argv) { panic("%s", argc > 0 ? argv[0] : "asked to"); }

static void do_assert(int argc, char **argv)
{
    (void)argv;
    assert(argc > 100);
}

// Never blocks, never calls: only the timer can take the processor from it.
static void spin(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    for (;;)
        __asm__ volatile("");
}

static void do_sleep(int argc, char **argv)
{
    uint64_t seconds = argc > 0 ? strtoul(argv[0], NULL, 10) : 3600;
    (void)sleep_for(seconds * NS_PER_S);
}

// Takes all the memory it can get, touching each page, until malloc says no. Everything goes back at its end.
static void hog(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    uint64_t blocks = 0;
    for (char *block; (block = malloc(65536 - 64)) != NULL; blocks++)
        for (size_t i = 0; i < 65536 - 64; i += 4096)
            block[i] = 1;
    probe_say("memory refused after %llu blocks of 64 KiB", (unsigned long long)blocks);
}

static void free_twice(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    char *block = malloc(100), *same = block;
    __asm__("" : "+r"(same)); // so that only the heap notices, not the compiler
    free(block);
    free(same);
}

// clang-format off
const struct probe ending_probes[] = {
    {"exit",        "ends with a code",                "exit code as given, otherwise 0", do_exit, DIES},
    {"panic",       "panics with a text",              "panic with file and line", do_panic, DIES},
    {"assert",      "breaks an assertion of its own",  "panic with the condition", do_assert, DIES},
    {"double-free", "frees a block twice",             "panic", free_twice, DIES},
    {"spin",        "keeps the processor busy",        "goes on until killed", spin, NEVER},
    {"sleep",       "does nothing for some seconds",   "returns", do_sleep, SURVIVES},
    {"hog",         "takes memory until it is refused","memory refused", hog, SURVIVES},
    {NULL, NULL, NULL, NULL, DIES},
};
