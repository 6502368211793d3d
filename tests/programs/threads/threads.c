// SPDX-License-Identifier: MIT
// threads tls: each thread its own variables. threads switch: two threads take turns, a million times, and nothing of
// either changes.
#include "libsys/threads.h"

#include "common/mem.h"
#include "common/string.h"
#include "libsys/panic.h"
#include "libsys/stdio.h"
#include "libsys/time.h"

#define THREADS 4
#define ROUNDS 1000

static _Thread_local uint64_t number = 7; // in the image
static _Thread_local uint8_t buffer[200]; // not
static const void *places[THREADS + 1];
static struct mutex lock;
static uint64_t sum;

static void use_own(uint64_t me)
{
    assert(number == 7);
    for (size_t i = 0; i < sizeof buffer; i++)
        assert(buffer[i] == 0);
    places[me] = &number;
    for (uint64_t i = 0; i < ROUNDS; i++) {
        number = me << 32 | i;
        buffer[i % sizeof buffer] = (uint8_t)me;
        if (i % 100 == 0)
            assert(sleep_for(NS_PER_MS) == OK);
        else
            yield();
        assert(number == (me << 32 | i) && buffer[i % sizeof buffer] == me);
    }
    mutex_lock(&lock);
    sum += number;
    mutex_unlock(&lock);
}

static void use_in_thread(void *me) { use_own((uint64_t)me); }

static int tls(void)
{
    uint32_t threads[THREADS];
    for (uint64_t i = 0; i < THREADS; i++)
        if (thread_spawn(&threads[i], use_in_thread, (void *)(i + 1), 4, 0) != OK) return 1;
    use_own(0);
    for (int i = 0; i < THREADS; i++)
        if (thread_join(threads[i]) != OK) return 1;
    for (int i = 0; i <= THREADS; i++)
        for (int j = 0; j < i; j++)
            assert(places[i] != places[j]);
    number = 7; // and a second thread in the first one's place starts afresh
    memset(buffer, 0, sizeof buffer);
    if (thread_spawn(&threads[0], use_in_thread, (void *)1, 4, 0) != OK || thread_join(threads[0]) != OK) return 1;
    printf("%d threads, each its own variables: sum %lx\n", THREADS + 1, sum);
    return 0;
}

#define SWITCHES 1000000
static uint64_t turns[2];

// What it keeps over a switch lies in its frame, and rbx, rbp and r12 to r15 are the compiler's to use.
static void take_turns(void *argument)
{
    uint64_t me = (uint64_t)argument, a = me + 1, b = ~me, check[4] = {a, b, a ^ b, a * 3};
    for (uint64_t i = 0; i < SWITCHES / 2; i++) {
        turns[me]++;
        yield();
        if (check[0] != a || check[1] != b || check[2] != (a ^ b) || check[3] != a * 3 || number != me)
            panic("thread %lu is not what it was", me);
    }
}

static void take_turns_in_thread(void *me)
{
    number = (uint64_t)me;
    take_turns(me);
}

static int switches(void)
{
    uint32_t other;
    if (thread_spawn(&other, take_turns_in_thread, (void *)1, 2, 0) != OK) return 1;
    number = 0;
    take_turns(NULL);
    if (thread_join(other) != OK) return 1;
    printf("%lu switches\n", turns[0] + turns[1]);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "switch") == 0) return switches();
    return tls();
}
