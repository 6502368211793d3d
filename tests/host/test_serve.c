// SPDX-License-Identifier: MIT
// The server loop of libsys, one script after the other.
#include "tests/host/libsys_script.h"

#include "abi/fault.h"
#include "libsys/serve.c"

// --- the server: adds one to the first word; method 9 answers later, 8 keeps its capabilities, 7 fails, 6 and 5
// answer with as many bytes or capabilities as the word says, 4 keeps bits, 3 frees a slot

static uint64_t kept_token, bits_seen;
static cap_t kept_caps[MESSAGE_CAPS];
static uint32_t kept_count, timeouts, dispatched, answers_at_bits;

static err_t dispatch(const struct server *server, struct caller *from, struct message *m)
{
    dispatched++;
    assert_int_equal(from->badge, 77);
    assert_int_equal(from->cap_count, TAG_CAPS(m->tag));
    assert_ptr_equal(server->methods, &kept_token);
    const uint32_t method = TAG_METHOD(m->tag);
    const uint64_t word = m->words[0];
    *m = (struct message){.words = {word + 1}};
    switch (method) {
    case 9:
        kept_token = from->token;
        return DEFERRED;
    case 8:
        for (uint32_t i = 0; i < from->cap_count; i++)
            kept_caps[kept_count++] = caller_keep(from, i);
        return OK;
    case 7:
        return ERR_RANGE;
    case 4:
        ipc_keep_bits(32);
        return OK;
    case 3:
        slot_free((cap_t){(uint32_t)word});
        return OK;
    case 6:
        m->tag = TAG(0, 0, word, 0);
        return OK;
    case 5:
        m->tag = TAG(0, 0, 0, word);
        return OK;
    default:
        return OK;
    }
}

static void notified(uint64_t bits)
{
    bits_seen |= bits;
    answers_at_bits = (uint32_t)answer_count;
}

static void timeout(void) { timeouts++; }

static err_t fault(struct caller *from, struct message *m)
{
    assert_int_equal(m->tag, 0);
    assert_int_equal(from->length, 288);
    return m->words[FAULT_CAUSE] == 14 ? OK : ERR_DENIED;
}

static void begin(void)
{
    script_begin();
    kept_token = bits_seen = 0;
    kept_count = timeouts = dispatched = answers_at_bits = 0;
}

static void run(uint64_t *deadline)
{
    const struct server server = {.dispatch = dispatch,
                                  .notified = notified,
                                  .fault = fault,
                                  .timeout = timeout,
                                  .deadline = deadline,
                                  .methods = &kept_token};
    assert_int_equal(serve(SELF, &server), ERR_NO_CAP);
    assert_int_equal(script_at, script_length);
}

TEST(each_call_is_answered_once_and_in_order)
{
    begin();
    for (uint64_t i = 0; i < 10; i++)
        will_receive_call(1, i, 100 + i, 0);
    run(NULL);
    assert_int_equal(answer_count, 10);
    for (size_t i = 0; i < 10; i++)
        assert_answer(i, 100 + i, OK, i + 1);
}

// As a handler's sleep leaves them.
TEST(bits_that_were_kept_meanwhile_do_not_wait_for_the_next_message)
{
    begin();
    will_receive_call(1, 1, 100, 0);
    will_receive_call(4, 2, 101, 0); // keeps bits
    will_receive((struct message){.tag = ERR_TIMEOUT});
    will_receive_call(1, 3, 102, 0);
    run(NULL);
    assert_int_equal(answer_count, 3);
    assert_answer(1, 101, OK, 3);
    assert_int_equal(deadlines[2], 0);
    assert_int_equal(bits_seen, 32);
    assert_answer(2, 102, OK, 4);
}

TEST(a_place_without_a_slot_gets_one_as_soon_as_there_is_one)
{
    begin();
    cap_t last = NO_CAP;
    for (cap_t slot = slot_alloc(); slot.slot != 0; slot = slot_alloc())
        last = slot;
    will_receive_call(1, 1, 100, 0);
    will_receive_call(3, last.slot, 101, 0); // frees that slot
    will_receive_call(1, 2, 102, 0);
    run(NULL);
    assert_int_equal(answer_count, 3);
    assert_int_equal(test_page.receive_slots[0], last.slot);
}

TEST(an_error_is_sent_alone)
{
    begin();
    will_receive_call(7, 5, 100, 0);
    run(NULL);
    assert_answer(0, 100, ERR_RANGE, 0);
    assert_int_equal(answers[0].tag, TAG(0, ERR_RANGE, 0, 0));
}

TEST(a_send_is_handled_and_not_answered)
{
    begin();
    will_receive((struct message){.tag = TAG(KIND_SEND, 1, 0, 0), .badge = 77});
    run(NULL);
    assert_int_equal(dispatched, 1);
    assert_int_equal(answer_count, 0);
}

TEST(a_deferred_call_is_answered_later_by_its_token)
{
    begin();
    will_receive_call(9, 5, 100, 0);
    will_receive_call(1, 6, 101, 0);
    run(NULL);
    assert_int_equal(answer_count, 1);
    assert_answer(0, 101, OK, 7);
    assert_int_equal(kept_token, 100);
}

TEST(bits_that_come_with_a_message_wait_until_its_answer_is_out)
{
    begin();
    will_receive_call(1, 1, 100, 0);
    script[0].bits = 6;
    will_receive((struct message){.tag = KIND_NOTIFY, .bits = 8});
    run(NULL);
    assert_int_equal(bits_seen, 14);
    assert_int_equal(answers_at_bits, 1);
    assert_int_equal(dispatched, 1);
    assert_answer(0, 100, OK, 2);
}

TEST(the_loop_answers_heartbeats_itself)
{
    begin();
    test_begin((const char *const[]){"self", "heartbeat", NULL}, SLOTS);
    will_receive((struct message){.tag = KIND_NOTIFY, .bits = HEARTBEAT_BIT | 4});
    will_receive((struct message){.tag = KIND_NOTIFY, .bits = HEARTBEAT_BIT});
    run(NULL);
    assert_int_equal(notified_cap.slot, cap_named("heartbeat").slot);
    assert_int_equal(notified_bits, ~0ull);
    assert_int_equal(bits_seen, 4);
}

TEST(a_deadline_is_read_before_each_wait_and_the_answer_goes_out_before_it)
{
    begin();
    uint64_t deadline = 5000;
    will_receive_call(1, 1, 100, 0);
    will_receive((struct message){.tag = ERR_TIMEOUT});
    will_receive_call(1, 2, 101, 0);
    run(&deadline);
    assert_int_equal(timeouts, 1);
    assert_int_equal(answer_count, 2);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(deadlines[i], 5000);
}

TEST(faults_go_to_the_fault_handler_and_its_verdict_back)
{
    begin();
    for (uint64_t cause = 13; cause < 15; cause++)
        will_receive(
            (struct message){.tag = TAG(KIND_FAULT, 0, 288, 0), .badge = 3, .words = {cause}, .token = 90 + cause});
    run(NULL);
    assert_answer(0, 103, ERR_DENIED, 0);
    assert_answer(1, 104, OK, 14);
    assert_int_equal(TAG_LENGTH(answers[1].tag), 0); // or the words would be taken for registers
}

TEST(a_server_without_a_fault_handler_refuses_faults)
{
    begin();
    will_receive((struct message){.tag = TAG(KIND_FAULT, 0, 288, 0), .token = 5});
    const struct server server = {.dispatch = dispatch};
    assert_int_equal(serve(SELF, &server), ERR_NO_CAP);
    assert_answer(0, 5, ERR_NO_METHOD, 0);
}

TEST(an_unknown_kind_is_answered_too)
{
    begin();
    will_receive((struct message){.tag = 60, .token = 5});
    run(NULL);
    assert_answer(0, 5, ERR_BAD_MESSAGE, 0);
    assert_int_equal(dispatched, 0);
}

TEST(clients_that_send_capabilities_nobody_wants_do_not_fill_the_table)
{
    begin();
    for (uint64_t i = 0; i < 30; i++)
        will_receive_call(1, i, 100 + i, (uint32_t)(1 + i % 4));
    run(NULL);
    assert_int_equal(dispatched, 30);
    assert_int_equal(held(), 0);
}

TEST(capabilities_that_a_handler_keeps_are_its_own_until_it_discards_them)
{
    begin();
    will_receive_call(8, 0, 100, 2);
    will_receive_call(8, 0, 101, 2);
    run(NULL);
    assert_int_equal(held(), 4);
    for (size_t i = 0; i < 4; i++)
        cap_discard(kept_caps[i]);
    assert_int_equal(held(), 0);
}

TEST(an_answer_that_no_message_can_carry_becomes_an_error)
{
    begin();
    will_receive_call(6, 4065, 100, 0);
    will_receive_call(5, 5, 101, 0);
    will_receive_call(6, 4064, 102, 0);
    run(NULL);
    assert_int_equal(answers[0].tag, TAG(0, ERR_BAD_MESSAGE, 0, 0));
    assert_int_equal(answers[1].tag, TAG(0, ERR_BAD_MESSAGE, 0, 0));
    assert_int_equal(answers[2].tag, TAG(0, OK, 4064, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_call_is_answered_once_and_in_order),
        cmocka_unit_test(bits_that_were_kept_meanwhile_do_not_wait_for_the_next_message),
        cmocka_unit_test(a_place_without_a_slot_gets_one_as_soon_as_there_is_one),
        cmocka_unit_test(an_error_is_sent_alone),
        cmocka_unit_test(a_send_is_handled_and_not_answered),
        cmocka_unit_test(a_deferred_call_is_answered_later_by_its_token),
        cmocka_unit_test(bits_that_come_with_a_message_wait_until_its_answer_is_out),
        cmocka_unit_test(the_loop_answers_heartbeats_itself),
        cmocka_unit_test(a_deadline_is_read_before_each_wait_and_the_answer_goes_out_before_it),
        cmocka_unit_test(faults_go_to_the_fault_handler_and_its_verdict_back),
        cmocka_unit_test(a_server_without_a_fault_handler_refuses_faults),
        cmocka_unit_test(an_unknown_kind_is_answered_too),
        cmocka_unit_test(clients_that_send_capabilities_nobody_wants_do_not_fill_the_table),
        cmocka_unit_test(capabilities_that_a_handler_keeps_are_its_own_until_it_discards_them),
        cmocka_unit_test(an_answer_that_no_message_can_carry_becomes_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
