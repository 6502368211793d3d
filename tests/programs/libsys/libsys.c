// SPDX-License-Identifier: MIT
// `libsys CASE`: what can be seen of libsys only inside the system. tests/system/test_libsys.py runs each case.
#include "common/mem.h"
#include "common/string.h"
#include "libsys/error.h"
#include "libsys/ipc.h"
#include "libsys/log.h"
#include "libsys/panic.h"
#include "libsys/slots.h"
#include "libsys/start.h"
#include "libsys/stdio.h"
#include "libsys/stdlib.h"
#include "libsys/time.h"

#define MANY_PAIRS 1000u

static void arguments(int argc, char **argv)
{
    printf("%d:", argc);
    for (int i = 0; i < argc; i++)
        printf(" [%s]", argv[i]);
    printf(" %s\n", argv[argc] == NULL ? "end" : "no end");
}

// The ABI has the stack at a multiple of 16 before a call; main was called once, and pushed one frame pointer.
static void alignment(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    printf("stack %s\n", (uint64_t)__builtin_frame_address(0) % 16 == 0 ? "aligned" : "not aligned");
}

static void heap(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    char *first = malloc(10);
    printf("first at %#llx\n", (unsigned long long)(uint64_t)first >> 16);
    char *large = calloc(1000, 1000);
    assert(large != NULL && large[0] == 0 && large[999999] == 0);
    memset(large, 0x5a, 1000000);
    assert(heap_figures().blocks == 2 && heap_figures().spans == 2);
    large = realloc(large, 2000000);
    assert(large != NULL && large[0] == 0x5a && large[999999] == 0x5a);
    free(large);
    assert(heap_figures().spans == 1);
    char *page = aligned_alloc(4096, 100);
    assert((uint64_t)page % 4096 == 0);
    free(page);
    free(first);
    printf("blocks %zu\n", heap_figures().blocks);
}

static void exhaust(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    void **last = NULL;
    size_t blocks = 0;
    for (void **block; (block = malloc(100000)) != NULL; last = block, blocks++)
        *block = last;
    printf("NULL %s\n", blocks > 0 ? "after some" : "at once");
    while (last != NULL) {
        void **block = last;
        last = *block;
        free(block);
    }
    printf("blocks %zu\n", heap_figures().blocks);
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

static void sleep(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    const uint64_t start = clock_now();
    err_t error = sleep_for(30 * NS_PER_MS);
    const uint64_t slept = (clock_now() - start) / NS_PER_MS;
    printf("%s, %s\n", error_text(error), slept >= 30 && slept < 1000 ? "on time" : "not on time");
}

// More than one message, and more than the stack's first page.
static void print_much(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    printf("%9999d%s\n", 7, "end");
}

static void log_keeps_page(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    uint8_t *body = message_page()->body;
    for (size_t i = 0; i < MESSAGE_MAX; i++)
        body[i] = (uint8_t)(i * 31);
    log_printf("a line from libsys, %d of %d", 1, 1);
    size_t same = 0;
    while (same < MESSAGE_MAX && body[same] == (uint8_t)(same * 31))
        same++;
    printf("%zu bytes kept\n", same);
}

static void slots(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    cap_t copy = slot_alloc();
    struct cap_info info;
    err_t before = cap_info(copy, &info), error = cap_copy(cap_named("clock"), NO_CAP, copy.slot, RIGHTS_ALL);
    assert(before == ERR_NO_CAP && error == OK);
    error = cap_info(copy, &info);
    assert(error == OK && info.type == TYPE_CLOCK);
    cap_discard(copy);
    assert(cap_info(copy, &info) == ERR_NO_CAP);
    assert(slot_alloc().slot == copy.slot);
    printf("slots %u to %u\n", start_page()->first_free_slot, start_page()->slot_count);
}

static uint64_t ticks(void)
{
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    return (uint64_t)high << 32 | low;
}

// Under icount the time-stamp counter counts instructions.
static void pairs(int argc, char **argv)
{
    (void)argc;
    (void)argv;
    free(malloc(40));
    const uint64_t start = ticks();
    for (unsigned i = 0; i < MANY_PAIRS; i++)
        free(malloc(40));
    const uint64_t end = ticks();
    printf("%llu per pair\n", (unsigned long long)((end - start) / MANY_PAIRS));
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        void (*run)(int argc, char **argv);
    } cases[] = {
        {"arguments", arguments},
        {"alignment", alignment},
        {"heap", heap},
        {"exhaust", exhaust},
        {"double-free", double_free},
        {"overflow", overflow},
        {"bad-pointer", bad_pointer},
        {"assert", failing_assert},
        {"sleep", sleep},
        {"print-much", print_much},
        {"log-keeps-page", log_keeps_page},
        {"slots", slots},
        {"pairs", pairs},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (argc > 1 && strcmp(argv[1], cases[i].name) == 0) {
            cases[i].run(argc, argv);
            return 0;
        }
    printf("libsys CASE\n");
    return 2;
}
