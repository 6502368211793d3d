// SPDX-License-Identifier: MIT
// Who is told of a key, and who is forgotten: against a kernel of a few lines in which endpoints die.
// sources: servers/kbd/subscribers.c
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "servers/kbd/subscribers.h"

#define SLOTS 64

// The table of capabilities: what a slot holds, and how often it was notified.
static struct {
    bool used, alive;
    enum object_type type;
    uint64_t rights;
    unsigned notified;
} slots[SLOTS];

err_t cap_info(cap_t capability, struct cap_info *info)
{
    if (!slots[capability.slot].used || !slots[capability.slot].alive) return ERR_NO_CAP;
    *info = (struct cap_info){slots[capability.slot].type, slots[capability.slot].rights, 1};
    return OK;
}

err_t notify(cap_t endpoint, uint64_t bits)
{
    assert_true(bits == ~0ull);
    assert_true(slots[endpoint.slot].used);
    if (!slots[endpoint.slot].alive) return ERR_NO_CAP;
    slots[endpoint.slot].notified++;
    return OK;
}

void cap_discard(cap_t capability)
{
    assert_true(slots[capability.slot].used);
    slots[capability.slot].used = false;
}

cap_t caller_keep(struct caller *from, uint32_t place)
{
    cap_t kept = from->caps[place];
    from->caps[place] = NO_CAP;
    return kept;
}

static unsigned used_slots(void)
{
    unsigned used = 0;
    for (size_t i = 0; i < SLOTS; i++)
        used += slots[i].used;
    return used;
}

// What the server's loop does around a handler: a capability that was not kept is dropped.
static err_t subscribe_with(uint64_t client, uint32_t slot, enum object_type type, uint64_t rights)
{
    slots[slot].used = slots[slot].alive = true;
    slots[slot].type = type;
    slots[slot].rights = rights;
    slots[slot].notified = 0;
    struct caller from = {.badge = client, .cap_count = 1, .caps = {{slot}}};
    err_t error = subscribers_add(&from);
    if (from.caps[0].slot != 0) cap_discard(from.caps[0]);
    return error;
}

static err_t subscribe(uint64_t client, uint32_t slot)
{
    return subscribe_with(client, slot, TYPE_ENDPOINT, RIGHT_NOTIFY);
}

// Every test starts with nobody: all endpoints die, and a notification finds that out.
static int nobody(void **state)
{
    (void)state;
    for (size_t i = 0; i < SLOTS; i++)
        slots[i].alive = false;
    subscribers_notify();
    assert_int_equal(subscribers_count(), 0);
    assert_int_equal(used_slots(), 0);
    return 0;
}

static void every_subscriber_is_told(void **state)
{
    (void)state;
    assert_int_equal(subscribe(1, 10), OK);
    assert_int_equal(subscribe(2, 11), OK);
    subscribers_notify();
    subscribers_notify();
    assert_int_equal(slots[10].notified, 2);
    assert_int_equal(slots[11].notified, 2);
}

static void a_second_subscription_of_a_process_replaces_its_first(void **state)
{
    (void)state;
    assert_int_equal(subscribe(1, 10), OK);
    assert_int_equal(subscribe(1, 11), OK);
    assert_int_equal(subscribers_count(), 1);
    assert_false(slots[10].used);
    subscribers_notify();
    assert_int_equal(slots[11].notified, 1);
}

static void a_subscriber_whose_endpoint_is_gone_is_dropped(void **state)
{
    (void)state;
    assert_int_equal(subscribe(1, 10), OK);
    assert_int_equal(subscribe(2, 11), OK);
    slots[10].alive = false;
    subscribers_notify();
    assert_int_equal(subscribers_count(), 1);
    assert_false(slots[10].used);
    assert_int_equal(slots[11].notified, 1);
}

static void what_cannot_notify_is_refused_and_not_kept(void **state)
{
    (void)state;
    assert_int_equal(subscribe_with(1, 10, TYPE_CLOCK, RIGHTS_ALL), ERR_NO_RIGHT);
    assert_int_equal(subscribe_with(1, 10, TYPE_ENDPOINT, RIGHT_SEND | RIGHT_GRANT), ERR_NO_RIGHT);
    struct caller from = {.badge = 1, .cap_count = 0};
    assert_int_equal(subscribers_add(&from), ERR_BAD_MESSAGE);
    assert_int_equal(subscribers_count(), 0);
    assert_int_equal(used_slots(), 0);
}

static void a_full_table_of_living_subscribers_refuses_one_more(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < SUBSCRIBERS; i++)
        assert_int_equal(subscribe(i + 1, 10 + i), OK);
    assert_int_equal(subscribe(100, 40), ERR_FULL);
    assert_false(slots[40].used);
    assert_int_equal(subscribe(3, 41), OK); // replacing needs no room
    assert_int_equal(used_slots(), SUBSCRIBERS);
}

static void a_dead_subscriber_makes_room(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < SUBSCRIBERS; i++)
        assert_int_equal(subscribe(i + 1, 10 + i), OK);
    slots[13].alive = false;
    assert_int_equal(subscribe(100, 40), OK);
    assert_int_equal(used_slots(), SUBSCRIBERS);
}

static void who_never_asks_makes_room_and_who_asks_stays(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < SUBSCRIBERS; i++)
        assert_int_equal(subscribe(i + 1, 10 + i), OK);
    for (int event = 0; event <= SUBSCRIBER_MISSES; event++) {
        subscribers_notify();
        for (uint64_t client = 1; client <= SUBSCRIBERS; client++)
            if (client != 5) subscribers_heard(client);
    }
    assert_int_equal(subscribe(100, 40), OK);
    assert_false(slots[14].used); // client 5
    assert_int_equal(used_slots(), SUBSCRIBERS);
    assert_int_equal(subscribe(101, 41), ERR_FULL);
}

static void a_process_that_is_restarted_again_and_again_on_one_endpoint_always_hears(void **state)
{
    (void)state;
    for (uint64_t life = 1; life <= 100; life++) {
        assert_int_equal(subscribe(life, 10 + (uint32_t)(life % 20)), OK);
        for (int event = 0; event <= SUBSCRIBER_MISSES; event++) {
            subscribers_notify();
            subscribers_heard(life);
        }
        assert_int_equal(slots[10 + life % 20].notified, SUBSCRIBER_MISSES + 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_subscriber_is_told, nobody),
        cmocka_unit_test_setup(a_second_subscription_of_a_process_replaces_its_first, nobody),
        cmocka_unit_test_setup(a_subscriber_whose_endpoint_is_gone_is_dropped, nobody),
        cmocka_unit_test_setup(what_cannot_notify_is_refused_and_not_kept, nobody),
        cmocka_unit_test_setup(a_full_table_of_living_subscribers_refuses_one_more, nobody),
        cmocka_unit_test_setup(a_dead_subscriber_makes_room, nobody),
        cmocka_unit_test_setup(who_never_asks_makes_room_and_who_asks_stays, nobody),
        cmocka_unit_test_setup(a_process_that_is_restarted_again_and_again_on_one_endpoint_always_hears, nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
