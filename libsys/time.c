// SPDX-License-Identifier: MIT
#include "libsys/time.h"

#include "libsys/ipc.h"
#include "libsys/start.h"

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
    cap_t self = cap_named("self");
    for (;;) {
        // Not ipc_recv: it would return at once with the bits that are kept here.
        struct message m = {.tag = SYS_recv, .words = {deadline}};
        uint32_t kind = trap(self, &m);
        if (kind >= ERR_NO_CAP) return kind == ERR_TIMEOUT ? OK : (err_t)kind;
        ipc_keep_bits(m.bits);
        if (m.token != 0) ipc_reply(&(struct message){.tag = TAG(0, ERR_BUSY, 0, 0), .token = m.token});
    }
}

err_t sleep_for(uint64_t ns) { return sleep_until(deadline_in(ns)); }
