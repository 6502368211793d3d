// SPDX-License-Identifier: MIT
// Cases that fail, each in its own way: tests/harness/test_testd.py wants testd to say which and why, and to go on. They
// are in a program of their own, which no ordinary run takes.
#include "libsys/panic.h"
#include "libsys/stdlib.h"
#include "tests/cases/case.h"
#include "tests/programs/fragile/fragile.h"

TEST(good_at_the_beginning) { CHECK(true); }

TEST(a_failing_check) { CHECK_EQ(2 * 2, 5); }

TEST(a_condition_that_is_not_so) { CHECK(2 > 3); }

TEST(another_text) { CHECK_TEXT("one", "two"); }

TEST(a_user_fault) { *(volatile uint64_t *)0xdeadbea8 = 1; }

TEST(an_instruction_that_is_none) { __asm__ volatile("ud2"); }

TEST(a_panic) { panic("as it was told"); }

TEST(a_case_that_spins, .milliseconds = 30)
{
    for (;;)
        __asm__ volatile("");
}

TEST(a_case_that_waits_for_ever, .milliseconds = 30)
{
    struct message m;
    (void)!ipc_recv(case_self(), FOREVER, &m);
}

TEST(a_wrong_exit_code) { exit(3); }

TEST(an_end_before_its_end) { exit(0); }

TEST(no_fault_where_one_is_expected) { EXPECT_FAULT(UD, (void)0); }

TEST(another_fault_than_expected) { EXPECT_FAULT(UD, *(volatile uint64_t *)0x1000 = 1); }

TEST(another_address_than_expected) { EXPECT_FAULT_AT(0x1000, *(volatile uint64_t *)0x2000 = 1); }

TEST(another_exit_code_than_expected) { EXPECT_EXIT(3, exit(4)); }

TEST(a_second_fault_that_is_not_expected)
{
    EXPECT_FAULT(UD, __asm__ volatile("ud2"));
    __asm__ volatile("ud2");
}

TEST(what_is_not_denied) { EXPECT_DENIED(cap_drop(case_slot())); }

TEST(a_timeout_that_comes_early)
{
    struct message m;
    EXPECT_TIMEOUT(20 * NS_PER_MS, ipc_recv(case_self(), deadline - 10 * NS_PER_MS, &m));
}

TEST(a_timeout_that_comes_late)
{
    struct message m;
    EXPECT_TIMEOUT(20 * NS_PER_MS, ipc_recv(case_self(), deadline + 10 * NS_PER_MS, &m));
}

TEST(no_timeout_where_one_is_expected) { EXPECT_TIMEOUT(NS_PER_MS, OK); }

TEST(it_kills_its_server, .calls = "fragile")
{
    struct message m = {.tag = TAG(0, FRAGILE_EXIT, 0, 0)};
    CHECK_EQ(ipc_call(cap_named("fragile"), &m), ERR_SERVER_DIED);
}

TEST(a_leak, .pages = 16)
{
    cap_t upper = case_slot();
    CHECK_EQ(memory_split(case_frames(), 12, upper), OK);
    cap_drop(upper);
}

TEST(a_leak_by_a_fault, .pages = 16)
{
    CHECK_EQ(memory_split(case_frames(), 12, case_slot()), OK);
    EXPECT_FAULT(UD, __asm__ volatile("ud2"));
}

PEER(fails)(uint64_t word) { CHECK_EQ(word, 8); }

TEST(a_check_that_fails_in_a_peer) { peer_wait(peer_start(fails, 7)); }

TEST(frames_without_asking) { case_frames(); }

TEST(a_kill_without_asking) { case_kill("fragile"); }

TEST(good_at_the_end) { CHECK(true); }
