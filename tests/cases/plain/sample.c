// SPDX-License-Identifier: MIT
// The sample of docs/testing.md, "Write a case".
#include "interfaces/echo.h"
#include "libsys/stdlib.h"
#include "tests/cases/case.h"

TEST(a_block_of_malloc_is_aligned)
{
    for (size_t size = 1; size < 1000; size++)
        CHECK_EQ((uint64_t)malloc(size) % 16, 0);
}

TEST(echo_says_the_same, .calls = "echo")
{
    struct echo_say_reply reply;
    CHECK_EQ(echo_say(cap_named("echo"), "hello", &reply), OK);
    CHECK_TEXT(reply.text, "hello");
}

TEST(text_is_not_writable)
{
    char *text = (char *)"constant";
    EXPECT_FAULT_AT(text, *(volatile char *)text = 'k');
}

PEER(doubles)(uint64_t times)
{
    struct message m;
    CHECK_EQ(ipc_recv(case_self(), FOREVER, &m), OK);
    m.words[0] *= times;
    m.tag = TAG(0, OK, 0, 0);
    CHECK_EQ(ipc_reply(&m), OK);
}

TEST(a_peer_doubles)
{
    struct peer peer = peer_start(doubles, 2);
    struct message m = {.words = {21}};
    CHECK_EQ(ipc_call(peer.endpoint, &m), OK);
    CHECK_EQ(m.words[0], 42);
}
