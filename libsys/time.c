// SPDX-License-Identifier: MIT
#include "libsys/time.h"

#include "libsys/hooks.h"
#include "libsys/ipc.h"
#include "libsys/start.h"

struct thread_hooks thread_hooks;

uint64_t clock_now(void)
{
    uint64_t now = 0;
    return clock_read(&now) == OK ? now : 0;
}

uint64_t deadline_in(uint64_t ns)
{
    uint64_t now = clock_now();
    return ns < FOREVER - now ? now + ns : FOREVER;
}

err_t sleep_until(uint64_t deadline)
{
    const cap_t self = cap_named("self");
    const cap_t mine = thread_hooks.sleep_endpoint ? thread_hooks.sleep_endpoint() : self;
    for (;;) {
        // Not ipc_recv: it would return at once with the bits that are kept here.
        struct message m = {.tag = SYS_recv, .words = {deadline}};
        uint32_t kind = trap(mine, &m);
        if (kind >= ERR_NO_CAP) return kind == ERR_TIMEOUT ? OK : (err_t)kind;
        if (mine.slot == self.slot) ipc_keep_bits(m.bits); // another thread's: only a wake-up that came late
        if (m.token != 0) ipc_reply(&(struct message){.tag = TAG(0, ERR_BUSY, 0, 0), .token = m.token});
    }
}

err_t sleep_for(uint64_t ns) { return sleep_until(deadline_in(ns)); }
