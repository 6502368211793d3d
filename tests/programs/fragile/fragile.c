// SPDX-License-Identifier: MIT
// A server that dies as it is told: what its clients see then, and that it comes back.
#include "tests/programs/fragile/fragile.h"

#include "libsys/panic.h"
#include "libsys/start.h"

static uint64_t __attribute__((noinline)) recurse(uint64_t depth)
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
    case FRAGILE_COUNT:
        break;
    }
}

int main(void)
{
    for (;;) {
        struct message m;
        if (ipc_recv(cap_named("self"), FOREVER, &m) != OK) return 1;
        obey((enum fragile_method)TAG_METHOD(m.tag));
        ipc_reply(&(struct message){.token = m.token, .words = {start_page()->generation, start_page()->id}});
    }
}
