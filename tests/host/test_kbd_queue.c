// SPDX-License-Identifier: MIT
// kbd's queues: order, what happens when they are full, and the history of raw bytes.
// sources: servers/kbd/queue.c
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "servers/kbd/queue.h"

static void the_101st_unread_event_does_not_fit(void **state)
{
    struct event_queue queue = {0};
    struct key_event event = {0};
    (void)state;
    for (uint16_t i = 0; i < 100; i++) {
        event.code = i;
        assert_true(events_put(&queue, &event));
    }
    assert_false(events_put(&queue, &event));
    for (uint16_t i = 0; i < 100; i++) {
        assert_true(events_get(&queue, &event));
        assert_int_equal(event.code, i);
    }
    assert_false(events_get(&queue, &event));
}

static void events_come_out_in_order_however_the_queue_is_used(void **state)
{
    struct event_queue queue = {0};
    uint16_t put = 0, got = 0;
    (void)state;
    srand(5);
    for (int i = 0; i < 100000; i++) {
        struct key_event event = {.code = put};
        if (rand() % 2 == 0) {
            assert_int_equal(events_put(&queue, &event), (uint16_t)(put - got) < 100);
            if ((uint16_t)(put - got) < 100) put++;
        } else if (events_get(&queue, &event)) {
            assert_int_equal(event.code, got);
            got++;
        } else {
            assert_int_equal(put, got);
        }
        assert_int_equal(queue.count, (uint16_t)(put - got));
    }
}

static void readers_are_served_in_the_order_of_asking(void **state)
{
    struct waiter_queue queue = {0};
    uint64_t token;
    (void)state;
    for (uint64_t round = 0; round < 5; round++) {
        for (uint64_t i = 0; i < QUEUE_WAITERS; i++)
            assert_true(waiters_put(&queue, round * 100 + i));
        assert_false(waiters_put(&queue, 99));
        for (uint64_t i = 0; i < QUEUE_WAITERS; i++) {
            assert_true(waiters_get(&queue, &token));
            assert_int_equal(token, round * 100 + i);
        }
        assert_false(waiters_get(&queue, &token));
    }
}

static void the_history_keeps_the_last_256_bytes_and_counts_the_lost(void **state)
{
    struct history history = {0};
    uint8_t bytes[HISTORY_BYTES];
    uint64_t lost;
    (void)state;
    assert_int_equal(history_read(&history, 0, bytes, &lost), 0);
    assert_int_equal(lost, 0);
    for (int i = 0; i < 1000; i++)
        history_put(&history, (uint8_t)i);
    assert_int_equal(history_read(&history, 0, bytes, &lost), 256);
    assert_int_equal(lost, 744);
    for (int i = 0; i < 256; i++)
        assert_int_equal(bytes[i], (uint8_t)(744 + i));
    assert_int_equal(history_read(&history, 998, bytes, &lost), 2);
    assert_int_equal(lost, 0);
    assert_int_equal(bytes[0], (uint8_t)998);
    assert_int_equal(history_read(&history, 1000, bytes, &lost), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_101st_unread_event_does_not_fit),
        cmocka_unit_test(events_come_out_in_order_however_the_queue_is_used),
        cmocka_unit_test(readers_are_served_in_the_order_of_asking),
        cmocka_unit_test(the_history_keeps_the_last_256_bytes_and_counts_the_lost),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
