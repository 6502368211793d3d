// SPDX-License-Identifier: MIT
// A server that dies as it is told: what its clients see then, that it comes back, and what its keep region says.
#include "tests/programs/fragile/fragile.h"

#include "libsys/keep.h"
#include "libsys/log.h"
#include "libsys/panic.h"
#include "libsys/serve.h"
#include "libsys/start.h"

static struct keep keep;
static uint64_t kept; // the life that kept last

static void inherit(void)
{
    uint64_t size = 0;
    size_t length;
    const char *lost;
    void *region = region_named("keep", &size);
    const struct keep_format format = {0x656c696761726600, 1, sizeof kept};
    const uint64_t *found = keep_open(&keep, format, region, size, &length, &lost);
    if (found != NULL) kept = *found;
    if (lost != NULL) log_printf("what the last life left is thrown away: wrong %s", lost);
}

static void keep_life(bool whole)
{
    uint64_t *state = keep_begin(&keep);
    *state = start_page()->generation;
    if (!whole) return;
    kept = *state;
    keep_commit(&keep, sizeof *state);
}

static void scribble(void)
{
    uint64_t size;
    uint8_t *region = region_named("keep", &size);
    for (uint64_t i = 0; i < size; i += 8)
        region[i] ^= 1;
}

static uint64_t never_inline recurse(uint64_t depth)
{
    volatile uint64_t here[64] = {depth};
    uint64_t below = depth == UINT64_MAX ? 0 : recurse(depth + 1);
    return below + here[0];
}

static void obey(enum fragile_method method)
{
    switch (method) {
    case FRAGILE_ANSWER:
        break;
    case FRAGILE_PANIC:
        panic("asked to panic in life %u", start_page()->generation);
    case FRAGILE_WRITE:
        *(volatile uint64_t *)0xdeadbea8 = 1;
        break;
    case FRAGILE_OVERFLOW:
        recurse(0);
        break;
    case FRAGILE_EXIT:
        exit(7);
    case FRAGILE_OPCODE:
        __asm__ volatile("ud2");
        break;
    case FRAGILE_DIVIDE:
        __asm__ volatile("divl %0" : : "r"(0u), "a"(1), "d"(0));
        break;
    case FRAGILE_SPIN:
        for (;;) // no `pause`: the emulator would take minutes for it in virtual time
            __asm__ volatile("");
    case FRAGILE_KEEP:
        keep_life(true);
        break;
    case FRAGILE_TEAR:
        keep_life(false);
        break;
    case FRAGILE_SCRIBBLE:
        scribble();
        break;
    case FRAGILE_KEPT:
    case FRAGILE_COUNT:
        break;
    }
}

static err_t dispatch(const struct server *server, struct caller *from, struct message *m)
{
    (void)server;
    (void)from;
    const enum fragile_method method = (enum fragile_method)TAG_METHOD(m->tag);
    obey(method);
    *m = (struct message){.words = {method == FRAGILE_KEPT ? kept : start_page()->generation}};
    return OK;
}

int main(void)
{
    inherit();
    return (int)serve(cap_named("self"), &(struct server){.dispatch = dispatch});
}
