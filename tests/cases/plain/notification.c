// SPDX-License-Identifier: MIT
// Notification bits, deadlines and the clock.
#include "libsys/stdlib.h"
#include "tests/cases/case.h"

static uint64_t look(void)
{
    struct message m;
    err_t err = ipc_recv(case_self(), 0, &m);
    CHECK(err == OK || err == ERR_TIMEOUT);
    return err == OK ? m.bits : 0;
}

TEST(bits_are_gathered_and_taken_all_at_once)
{
    CHECK_EQ(look(), 0);
    CHECK_EQ(notify(case_self(), 0x5), OK);
    CHECK_EQ(notify(case_self(), 0x5), OK);
    CHECK_EQ(notify(case_self(), BIT(63) | 0x2), OK);
    CHECK_EQ(look(), BIT(63) | 0x7);
    CHECK_EQ(look(), 0);
}

TEST(a_badge_is_the_mask_of_bits_that_may_be_set)
{
    cap_t masked = case_slot();
    CHECK_EQ(cap_mint(case_self(), NO_CAP, masked.slot, RIGHT_NOTIFY, 0xf0), OK);
    CHECK_EQ(notify(masked, 0xff), OK);
    CHECK_EQ(look(), 0xf0);
    CHECK_EQ(notify(masked, 0x0f), OK); // none of them may be set
    CHECK_EQ(look(), 0);
}

TEST(without_the_right_to_notify_no_bit_is_set)
{
    cap_t weak = case_slot();
    CHECK_EQ(cap_copy(case_self(), NO_CAP, weak.slot, RIGHTS_ALL & ~RIGHT_NOTIFY), OK);
    EXPECT_DENIED(notify(weak, 1));
    EXPECT_DENIED(notify(NO_CAP, 1));
    CHECK_EQ(look(), 0);
}

PEER(notifies_later)(uint64_t milliseconds)
{
    CHECK_EQ(sleep_for(milliseconds * NS_PER_MS), OK);
    CHECK_EQ(notify(case_endpoint(), 0x40), OK);
}

TEST(a_bit_wakes_who_waits, .milliseconds = 100)
{
    struct message m;
    uint64_t start = clock_now();
    peer_start(notifies_later, 10);
    CHECK_EQ(ipc_recv(case_self(), FOREVER, &m), OK);
    CHECK_EQ(TAG_OPERATION(m.tag), KIND_NOTIFY);
    CHECK_EQ(m.bits, 0x40);
    CHECK_EQ(m.token, 0);
    CHECK(clock_now() - start >= 10 * NS_PER_MS);
}

PEER(calls_and_notifies)(uint64_t word)
{
    struct message m = {.words = {word}};
    CHECK_EQ(notify(case_endpoint(), 0x8), OK);
    CHECK_EQ(ipc_call(case_endpoint(), &m), OK);
}

TEST(bits_and_a_message_come_together)
{
    struct message m;
    struct peer peer = peer_start(calls_and_notifies, 3);
    uint64_t until = clock_now() + 5 * NS_PER_MS;
    while (clock_now() < until)
        yield();
    CHECK_EQ(ipc_recv(case_self(), 0, &m), OK);
    CHECK_EQ(TAG_OPERATION(m.tag), KIND_CALL);
    CHECK_EQ(m.words[0], 3);
    CHECK_EQ(m.bits, 0x8);
    m.tag = TAG(0, OK, 0, 0);
    CHECK_EQ(ipc_reply(&m), OK);
    CHECK_EQ(peer_wait(peer).code, 0);
}

// --- time

TEST(a_receive_ends_at_its_deadline)
{
    struct message m;
    EXPECT_TIMEOUT(NS_PER_US, ipc_recv(case_self(), deadline, &m));
    EXPECT_TIMEOUT(NS_PER_MS, ipc_recv(case_self(), deadline, &m));
    EXPECT_TIMEOUT(100 * NS_PER_MS, ipc_recv(case_self(), deadline, &m));
}

TEST(a_deadline_that_has_passed_ends_the_receive_at_once)
{
    struct message m;
    uint64_t start = clock_now();
    CHECK_EQ(ipc_recv(case_self(), start - 1, &m), ERR_TIMEOUT);
    CHECK_EQ(ipc_recv(case_self(), 1, &m), ERR_TIMEOUT);
    CHECK_EQ(ipc_recv(case_self(), 0, &m), ERR_TIMEOUT);
    CHECK(clock_now() - start < NS_PER_MS);
}

TEST(what_is_there_already_is_received_in_spite_of_the_deadline)
{
    CHECK_EQ(notify(case_self(), 1), OK);
    CHECK_EQ(look(), 1);
}

TEST(five_hundred_deadlines_come_in_time_and_never_early, .milliseconds = 2000)
{
    for (uint64_t i = 0; i < 500; i++) {
        uint64_t deadline = clock_now() + i * 3 * NS_PER_US;
        struct message m;
        CHECK_EQ(ipc_recv(case_self(), deadline, &m), ERR_TIMEOUT);
        CHECK(clock_now() >= deadline);
        CHECK(clock_now() < deadline + NS_PER_MS);
    }
}

TEST(the_clock_never_goes_back)
{
    uint64_t last = 0;
    for (int i = 0; i < 10000; i++) {
        uint64_t now = clock_now();
        CHECK(now >= last);
        last = now;
    }
}

TEST(a_sleep_keeps_the_bits_that_came_meanwhile)
{
    peer_start(notifies_later, 2);
    CHECK_EQ(sleep_for(10 * NS_PER_MS), OK);
    CHECK_EQ(ipc_kept_bits(), 0x40);
    CHECK_EQ(ipc_kept_bits(), 0);
}

PEER(counts_and_tells)(uint64_t turns)
{
    for (uint64_t i = 0; i < turns; i++)
        yield();
    CHECK_EQ(notify(case_endpoint(), 1), OK);
}

TEST(a_yield_lets_those_of_the_same_priority_run)
{
    peer_start(counts_and_tells, 100);
    for (int i = 0; i < 1000 && look() == 0; i++)
        yield();
    CHECK_EQ(look(), 0); // it has come, and was taken
    peer_start(counts_and_tells, 1);
    uint64_t turns = 0;
    while (look() == 0 && turns < 100000) {
        yield();
        turns++;
    }
    CHECK(turns < 1000);
}
