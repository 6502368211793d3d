// SPDX-License-Identifier: MIT
#include "tests/programs/heap/share.h"

#include "common/mem.h"
#include "libsys/async/run.h"
#include "libsys/async/task.h"
#include "libsys/panic.h"
#include "libsys/start.h"
#include "libsys/stdio.h"
#include "libsys/stdlib.h"
#include "libsys/time.h"

#define SIZE 5000u // a span of its own: when it is freed, its pages go back

struct buffer {
    unsigned references;
    unsigned char bytes[SIZE];
};

struct holder {
    struct buffer *buffer;
    uint64_t sleeps;
    char name;
};

static void let_go(char name, struct buffer *buffer)
{
    unsigned left = --buffer->references;
    if (left == 0) free(buffer);
    printf("%c lets go: reference count is %u\n", name, left);
}

static enum poll hold(struct task *t)
{
    struct holder *my = TASK_OWN_AS(t, struct holder);
    TASK_BEGIN(t);
    printf("%c holds it: reference count is %u\n", my->name, ++my->buffer->references);
    for (; my->sleeps > 0; my->sleeps--)
        TASK_SLEEP(t, 10 * NS_PER_MS);
    for (unsigned i = 0; i < SIZE; i++)
        assert(my->buffer->bytes[i] == 0x5a);
    let_go(my->name, my->buffer);
    TASK_END(t);
}

void share_between_tasks(void)
{
    static const struct task_kind kind = {.name = "hold", .poll = hold};
    static struct executor executor;
    static struct task tasks[2];
    free(malloc(1)); // so that the heap has its first chunk
    struct heap_figures before = heap_figures();
    struct buffer *buffer = calloc(1, sizeof *buffer);
    assert(buffer != NULL);
    memset(buffer->bytes, 0x5a, SIZE);
    executor_start(&executor, tasks, 2, clock_now);
    for (uint64_t i = 0; i < 2; i++) {
        struct holder holder = {buffer, 1 + 2 * i, (char)('a' + i)};
        assert(executor_spawn(&executor, &kind, &holder, sizeof holder, NULL) == OK);
    }
    printf("in use: %zu bytes more\n", heap_figures().bytes - before.bytes);
    assert(async_run(&executor, cap_named("self")) == OK);
    struct heap_figures after = heap_figures();
    printf("in use: %zu bytes more, %zu bytes of spans more\n", after.bytes - before.bytes,
           after.span_bytes - before.span_bytes);
}
