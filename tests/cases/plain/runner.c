// SPDX-License-Identifier: MIT
// What testd and its macros promise. What they find is in tests/cases/bad.
#include "abi/object.h"
#include "interfaces/echo.h"
#include "interfaces/testd.h"
#include "libsys/panic.h"
#include "libsys/slots.h"
#include "libsys/stdlib.h"
#include "tests/cases/case.h"
#include "tests/cases/frames.h"

TEST(a_case_has_a_process_of_its_own)
{
    static int runs;
    CHECK_EQ(++runs, 1);
}

TEST(a_case_holds_no_service_that_it_did_not_ask_for)
{
    struct cap_info info;
    struct echo_badge_reply reply;
    CHECK_EQ(cap_info(cap_named("echo"), &info), ERR_NO_CAP);
    EXPECT_DENIED(echo_badge(cap_named("echo"), &reply));
    EXPECT_DENIED(cap_info(cap_named("process"), &info));
    EXPECT_DENIED(cap_info(cap_named("vga"), &info));
}

TEST(a_case_holds_the_service_that_it_asked_for, .calls = "vga echo")
{
    struct echo_badge_reply reply = {0};
    CHECK_EQ(echo_badge(cap_named("echo"), &reply), OK);
    CHECK_EQ(reply.badge, start_page()->id);
}

TEST(many_ends_of_one_case_are_expected_one_after_the_other)
{
    for (uint64_t page = 1; page <= 20; page++)
        EXPECT_FAULT_AT(page * PAGE_SIZE, *(volatile uint8_t *)(page * PAGE_SIZE) = 1);
}

TEST(every_kind_of_end_can_be_expected)
{
    EXPECT_FAULT(UD, __asm__ volatile("ud2"));
    EXPECT_FAULT(GP, __asm__ volatile("hlt"));
    EXPECT_FAULT(DE, __asm__ volatile("divl %0" : : "r"(0), "a"(1), "d"(0) : "cc"));
    EXPECT_FAULT(PF, ((void (*)(void))0x400000)());
    EXPECT_EXIT(7, exit(7));
    EXPECT_PANIC(panic("only a test"));
}

TEST(a_run_of_frames_is_clear_memory_of_the_case_alone, .pages = 8, .process = true)
{
    cap_t run = case_frames(), process = cap_named("process");
    const uint64_t *words = (const uint64_t *)CASE_PLACE;
    struct run_info info;
    CHECK_EQ(memory_info(run, &info), OK);
    CHECK_EQ(info.pages, 8);
    CHECK_EQ(info.mapped, 0);
    CHECK_EQ(memory_map(run, process, (vaddr_t){CASE_PLACE}, 0, 8, ACCESS_READ | ACCESS_CLEAR), OK);
    for (size_t i = 0; i < 8 * PAGE_SIZE / sizeof *words; i++)
        CHECK_EQ(words[i], 0);
}

TEST(frames_that_the_case_has_cut_come_back_joined, .pages = 16)
{
    cap_t run = case_frames(), upper = case_slot(), middle = case_slot();
    CHECK_EQ(memory_split(run, 12, upper), OK);
    CHECK_EQ(memory_split(run, 4, middle), OK);
}

TEST(frames_are_lent_once, .pages = 4)
{
    struct cap_info info;
    cap_t run = case_frames();
    CHECK_EQ(cap_info(run, &info), OK);
    CHECK_EQ(info.type, TYPE_MEMORY);
    CHECK_EQ(info.rights & RIGHT_MANAGE, RIGHT_MANAGE);
}

PEER(says_its_word)(uint64_t word)
{
    struct message m = {.words = {word}};
    CHECK_EQ(ipc_call(case_endpoint(), &m), OK);
    exit((int)m.words[0]);
}

TEST(a_peer_is_another_process_that_ends_as_it_says)
{
    struct peer peer = peer_start(says_its_word, 41);
    struct message m;
    CHECK_EQ(ipc_recv(case_self(), FOREVER, &m), OK);
    CHECK_EQ(m.words[0], 41);
    m.words[0]++;
    m.tag = TAG(0, OK, 0, 0);
    CHECK_EQ(ipc_reply(&m), OK);
    struct case_end end = peer_wait(peer);
    CHECK_EQ(end.cause, FAULT_EXIT);
    CHECK_EQ(end.code, 42);
}

PEER(spins)(uint64_t word)
{
    for (volatile uint64_t i = word;; i++)
        ;
}

TEST(a_peer_that_spins_does_not_keep_the_case_from_its_end)
{
    CHECK_EQ(peer_kill(peer_start(spins, 0)).cause, FAULT_KILLED);
    peer_start(spins, 1); // testd ends this one
}

PEER(touches_null)(uint64_t word) { *(volatile uint64_t *)word = 1; }

TEST(a_peer_may_fault_and_the_case_learns_where)
{
    struct case_end end = peer_wait(peer_start(touches_null, 0x1238));
    CHECK_EQ(end.cause, EXCEPTION_PF);
    CHECK_EQ(end.address, 0x1238);
}

TEST(a_server_that_the_case_kills_lives_again, .calls = "echo", .kills = "echo")
{
    struct echo_badge_reply reply;
    case_kill("echo");
    CHECK_EQ(echo_badge(cap_named("echo"), &reply), OK);
}

TEST(only_the_server_that_was_declared_can_be_killed, .kills = "echo")
{
    case_kill("echo");
    EXPECT_DENIED(testd_kill_server(cap_named("testd"), "vga"));
}
