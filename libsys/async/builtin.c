// SPDX-License-Identifier: MIT
#include "libsys/async/builtin.h"

#include "common/string.h"
#include "common/utf8.h"
#include "libsys/async/keys.h"
#include "libsys/async/task.h"
#include "libsys/error.h"
#include "libsys/ipc.h"
#include "libsys/start.h"
#include "libsys/stdio.h"
#include "libsys/stdlib.h"
#include "libsys/time.h"

typedef unsigned long long ull;

// --- the tutorial's example: a task waits for a task that waits for a message

#define BELL BIT(0)

struct parent {
    uint64_t number;
    uint64_t child;
};

// The message is a notification through its own endpoint: it comes back with the loop's next receive.
static enum poll async_number(struct task *t)
{
    uint64_t got;
    TASK_BEGIN(t);
    notify(cap_named("self"), BELL);
    TASK_AWAIT(t, task_bits(t, BELL, &got));
    t->value = 42;
    TASK_END(t);
}

static const struct task_kind number_kind = {.name = "async_number", .poll = async_number};

static enum poll example_task(struct task *t)
{
    struct parent *my = TASK_OWN_AS(t, struct parent);
    struct task_result result = {ERR_FULL, 0};
    TASK_BEGIN(t);
    if (executor_spawn(t->executor, &number_kind, NULL, 0, &my->child) == OK)
        TASK_AWAIT(t, task_joined(t, my->child, &result));
    if (result.error == OK) printf("async number: %llu\n", (ull)result.value);
    TASK_END(t);
}

static const struct task_kind example_kind = {.name = "example_task", .poll = example_task};

static enum poll example(struct task *t)
{
    struct parent *my = TASK_OWN_AS(t, struct parent);
    struct task_result result;
    TASK_BEGIN(t);
    if (executor_spawn(t->executor, &example_kind, NULL, 0, &my->child) == OK)
        TASK_AWAIT(t, task_joined(t, my->child, &result));
    printf("It did not crash!\n");
    TASK_END(t);
}

// --- the keyboard

static enum poll keys(struct task *t)
{
    struct kbd_event event = {0};
    err_t error;
    TASK_BEGIN(t);
    do {
        TASK_AWAIT(t, keys_next(t, &event, &error));
        if (error != OK) {
            print_error("keys", error);
            t->value = error;
            return POLL_DONE;
        }
        char text[4 + 1] = "";
        if (event.down && event.character != 0) text[utf8_encode(text, event.character)] = '\0';
        if (text[0] != '\0') printf("%s", text);
    } while (!event.down || event.character != '\n');
    TASK_END(t);
}

// --- time

static enum poll dots(struct task *t)
{
    uint64_t *left = t->own;
    TASK_BEGIN(t);
    for (; *left > 0; --*left) {
        printf(".");
        TASK_SLEEP(t, 100 * NS_PER_MS);
    }
    TASK_END(t);
}

static enum poll nap(struct task *t)
{
    TASK_BEGIN(t);
    TASK_SLEEP(t, t->own[0] * NS_PER_MS);
    TASK_END(t);
}

static enum poll clock_task(struct task *t)
{
    uint64_t *left = t->own;
    TASK_BEGIN(t);
    for (; *left > 0; --*left) {
        TASK_SLEEP(t, NS_PER_S - t->executor->now() % NS_PER_S);
        printf("clock: %llu s\n", (ull)((t->executor->now() + NS_PER_S / 2) / NS_PER_S));
    }
    TASK_END(t);
}

// --- computing, politely and not

struct primes {
    uint64_t limit;
    uint64_t candidate;
};

static bool is_prime(uint64_t n)
{
    for (uint64_t i = 2; i * i <= n; i++)
        if (n % i == 0) return false;
    return n >= 2;
}

static enum poll primes(struct task *t)
{
    struct primes *my = TASK_OWN_AS(t, struct primes);
    TASK_BEGIN(t);
    for (; my->candidate <= my->limit; my->candidate++) {
        t->value += is_prime(my->candidate);
        TASK_YIELD(t);
    }
    printf("primes: %llu up to %llu\n", (ull)t->value, (ull)my->limit);
    TASK_END(t);
}

static enum poll spin(struct task *t)
{
    const uint64_t end = t->executor->now() + t->own[0] * NS_PER_MS;
    while (t->executor->now() < end)
        ;
    return POLL_DONE;
}

const struct builtin builtins[] = {
    {{"example", example, NULL}, 0, "a task that waits for a task that waits for a message"},
    {{"keys", keys, keys_close}, 0, "prints what is typed, until Enter"},
    {{"dots", dots, NULL}, 10, "prints a dot ten times a second, NUMBER times"},
    {{"nap", nap, NULL}, 1000, "waits NUMBER milliseconds"},
    {{"clock", clock_task, NULL}, 3, "prints the seconds since boot, NUMBER times"},
    {{"primes", primes, NULL}, 1000, "counts the primes up to NUMBER and yields after each candidate"},
    {{"spin", spin, NULL}, 10000, "computes NUMBER milliseconds long without yielding: for the watchdog"},
};
const uint32_t builtin_count = sizeof builtins / sizeof builtins[0];

static const struct builtin *find(const char *name)
{
    for (uint32_t i = 0; i < builtin_count; i++)
        if (strcmp(builtins[i].kind.name, name) == 0) return &builtins[i];
    return NULL;
}

err_t builtin_spawn(struct executor *e, const char *name, const char *argument, uint64_t *id)
{
    const struct builtin *builtin = find(name);
    if (builtin == NULL) return ERR_NOT_FOUND;
    uint64_t number = builtin->number;
    if (argument[0] != '\0') {
        char *end;
        number = strtoull(argument, &end, 10);
        if (*end != '\0') return ERR_RANGE;
    }
    return executor_spawn(e, &builtin->kind, &number, sizeof number, id);
}

bool builtin_is(const struct task_kind *kind)
{
    if (kind == &number_kind || kind == &example_kind) return true;
    for (uint32_t i = 0; i < builtin_count; i++)
        if (kind == &builtins[i].kind) return true;
    return false;
}
