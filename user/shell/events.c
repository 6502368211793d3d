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

// A ring of keys that were typed ahead.
static uint32_t typed[TYPED_MAX];
static unsigned typed_first, typed_count;

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

static void take_what_was_typed(void)
{
    uint32_t key;
    while (typed_count < TYPED_MAX && keys_next(&key))
        typed[(typed_first + typed_count++) % TYPED_MAX] = key;
}

void events_wait(void)
{
    static bool is_subscribed;
    if (!is_subscribed) keys_subscribe();
    is_subscribed = true;

    struct message m = {0};
    err_t error = ipc_recv(cap_named("self"), deadline_in(SUBSCRIBE_NS), &m);
    if (error == ERR_TIMEOUT) keys_subscribe();
    if (error == ERR_TIMEOUT || m.bits & EVENT_KEYS) take_what_was_typed();
    if (error == OK) jobs_ended(m.bits);
}

bool events_take_key(uint32_t *key)
{
    if (typed_count == 0) return false;
    *key = typed[typed_first];
    typed_first = (typed_first + 1) % TYPED_MAX;
    typed_count--;
    return true;
}

bool events_were_interrupted(void)
{
    for (unsigned i = typed_count; i > 0; i--) {
        if (typed[(typed_first + i - 1) % TYPED_MAX] == EDIT_CTRL_C) {
            typed_count = 0;
            return true;
        }
    }
    return false;
}
