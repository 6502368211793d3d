// SPDX-License-Identifier: MIT
// Calls, replies and tokens between two and three processes of the same priority.
#include "common/mem.h"
#include "libsys/stdlib.h"
#include "tests/cases/case.h"

#define SOON (50 * NS_PER_MS)

static void receive(struct message *m) { CHECK_EQ(ipc_recv(case_self(), deadline_in(SOON), m), OK); }

static err_t answer(struct message *m, uint64_t word)
{
    m->tag = TAG(0, OK, 0, 0);
    m->words[0] = word;
    return ipc_reply(m);
}

// Without receiving, so that callers stay in the queue.
static void others_run(uint64_t ns)
{
    for (uint64_t end = clock_now() + ns; clock_now() < end;)
        yield();
}

static uint64_t call(cap_t endpoint, uint64_t word)
{
    struct message m = {.words = {word}};
    CHECK_EQ(ipc_call(endpoint, &m), OK);
    return m.words[0];
}

// Answers words + 1 and the body turned round, until it is told 0.
PEER(mirrors)(uint64_t unused)
{
    (void)unused;
    struct message m;
    CHECK_EQ(ipc_recv(case_self(), FOREVER, &m), OK);
    while (m.words[0] != 0) {
        uint16_t length = TAG_LENGTH(m.tag);
        uint8_t *body = message_page()->body;
        for (uint32_t i = 0; i < length / 2u; i++) {
            uint8_t other = body[length - 1 - i];
            body[length - 1 - i] = body[i];
            body[i] = other;
        }
        for (int i = 0; i < MESSAGE_WORDS; i++)
            m.words[i]++;
        m.tag = TAG(0, TAG_METHOD(m.tag), length, 0);
        CHECK_EQ(ipc_reply_recv(&m), OK);
    }
    answer(&m, 0);
}

TEST(six_words_and_the_method_pass_in_both_directions)
{
    struct peer peer = peer_start(mirrors, 0);
    struct message m = {.tag = TAG(0, 0, 0, 0), .words = {1, 0x8000000000000000, UINT64_MAX, 4, 0xdead, 6}};
    CHECK_EQ(ipc_call(peer.endpoint, &m), OK);
    CHECK_EQ(m.words[0], 2);
    CHECK_EQ(m.words[1], 0x8000000000000001);
    CHECK_EQ(m.words[2], 0);
    CHECK_EQ(m.words[3], 5);
    CHECK_EQ(m.words[4], 0xdeae);
    CHECK_EQ(m.words[5], 7);
    CHECK_EQ(call(peer.endpoint, 0), 0);
    CHECK_EQ(peer_wait(peer).cause, FAULT_EXIT);
}

TEST(the_error_of_a_server_comes_back_as_it_was_sent)
{
    struct peer peer = peer_start(mirrors, 0);
    struct message m = {.tag = TAG(0, ERR_RANGE, 0, 0), .words = {1}};
    CHECK_EQ(ipc_call(peer.endpoint, &m), ERR_RANGE);
    m = (struct message){.tag = TAG(0, 0x7ffffffe, 0, 0), .words = {1}};
    CHECK_EQ(ipc_call(peer.endpoint, &m), 0x7ffffffe);
}

TEST(a_server_cannot_forge_an_error_of_the_kernel)
{
    struct peer peer = peer_start(mirrors, 0);
    struct message m = {.tag = TAG(SYS_call, ERR_SERVER_DIED, 0, 0), .words = {1}};
    CHECK_EQ(trap(peer.endpoint, &m), KIND_REPLY); // the low half, which the kernel alone writes
    CHECK_EQ(TAG_METHOD(m.tag), ERR_SERVER_DIED);
}

TEST(bodies_of_every_length_arrive_whole)
{
    struct peer peer = peer_start(mirrors, 0);
    static const uint16_t lengths[] = {1, 2, 7, 8, 9, 63, 64, 65, 1000, 4063, 4064};
    for (size_t n = 0; n < sizeof lengths / sizeof *lengths; n++) {
        struct message m = {.tag = TAG(0, 0, lengths[n], 0), .words = {1}};
        for (uint32_t i = 0; i < lengths[n]; i++)
            message_page()->body[i] = (uint8_t)(i * 7 + n);
        CHECK_EQ(ipc_call(peer.endpoint, &m), OK);
        CHECK_EQ(TAG_LENGTH(m.tag), lengths[n]);
        for (uint32_t i = 0; i < lengths[n]; i++)
            CHECK_EQ(message_page()->body[lengths[n] - 1 - i], (uint8_t)(i * 7 + n));
    }
}

TEST(a_body_that_is_too_long_is_refused_and_not_sent)
{
    struct peer peer = peer_start(mirrors, 0);
    struct message m = {.tag = TAG(0, 0, MESSAGE_MAX + 1, 0), .words = {1}};
    CHECK_EQ(ipc_call(peer.endpoint, &m), ERR_BAD_MESSAGE);
    m = (struct message){.tag = TAG(0, 0, 0xffff, 0), .words = {0}};
    CHECK_EQ(ipc_call(peer.endpoint, &m), ERR_BAD_MESSAGE);
    CHECK_EQ(call(peer.endpoint, 5), 6); // the 0 that would have ended it never came
}

TEST(what_is_behind_the_body_stays_at_home)
{
    struct peer peer = peer_start(mirrors, 0);
    struct message m = {.tag = TAG(0, 0, 4, 0), .words = {1}};
    memcpy(message_page()->body, "abcdSECRET", 10);
    CHECK_EQ(ipc_call(peer.endpoint, &m), OK);
    CHECK(memcmp(message_page()->body, "dcbaSECRET", 10) == 0);
    m = (struct message){.tag = TAG(0, 0, 10, 0), .words = {1}};
    memset(message_page()->body, 0, 10);
    CHECK_EQ(ipc_call(peer.endpoint, &m), OK);
    for (int i = 0; i < 10; i++)
        CHECK_EQ(message_page()->body[i], 0); // and nothing of the peer's page came along
}

PEER(calls_with_its_word)(uint64_t word)
{
    struct message m = {.words = {word}};
    err_t err = ipc_call(case_endpoint(), &m);
    exit(err == OK ? (int)m.words[0] : 200 + (int)err);
}

TEST(a_caller_is_answered_once)
{
    struct message m;
    struct peer peer = peer_start(calls_with_its_word, 1);
    receive(&m);
    uint64_t token = m.token;
    CHECK(token != 0);
    CHECK_EQ(answer(&m, 11), OK);
    m.token = token;
    CHECK_EQ(answer(&m, 12), ERR_NO_CALLER);
    CHECK_EQ(peer_wait(peer).code, 11);
}

TEST(a_token_that_nobody_has_answers_nobody)
{
    struct message m;
    struct peer peer = peer_start(calls_with_its_word, 1);
    receive(&m);
    uint64_t token = m.token;
    for (uint32_t bit = 0; bit < 64; bit++) {
        m.token = token ^ BIT(bit);
        CHECK_EQ(answer(&m, 99), ERR_NO_CALLER);
    }
    m.token = 0;
    CHECK_EQ(answer(&m, 99), ERR_NO_CALLER);
    m.token = token;
    CHECK_EQ(answer(&m, 3), OK);
    CHECK_EQ(peer_wait(peer).code, 3);
}

// Tries to answer somebody else's caller: the case names its token.
PEER(answers_for_another)(uint64_t unused)
{
    (void)unused;
    struct message m, forged = {0};
    CHECK_EQ(ipc_recv(case_self(), FOREVER, &m), OK);
    forged.token = m.words[0];
    err_t err = answer(&forged, 66);
    CHECK_EQ(answer(&m, err), OK);
}

TEST(nobody_answers_the_caller_of_another)
{
    struct message m;
    struct peer forger = peer_start(answers_for_another, 0), peer = peer_start(calls_with_its_word, 1);
    receive(&m);
    CHECK_EQ(call(forger.endpoint, m.token), ERR_NO_CALLER);
    CHECK_EQ(answer(&m, 5), OK);
    CHECK_EQ(peer_wait(peer).code, 5);
}

TEST(callers_may_be_answered_in_any_order)
{
    struct message first, second, third;
    struct peer peers[] = {peer_start(calls_with_its_word, 1), peer_start(calls_with_its_word, 2),
                           peer_start(calls_with_its_word, 3)};
    receive(&first);
    receive(&second);
    receive(&third);
    CHECK_EQ(first.words[0], 1); // in the order in which they called
    CHECK_EQ(second.words[0], 2);
    CHECK_EQ(third.words[0], 3);
    CHECK_EQ(answer(&second, 12), OK);
    CHECK_EQ(answer(&third, 13), OK);
    CHECK_EQ(answer(&first, 11), OK);
    for (uint64_t i = 0; i < 3; i++)
        CHECK_EQ(peer_wait(peers[i]).code, 11 + i);
}

TEST(a_caller_that_died_is_forgotten)
{
    struct message m;
    struct peer peer = peer_start(calls_with_its_word, 1);
    receive(&m);
    CHECK_EQ(peer_kill(peer).cause, FAULT_KILLED);
    CHECK_EQ(answer(&m, 1), ERR_NO_CALLER);
    EXPECT_TIMEOUT(NS_PER_MS, ipc_recv(case_self(), deadline, &m));
}

TEST(a_caller_that_died_in_the_queue_is_not_received)
{
    struct message m;
    struct peer peer = peer_start(calls_with_its_word, 1);
    others_run(3 * NS_PER_MS); // it is in the queue then
    CHECK_EQ(peer_kill(peer).cause, FAULT_KILLED);
    EXPECT_TIMEOUT(NS_PER_MS, ipc_recv(case_self(), deadline, &m));
}

PEER(dies_with_a_caller)(uint64_t receives)
{
    struct message m;
    for (uint64_t i = 0; i < receives; i++)
        CHECK_EQ(ipc_recv(case_self(), FOREVER, &m), OK);
    exit(1);
}

TEST(a_server_that_dies_releases_its_caller)
{
    struct message m = {.words = {1}};
    struct peer peer = peer_start(dies_with_a_caller, 1);
    CHECK_EQ(ipc_call(peer.endpoint, &m), ERR_SERVER_DIED);
    CHECK_EQ(ipc_call(peer.endpoint, &m), ERR_NO_CAP); // its endpoint went with it
}

PEER(calls_the_other)(uint64_t unused)
{
    (void)unused;
    struct message m;
    CHECK_EQ(ipc_ready_slots(), OK);
    CHECK_EQ(ipc_recv(case_self(), FOREVER, &m), OK);
    cap_t other = ipc_take_cap(0);
    CHECK_EQ(answer(&m, 0), OK);
    m = (struct message){.words = {1}};
    exit(200 + (int)ipc_call(other, &m));
}

TEST(a_server_that_dies_releases_those_that_it_owes_too)
{
    struct peer server = peer_start(dies_with_a_caller, 2), client = peer_start(calls_the_other, 0);
    struct message m = {.tag = TAG(0, 0, 0, 1)};
    message_page()->send_slots[0] = server.endpoint.slot;
    CHECK_EQ(ipc_call(client.endpoint, &m), OK);
    CHECK_EQ(sleep_for(NS_PER_MS), OK); // the client's call is received and owed an answer
    m = (struct message){0};
    CHECK_EQ(ipc_call(server.endpoint, &m), ERR_SERVER_DIED);
    CHECK_EQ(peer_wait(client).code, 200 + ERR_SERVER_DIED);
}

PEER(sends_and_goes_on)(uint64_t word)
{
    struct message m = {.tag = TAG(0, 9, 0, 0), .words = {word}};
    exit((int)ipc_send(case_endpoint(), &m));
}

TEST(who_sends_does_not_wait_for_an_answer)
{
    struct message m;
    struct peer peer = peer_start(sends_and_goes_on, 5);
    receive(&m);
    CHECK_EQ(TAG_OPERATION(m.tag), KIND_SEND);
    CHECK_EQ(TAG_METHOD(m.tag), 9);
    CHECK_EQ(m.words[0], 5);
    CHECK_EQ(m.token, 0);
    CHECK_EQ(answer(&m, 1), ERR_NO_CALLER);
    CHECK_EQ(peer_wait(peer).code, OK);
}

TEST(nobody_calls_himself)
{
    struct message m = {0};
    CHECK_EQ(ipc_call(case_self(), &m), ERR_SELF);
    CHECK_EQ(ipc_send(case_self(), &m), ERR_SELF);
}

TEST(only_the_receiver_receives)
{
    struct peer peer = peer_start(mirrors, 0);
    struct message m;
    EXPECT_DENIED(ipc_recv(peer.endpoint, 0, &m));
    EXPECT_DENIED(ipc_recv(cap_named("testd"), 0, &m));
    EXPECT_DENIED(ipc_recv(NO_CAP, 0, &m));
    CHECK_EQ(call(peer.endpoint, 1), 2);
}

TEST(without_the_right_to_send_nothing_is_sent)
{
    struct peer peer = peer_start(mirrors, 0);
    struct message m = {0};
    cap_t weak = case_slot();
    CHECK_EQ(cap_copy(peer.endpoint, NO_CAP, weak.slot, RIGHTS_ALL & ~RIGHT_SEND), OK);
    EXPECT_DENIED(ipc_call(weak, &m));
    EXPECT_DENIED(ipc_send(weak, &m));
    CHECK_EQ(call(peer.endpoint, 1), 2);
}

TEST(who_waits_in_the_queue_of_an_endpoint_that_ends_is_told)
{
    struct peer peers[] = {peer_start(calls_with_its_word, 1), peer_start(sends_and_goes_on, 2)};
    others_run(3 * NS_PER_MS);
    CHECK_EQ(endpoint_destroy(case_self()), OK);
    CHECK_EQ(peer_wait(peers[0]).code, 200 + ERR_GONE);
    CHECK_EQ(peer_wait(peers[1]).code, ERR_GONE);
}

TEST(who_sleeps_answers_callers_that_he_is_busy)
{
    struct peer peer = peer_start(calls_with_its_word, 1);
    CHECK_EQ(sleep_for(10 * NS_PER_MS), OK);
    CHECK_EQ(peer_wait(peer).code, 200 + ERR_BUSY);
}

PEER(calls_with_badges)(uint64_t unused)
{
    (void)unused;
    for (uint64_t badge = 1; badge <= 3; badge++) {
        struct message m = {.words = {badge}};
        cap_t badged = case_slot();
        CHECK_EQ(cap_mint(case_endpoint(), NO_CAP, badged.slot, RIGHT_SEND, badge << 40), OK);
        CHECK_EQ(ipc_call(badged, &m), OK);
    }
}

TEST(the_receiver_sees_the_badge_of_the_capability_that_was_called)
{
    struct peer peer = peer_start(calls_with_badges, 0);
    for (uint64_t badge = 1; badge <= 3; badge++) {
        struct message m;
        receive(&m);
        CHECK_EQ(m.badge, badge << 40);
        CHECK_EQ(m.words[0], badge);
        CHECK_EQ(answer(&m, 0), OK);
    }
    CHECK_EQ(peer_wait(peer).code, 0);
}

TEST(who_was_received_is_answered_although_the_endpoint_has_ended)
{
    struct message m, none;
    cap_t extra = case_slot();
    struct peer peer = peer_start(calls_with_its_word, 1);
    CHECK_EQ(cap_copy(case_self(), NO_CAP, extra.slot, RIGHTS_ALL), OK);
    receive(&m);
    CHECK_EQ(endpoint_destroy(extra), OK);
    EXPECT_DENIED(ipc_recv(case_self(), 0, &none));
    CHECK_EQ(answer(&m, 9), OK); // it was received: it is owed its answer all the same
    CHECK_EQ(peer_wait(peer).code, 9);
}

TEST(malformed_tags_are_no_operations)
{
    static const uint64_t tags[] = {
        TAG(SYSCALL_COUNT, 0, 0, 0), TAG(255, 0, 0, 0),      TAG(128, 0, 0, 0),          TAG(SYS_null, 1, 0, 0),
        TAG(SYS_null, 0, 1, 0),      TAG(SYS_recv, 0, 0, 1), TAG(SYS_cap_info, 0, 8, 0), TAG(SYS_yield, 0, 0, 2),
    };
    for (size_t i = 0; i < sizeof tags / sizeof *tags; i++) {
        struct message m = {.tag = tags[i]};
        CHECK_EQ(trap(case_self(), &m), ERR_BAD_SYSCALL);
    }
}
