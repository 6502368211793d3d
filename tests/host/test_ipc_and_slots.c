// SPDX-License-Identifier: MIT
// Calls that bring capabilities, sleeping, slots and names of libsys.
#include "tests/host/libsys_script.h"

TEST(a_call_returns_the_capabilities_that_were_expected_and_drops_the_rest)
{
    script_begin();
    cap_t arrived[MESSAGE_CAPS];
    struct message m = {.tag = TAG(0, 1, 0, 0)};
    caps_with_reply = 3;
    assert_int_equal(ipc_call_caps(SELF, &m, arrived, 2), OK);
    assert_int_equal(held(), 2);
    assert_true(holds[arrived[0].slot] && holds[arrived[1].slot]);
    m = (struct message){.tag = TAG(0, 1, 0, 0)};
    assert_int_equal(ipc_call(SELF, &m), OK);
    assert_int_equal(held(), 2);
    m = (struct message){.tag = TAG(0, 1, 0, 0), .words = {ERR_FULL}};
    assert_int_equal(ipc_call_caps(SELF, &m, arrived, 2), ERR_FULL);
    assert_int_equal(arrived[0].slot + arrived[1].slot, 0);
    assert_int_equal(held(), 2);
}

TEST(a_call_that_may_be_repeated_is_when_its_server_dies_but_not_for_ever)
{
    script_begin();
    cap_t arrived[MESSAGE_CAPS];
    deaths_left = 2;
    caps_with_reply = 1;
    struct message m = {.tag = TAG(0, 5, 8, 0), .words = {OK, 7}};
    assert_int_equal(ipc_call_caps_again(SELF, &m, arrived, 1), OK);
    assert_int_equal(calls_made, 3);
    assert_int_equal(last_call.tag, TAG(SYS_call, 5, 8, 0));
    assert_int_equal(last_call.words[1], 7);
    assert_int_equal(held(), 1);
    deaths_left = 1;
    caps_with_reply = 0;
    m = (struct message){.tag = TAG(0, 5, 8, 0), .words = {ERR_RANGE, 7}};
    assert_int_equal(ipc_call_again(SELF, &m), ERR_RANGE);
    assert_int_equal(calls_made, 5);
    deaths_left = 100;
    assert_int_equal(ipc_call_again(SELF, &m), ERR_SERVER_DIED);
    assert_int_equal(calls_made, 5 + IPC_TRIES);
    deaths_left = 1;
    assert_int_equal(ipc_call(SELF, &m), ERR_SERVER_DIED);
}

TEST(a_call_of_words_ends_as_any_other_call_does)
{
    script_begin();
    assert_int_equal(ipc_ready_slots(), OK);
    struct message m = {.tag = TAG(SYS_call, 5, 0, 0), .words = {OK, 7}};
    assert_int_equal(ipc_call_words(SELF, &m), OK);
    assert_int_equal(m.words[1], 7);
    m = (struct message){.tag = TAG(SYS_call, 5, 0, 0), .words = {ERR_RANGE}};
    assert_int_equal(ipc_call_words(SELF, &m), ERR_RANGE);
    length_with_reply = 8;
    m = (struct message){.tag = TAG(SYS_call, 5, 0, 0)};
    assert_int_equal(ipc_call_words(SELF, &m), ERR_BAD_MESSAGE);
    length_with_reply = 0;
    caps_with_reply = 2;
    m = (struct message){.tag = TAG(SYS_call, 5, 0, 0), .words = {OK, 9}};
    assert_int_equal(ipc_call_words(SELF, &m), OK);
    assert_int_equal(m.words[1], 9);
    assert_int_equal(held(), 0);
    deaths_left = 1;
    m = (struct message){.tag = TAG(SYS_call, 5, 0, 0)};
    assert_int_equal(ipc_call_words(SELF, &m), ERR_SERVER_DIED);
    assert_int_equal(calls_made, 5);
}

TEST(a_call_of_words_that_may_be_repeated_is_but_not_for_ever)
{
    script_begin();
    deaths_left = 2;
    struct message m = {.tag = TAG(SYS_call, 5, 0, 0), .words = {OK, 7, 8}};
    assert_int_equal(ipc_call_words_again(SELF, &m), OK);
    assert_int_equal(calls_made, 3);
    assert_int_equal(last_call.tag, TAG(SYS_call, 5, 0, 0));
    assert_int_equal(m.words[1], 7);
    assert_int_equal(m.words[2], 8);
    deaths_left = 1;
    m = (struct message){.tag = TAG(SYS_call, 5, 0, 0), .words = {ERR_RANGE}};
    assert_int_equal(ipc_call_words_again(SELF, &m), ERR_RANGE);
    assert_int_equal(calls_made, 5);
    deaths_left = 100;
    m = (struct message){.tag = TAG(SYS_call, 5, 0, 0)};
    assert_int_equal(ipc_call_words_again(SELF, &m), ERR_SERVER_DIED);
    assert_int_equal(calls_made, 5 + IPC_TRIES);
}

TEST(sleeping_keeps_bits_and_refuses_callers)
{
    script_begin();
    will_receive((struct message){.tag = KIND_NOTIFY, .bits = 1});
    will_receive_call(1, 0, 100, 0);
    script[1].bits = 4;
    will_receive((struct message){.tag = ERR_TIMEOUT});
    assert_int_equal(sleep_until(9000), OK);
    assert_int_equal(deadlines[2], 9000);
    assert_answer(0, 100, ERR_BUSY, 0);
    // The bits are there at once, without waiting, and only once.
    will_receive((struct message){.tag = ERR_TIMEOUT});
    will_receive((struct message){.tag = KIND_NOTIFY, .bits = 2});
    struct message m;
    assert_int_equal(ipc_recv(SELF, FOREVER, &m), OK);
    assert_int_equal(deadlines[3], 0);
    assert_int_equal(m.bits, 5);
    assert_int_equal(TAG_OPERATION(m.tag), KIND_NOTIFY);
    assert_int_equal(ipc_recv(SELF, FOREVER, &m), OK);
    assert_int_equal(deadlines[4], FOREVER);
    assert_int_equal(m.bits, 2);
}

TEST(kept_bits_come_together_with_a_message_that_is_there)
{
    script_begin();
    ipc_keep_bits(8);
    will_receive_call(1, 0, 100, 0);
    script[0].bits = 1;
    struct message m;
    assert_int_equal(ipc_recv(SELF, FOREVER, &m), OK);
    assert_int_equal(m.bits, 9);
    assert_int_equal(m.token, 100);
    ipc_keep_bits(16);
    assert_int_equal(ipc_recv(SELF, FOREVER, &m), ERR_NO_CAP);
    assert_int_equal(ipc_kept_bits(), 16);
}

TEST(a_deadline_never_wraps_around)
{
    assert_int_equal(deadline_in(5), 1005);
    assert_int_equal(deadline_in(FOREVER), FOREVER);
    assert_int_equal(deadline_in(FOREVER - 1000), FOREVER);
    assert_int_equal(deadline_in(FOREVER - 1001), FOREVER - 1);
}

TEST(slots_are_given_out_once_and_only_free_ones)
{
    script_begin();
    bool seen[SLOTS] = {0};
    for (uint32_t i = test_start.first_free_slot; i < SLOTS; i++) {
        cap_t slot = slot_alloc();
        assert_true(slot.slot >= test_start.first_free_slot && slot.slot < SLOTS);
        assert_false(seen[slot.slot]);
        seen[slot.slot] = true;
    }
    assert_int_equal(slot_alloc().slot, 0);
    slot_free((cap_t){17});
    assert_int_equal(slot_alloc().slot, 17);
    slot_free((cap_t){1}); // below the first free slot: not ours to give
    slot_free((cap_t){SLOTS});
    assert_int_equal(slot_alloc().slot, 0);
    assert_int_equal(ipc_ready_slots(), ERR_FULL);
}

TEST(reserved_slots_are_left_alone)
{
    script_begin();
    assert_int_equal(slot_reserve(2, 28), OK);
    assert_int_equal(slot_alloc().slot, 30);
    assert_int_equal(slot_reserve(30, 2), ERR_SLOT_USED);
    assert_int_equal(slot_alloc().slot, 0);
}

TEST(names_are_found_and_unknown_ones_are_not)
{
    const char longest[] = "a-name-of-23-characters";
    test_begin((const char *const[]){"self", "vga", longest, NULL}, SLOTS);
    assert_int_equal(cap_named("vga").slot, 2);
    assert_int_equal(cap_named(longest).slot, 3);
    assert_int_equal(cap_named("vg").slot, 0);
    assert_int_equal(cap_named("vga2").slot, 0);
    assert_int_equal(cap_named("").slot, 0);
    test_start.cap_count = UINT32_MAX; // a damaged page is not read beyond its end
    assert_int_equal(cap_named("nothing").slot, 0);
    assert_null(region_named("screen", NULL));
    test_start.region_count = 1;
    test_start.regions[0] = (struct start_region){"screen", 0x1000, 4000};
    uint64_t size;
    assert_ptr_equal(region_named("screen", &size), (void *)0x1000);
    assert_int_equal(size, 4000);
    assert_string_equal(process_name(), "test");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_call_returns_the_capabilities_that_were_expected_and_drops_the_rest),
        cmocka_unit_test(a_call_that_may_be_repeated_is_when_its_server_dies_but_not_for_ever),
        cmocka_unit_test(a_call_of_words_ends_as_any_other_call_does),
        cmocka_unit_test(a_call_of_words_that_may_be_repeated_is_but_not_for_ever),
        cmocka_unit_test(sleeping_keeps_bits_and_refuses_callers),
        cmocka_unit_test(kept_bits_come_together_with_a_message_that_is_there),
        cmocka_unit_test(a_deadline_never_wraps_around),
        cmocka_unit_test(slots_are_given_out_once_and_only_free_ones),
        cmocka_unit_test(reserved_slots_are_left_alone),
        cmocka_unit_test(names_are_found_and_unknown_ones_are_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
