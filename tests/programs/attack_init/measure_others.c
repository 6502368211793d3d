// SPDX-License-Identifier: MIT
// Others, who only live: threads that wait on endpoints of their own, threads that are ready at a low priority, and, in the
// tables of those that are measured, a capability for each of these endpoints.
#include "tests/programs/attack_init/crowd.h"
#include "tests/programs/attack_init/measure.h"

#include "libsys/slots.h"

#define READY_EACH 10u // one of so many is ready, the rest wait
#define PRIORITY_WAITING 3u
#define PRIORITY_READY 2u

static struct crowd others;

static void wait_for_ever(uint64_t slot)
{
    __atomic_fetch_add(&shared->count[1], 1, __ATOMIC_SEQ_CST);
    for (;;) {
        struct message m = {.words = {FOREVER}};
        op(SYS_recv, (uint32_t)slot, &m);
    }
}

uint32_t others_slots(void) { return 3 + OTHERS_MOST / 128; }

void others_begin(uint32_t count, struct child *one, struct child *two)
{
    const cap_t endpoint = empty_slot();
    crowd_make(&others, OTHERS_MOST);
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t slot = CHILD_FREE + i;
        EXPECT(OK, endpoint_create(others.child.process, endpoint, others.child.process));
        EXPECT(OK, cap_copy(endpoint, others.child.process, slot, ALL));
        EXPECT(OK, cap_copy(endpoint, one->process, slot, ALL));
        EXPECT(OK, cap_copy(endpoint, two->process, slot, ALL));
        EXPECT(OK, cap_drop(endpoint));
        if (i % READY_EACH == 0)
            crowd_begin(&others, i, PRIORITY_READY, run_for_ever, 0);
        else
            crowd_begin(&others, i, PRIORITY_WAITING, wait_for_ever, slot);
    }
    slot_free(endpoint);
    rest(50);
    EXPECT(count - (count + READY_EACH - 1) / READY_EACH, shared->count[1]);
}

void others_end(void) { crowd_end(&others); }
