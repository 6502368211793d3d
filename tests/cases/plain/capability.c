// SPDX-License-Identifier: MIT
// Slots, rights, badges; and capabilities that travel in messages.
#include "common/mem.h"
#include "libsys/slots.h"
#include "libsys/stdlib.h"
#include "tests/cases/case.h"

static struct cap_info info_of(cap_t cap)
{
    struct cap_info info;
    CHECK_EQ(cap_info(cap, &info), OK);
    return info;
}

TEST(a_copy_has_the_rights_that_both_have)
{
    cap_t copy = case_slot(), again = case_slot();
    CHECK_EQ(cap_copy(case_self(), NO_CAP, copy.slot, RIGHT_SEND | RIGHT_NOTIFY), OK);
    CHECK_EQ(info_of(copy).rights, RIGHT_SEND | RIGHT_NOTIFY);
    CHECK_EQ(cap_copy(copy, NO_CAP, again.slot, RIGHT_NOTIFY | RIGHT_MANAGE | RIGHT_GRANT), OK);
    CHECK_EQ(info_of(again).rights, RIGHT_NOTIFY);
    CHECK_EQ(info_of(again).type, TYPE_ENDPOINT);
}

TEST(a_slot_that_is_used_is_not_written_over)
{
    cap_t clock = cap_named("clock");
    CHECK_EQ(cap_copy(case_self(), NO_CAP, clock.slot, RIGHTS_ALL), ERR_SLOT_USED);
    CHECK_EQ(cap_move(case_self(), NO_CAP, clock.slot), ERR_SLOT_USED);
    CHECK_EQ(cap_mint(case_self(), NO_CAP, clock.slot, RIGHTS_ALL, 1), ERR_SLOT_USED);
    CHECK_EQ(info_of(clock).type, TYPE_CLOCK);
}

TEST(slots_that_are_not_there_are_refused)
{
    static const uint32_t wrong[] = {0, 1u << 10, 1u << 16, 1u << 20, 0x7ffffff};
    struct cap_info info;
    CHECK_EQ(cap_info(NO_CAP, &info), ERR_NO_CAP);
    CHECK_EQ(cap_copy(case_self(), NO_CAP, start_page()->slot_count, RIGHTS_ALL), ERR_BAD_SLOT);
    CHECK_EQ(cap_info((cap_t){start_page()->slot_count}, &info), ERR_BAD_SLOT);
    for (size_t i = 1; i < sizeof wrong / sizeof *wrong; i++) {
        CHECK_EQ(cap_info((cap_t){wrong[i]}, &info), ERR_BAD_SLOT);
        CHECK_EQ(cap_copy(case_self(), NO_CAP, wrong[i], RIGHTS_ALL), ERR_BAD_SLOT);
    }
}

TEST(slot_0_never_holds_anything)
{
    struct cap_info info;
    CHECK(cap_copy(case_self(), NO_CAP, 0, RIGHTS_ALL) != OK);
    CHECK(cap_move(cap_named("clock"), NO_CAP, 0) != OK);
    CHECK_EQ(cap_info(NO_CAP, &info), ERR_NO_CAP);
    CHECK_EQ(info_of(cap_named("clock")).type, TYPE_CLOCK);
}

TEST(a_move_empties_the_source)
{
    cap_t first = case_slot(), second = case_slot();
    struct cap_info info;
    CHECK_EQ(cap_copy(case_self(), NO_CAP, first.slot, RIGHT_SEND), OK);
    CHECK_EQ(cap_move(first, NO_CAP, second.slot), OK);
    CHECK_EQ(cap_info(first, &info), ERR_NO_CAP);
    CHECK_EQ(info_of(second).rights, RIGHT_SEND);
    EXPECT_DENIED(cap_move(first, NO_CAP, first.slot));
}

TEST(what_is_dropped_is_gone_from_the_slot_and_lives_elsewhere)
{
    cap_t copy = case_slot();
    CHECK_EQ(cap_copy(case_self(), NO_CAP, copy.slot, RIGHTS_ALL), OK);
    CHECK_EQ(cap_drop(copy), OK);
    CHECK_EQ(cap_drop(copy), OK); // an empty one stays empty
    EXPECT_DENIED(notify(copy, 1));
    CHECK_EQ(notify(case_self(), 1), OK);
}

TEST(a_badge_is_set_once)
{
    cap_t badged = case_slot(), again = case_slot(), copy = case_slot();
    CHECK_EQ(cap_mint(case_self(), NO_CAP, badged.slot, RIGHTS_ALL, 0x1234567890abcdef), OK);
    CHECK_EQ(info_of(badged).badge, 0x1234567890abcdef);
    CHECK_EQ(cap_mint(badged, NO_CAP, again.slot, RIGHTS_ALL, 1), ERR_BADGED);
    CHECK_EQ(cap_copy(badged, NO_CAP, copy.slot, RIGHT_SEND), OK);
    CHECK_EQ(info_of(copy).badge, 0x1234567890abcdef);
}

TEST(only_the_manager_gives_badges)
{
    cap_t weak = case_slot();
    CHECK_EQ(cap_copy(case_self(), NO_CAP, weak.slot, RIGHTS_ALL & ~RIGHT_MANAGE), OK);
    EXPECT_DENIED(cap_mint(weak, NO_CAP, case_slot().slot, RIGHT_SEND, 1));
}

TEST(a_capability_of_another_type_is_named_as_such, .pages = 4, .process = true)
{
    cap_t run = case_frames(), own = cap_named("process");
    struct run_info run_info;
    struct process_info process;
    uint32_t value;
    CHECK_EQ(memory_info(case_self(), &run_info), ERR_WRONG_TYPE);
    CHECK_EQ(process_info(run, &process), ERR_WRONG_TYPE);
    CHECK_EQ(notify(own, 1), ERR_WRONG_TYPE);
    CHECK_EQ(thread_start(own, (vaddr_t){USER_BASE}, (vaddr_t){0}, 0), ERR_WRONG_TYPE);
    CHECK_EQ(ports_in(run, 0x60, 1, &value), ERR_WRONG_TYPE);
    CHECK_EQ(irq_ack(case_self()), ERR_WRONG_TYPE);
    CHECK_EQ(power(cap_named("clock"), POWER_OFF), ERR_WRONG_TYPE);
    CHECK_EQ(memory_map(run, case_self(), (vaddr_t){USER_BASE}, 0, 1, ACCESS_READ), ERR_WRONG_TYPE);
}

TEST(capabilities_go_into_the_table_of_a_process_that_one_manages, .pages = 16, .process = true)
{
    cap_t process = case_cut(3), weak = case_slot();
    CHECK_EQ(process_create(process), OK);
    CHECK_EQ(cap_copy(process, NO_CAP, weak.slot, RIGHTS_ALL & ~RIGHT_MANAGE), OK);
    CHECK_EQ(cap_copy(case_self(), process, 5, RIGHT_SEND), OK);
    CHECK_EQ(cap_copy(case_self(), process, 5, RIGHT_SEND), ERR_SLOT_USED);
    CHECK_EQ(cap_copy(case_self(), process, 128, RIGHT_SEND), ERR_BAD_SLOT);
    EXPECT_DENIED(cap_copy(case_self(), weak, 6, RIGHT_SEND));
    CHECK_EQ(cap_move(weak, process, 6), OK);
}

// --- in messages

PEER(takes_a_capability)(uint64_t bits)
{
    struct message m;
    struct cap_info info;
    CHECK_EQ(ipc_ready_slots(), OK);
    CHECK_EQ(ipc_recv(case_self(), FOREVER, &m), OK);
    CHECK_EQ(TAG_CAPS(m.tag), 1);
    cap_t taken = ipc_take_cap(0);
    CHECK_EQ(cap_info(taken, &info), OK);
    CHECK_EQ(info.rights, RIGHT_NOTIFY | RIGHT_GRANT);
    CHECK_EQ(info.badge, bits);
    CHECK_EQ(notify(taken, ~0ull), OK);
    m.tag = TAG(0, OK, 0, 0);
    CHECK_EQ(ipc_reply(&m), OK);
}

TEST(a_capability_travels_with_its_rights_and_its_badge)
{
    struct peer peer = peer_start(takes_a_capability, 0x30);
    cap_t gift = case_slot();
    struct message m = {.tag = TAG(0, 0, 0, 1)};
    CHECK_EQ(cap_mint(case_self(), NO_CAP, gift.slot, RIGHT_NOTIFY | RIGHT_GRANT, 0x30), OK);
    message_page()->send_slots[0] = gift.slot;
    CHECK_EQ(ipc_call(peer.endpoint, &m), OK);
    CHECK_EQ(ipc_recv(case_self(), 0, &m), OK);
    CHECK_EQ(m.bits, 0x30);              // the badge is the mask
    CHECK_EQ(info_of(gift).badge, 0x30); // the sender keeps its own
}

PEER(waits_to_be_called)(uint64_t word)
{
    struct message m;
    if (word == 0) memset(message_page()->receive_slots, 0, sizeof message_page()->receive_slots);
    while (ipc_recv(case_self(), FOREVER, &m) == OK) {
        m.words[0] = TAG_CAPS(m.tag);
        for (uint32_t i = 0; i < TAG_CAPS(m.tag); i++)
            cap_discard(ipc_take_cap(i));
        m.tag = TAG(0, OK, 0, 0);
        CHECK_EQ(ipc_reply(&m), OK);
    }
}

TEST(four_capabilities_travel_at_once_and_not_five)
{
    struct peer peer = peer_start(waits_to_be_called, 1);
    struct message m = {.tag = TAG(0, 0, 0, 4)};
    for (uint32_t i = 0; i < MESSAGE_CAPS; i++)
        message_page()->send_slots[i] = case_self().slot;
    CHECK_EQ(ipc_call(peer.endpoint, &m), OK);
    CHECK_EQ(m.words[0], 4);
    m = (struct message){.tag = TAG(0, 0, 0, 5)};
    CHECK_EQ(ipc_call(peer.endpoint, &m), ERR_BAD_MESSAGE);
}

TEST(a_capability_without_grant_stays_and_nothing_is_sent)
{
    struct peer peer = peer_start(waits_to_be_called, 1);
    cap_t kept = case_slot();
    struct message m = {.tag = TAG(0, 0, 0, 2)};
    CHECK_EQ(cap_copy(case_self(), NO_CAP, kept.slot, RIGHTS_ALL & ~RIGHT_GRANT), OK);
    message_page()->send_slots[0] = case_self().slot;
    message_page()->send_slots[1] = kept.slot;
    EXPECT_DENIED(ipc_call(peer.endpoint, &m));
    m = (struct message){.tag = TAG(0, 0, 0, 1)};
    CHECK_EQ(ipc_call(peer.endpoint, &m), OK); // its slots are as empty as before
    CHECK_EQ(m.words[0], 1);
}

TEST(a_receiver_without_slots_gets_no_capability)
{
    struct peer peer = peer_start(waits_to_be_called, 0);
    struct message m = {.tag = TAG(0, 0, 0, 1)};
    message_page()->send_slots[0] = case_self().slot;
    CHECK_EQ(ipc_call(peer.endpoint, &m), ERR_NO_SLOT);
    m = (struct message){0};
    CHECK_EQ(ipc_call(peer.endpoint, &m), OK);
    CHECK_EQ(m.words[0], 0);
}

TEST(a_capability_to_a_peer_is_dead_with_it)
{
    struct peer peer = peer_start(waits_to_be_called, 0);
    struct message m = {0};
    struct cap_info info;
    CHECK_EQ(ipc_call(peer.endpoint, &m), OK);
    CHECK_EQ(peer_kill(peer).cause, FAULT_KILLED);
    CHECK_EQ(cap_info(peer.endpoint, &info), ERR_NO_CAP);
    CHECK_EQ(ipc_call(peer.endpoint, &m), ERR_NO_CAP);
    CHECK_EQ(cap_copy(case_self(), NO_CAP, peer.endpoint.slot, RIGHTS_ALL), OK); // such a slot counts as empty
}
