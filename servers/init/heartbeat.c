// SPDX-License-Identifier: MIT
#include "servers/init/heartbeat.h"

#include "abi/syscall.h"

void heartbeat_start(struct heartbeat *h, uint64_t now)
{
    h->due = h->period ? now + h->period / HEARTBEAT_LOOKS : FOREVER;
    h->missed = 0;
    h->asked = false;
}

void heartbeat_answered(struct heartbeat *h)
{
    h->missed = 0;
    h->asked = false;
}

enum heartbeat_verdict heartbeat_look(struct heartbeat *h, uint64_t now)
{
    if (!h->period || now < h->due) return HEARTBEAT_NOTHING;
    h->due = now + h->period / HEARTBEAT_LOOKS;
    if (h->asked) return ++h->missed < HEARTBEAT_LOOKS ? HEARTBEAT_NOTHING : HEARTBEAT_HANGS;
    h->asked = true;
    return HEARTBEAT_ASK;
}
