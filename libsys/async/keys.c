// SPDX-License-Identifier: MIT
#include "libsys/async/keys.h"

#include "abi/object.h"
#include "libsys/ipc.h"
#include "libsys/slots.h"
#include "libsys/start.h"
#include "libsys/time.h"

#define RENEW_NS NS_PER_S // a kbd that was restarted may know nobody

static uint64_t owner;   // the task that has the stream; 0: nobody
static uint64_t renewal; // when to subscribe again

// A program may make a capability that sets one bit of its endpoint. A server may only pass on the one that it has.
static cap_t bell(void)
{
    static cap_t made;
    if (made.slot != 0) return made;
    const cap_t self = cap_named("self"), slot = slot_alloc();
    if (slot.slot != 0 && cap_mint(self, NO_CAP, slot.slot, RIGHT_NOTIFY | RIGHT_GRANT, KEYS_BIT) == OK) {
        made = slot;
    } else {
        if (slot.slot != 0) slot_free(slot);
        made = self;
    }
    return made;
}

static void subscribe(uint64_t now)
{
    if (now < renewal) return;
    // Where kbd is away this fails, and the next renewal tries again.
    (void)!kbd_subscribe(cap_named("kbd"), bell());
    renewal = now + RENEW_NS;
}

static bool take_stream(struct task *t)
{
    if (owner == 0) owner = t->id;
    return owner == t->id;
}

void keys_close(struct task *t)
{
    if (owner == t->id) owner = renewal = 0;
}

// Ask, register, ask again: an event that comes between asking and sleeping has set the bit, which is still there.
bool keys_next(struct task *t, struct kbd_event *event, err_t *error)
{
    *error = ERR_BUSY;
    if (!take_stream(t)) return true;
    subscribe(t->executor->now());
    uint64_t got;
    do {
        struct kbd_poll_reply reply;
        *error = kbd_poll(cap_named("kbd"), &reply);
        if (*error == OK) *event = reply.event;
        if (*error == OK || *error == ERR_BROKEN || *error == ERR_NO_CAP) return true;
    } while (task_bits(t, KEYS_BIT, &got));
    return task_time(t, renewal) && keys_next(t, event, error);
}
