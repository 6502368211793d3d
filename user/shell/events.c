// SPDX-License-Identifier: MIT
#include "user/shell/events.h"

#include "abi/object.h"
#include "libsys/ipc.h"
#include "libsys/slots.h"
#include "libsys/start.h"
#include "libsys/syscall.h"
#include "libsys/time.h"
#include "user/shell/console.h"
#include "user/shell/jobs.h"
#include "user/shell/line.h"

// How long a restarted kbd goes without us at the most. Waking this often is a few thousand instructions a second.
#define SUBSCRIBE_NS (250 * NS_PER_MS)
#define TYPED_MAX 64u

// A ring of keys that were typed ahead, while a program ran in front.
static uint32_t typed[TYPED_MAX];
static unsigned typed_first, typed_count;

static bool keys_may_wait; // kbd has said so, and has not yet said that there is none left

cap_t event_capability(uint64_t bits)
{
    cap_t slot = slot_alloc();
    if (slot.slot == 0) return NO_CAP;
    if (cap_mint(cap_named("self"), NO_CAP, slot.slot, RIGHT_NOTIFY | RIGHT_GRANT, bits) != OK) {
        slot_free(slot);
        return NO_CAP;
    }
    return slot;
}

void events_wait(void)
{
    static bool is_subscribed;
    if (!is_subscribed) keys_subscribe();
    is_subscribed = true;

    struct message m = {0};
    err_t error = ipc_recv(cap_named("self"), deadline_in(SUBSCRIBE_NS), &m);
    if (error == ERR_TIMEOUT) keys_subscribe();
    keys_may_wait |= error == ERR_TIMEOUT || m.bits & EVENT_KEYS;
    if (error == OK && (m.bits & ~EVENT_KEYS) != 0) jobs_ended(m.bits);
}

// Asks kbd only when nothing older is there: so a key is on the screen before anybody asks for the next.
static bool next_key(uint32_t *key)
{
    keys_may_wait = keys_may_wait && keys_next(key);
    return keys_may_wait;
}

bool events_take_key(uint32_t *key)
{
    if (typed_count == 0) return next_key(key);
    *key = typed[typed_first];
    typed_first = (typed_first + 1) % TYPED_MAX;
    typed_count--;
    return true;
}

bool events_were_interrupted(void)
{
    uint32_t key;
    while (next_key(&key)) {
        if (key == EDIT_CTRL_C) {
            typed_count = 0;
            return true;
        }
        if (typed_count < TYPED_MAX) typed[(typed_first + typed_count++) % TYPED_MAX] = key;
    }
    return false;
}
