// SPDX-License-Identifier: MIT
// What init's two threads share, driven by two real threads as well.
#include "tests/host/test.h"

#include <pthread.h>

#include "servers/init/ring.h"

#define ITEMS 200000u

static struct ring ring;

static int fresh(void **state)
{
    (void)state;
    memset(&ring, 0, sizeof ring);
    return 0;
}

TEST(a_full_ring_refuses_one_more)
{
    uint64_t item;
    for (uint64_t i = 0; i < RING_ITEMS; i++)
        assert_true(ring_put(&ring, i));
    assert_false(ring_put(&ring, 99));
    assert_true(ring_take(&ring, &item));
    assert_int_equal(item, 0);
    assert_true(ring_put(&ring, 99));
}

TEST(an_empty_ring_gives_nothing)
{
    uint64_t item = 5;
    assert_false(ring_take(&ring, &item));
    assert_int_equal(item, 5);
}

TEST(the_counters_may_wrap_around)
{
    uint64_t item;
    ring.put = ring.taken = UINT32_MAX - 2;
    for (uint64_t i = 0; i < RING_ITEMS; i++)
        assert_true(ring_put(&ring, i));
    assert_false(ring_put(&ring, 0));
    for (uint64_t i = 0; i < RING_ITEMS; i++) {
        assert_true(ring_take(&ring, &item));
        assert_int_equal(item, i);
    }
    assert_false(ring_take(&ring, &item));
}

static void *write_all(void *unused)
{
    (void)unused;
    for (uint64_t i = 0; i < ITEMS;)
        i += ring_put(&ring, i);
    return NULL;
}

TEST(everything_arrives_once_and_in_order_between_two_threads)
{
    pthread_t writer;
    assert_int_equal(pthread_create(&writer, NULL, write_all, NULL), 0);
    for (uint64_t i = 0; i < ITEMS;) {
        uint64_t item;
        if (!ring_take(&ring, &item)) continue;
        assert_int_equal(item, i);
        i++;
    }
    assert_int_equal(pthread_join(writer, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_full_ring_refuses_one_more, fresh),
        cmocka_unit_test_setup(an_empty_ring_gives_nothing, fresh),
        cmocka_unit_test_setup(the_counters_may_wrap_around, fresh),
        cmocka_unit_test_setup(everything_arrives_once_and_in_order_between_two_threads, fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
