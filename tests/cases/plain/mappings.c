// SPDX-License-Identifier: MIT
// Mappings that a process makes in itself, when it may.
#include "common/mem.h"
#include "libsys/slots.h"
#include "libsys/syscall.h"
#include "tests/cases/case.h"
#include "tests/cases/frames.h"

#define RW (ACCESS_READ | ACCESS_WRITE)
#define SECOND_PLACE (CASE_PLACE + 0x40000000)

static cap_t process(void) { return cap_named("process"); }

static err_t map(cap_t run, uint64_t at, uint64_t first, uint32_t access)
{
    return memory_map(run, process(), (vaddr_t){at}, first, 1, access);
}

static err_t unmap(uint64_t at) { return process_unmap(process(), (vaddr_t){at}, 1); }

static uint64_t mapped(cap_t run)
{
    struct run_info info;
    CHECK_EQ(memory_info(run, &info), OK);
    return info.mapped;
}

static volatile uint64_t *word_at(uint64_t address) { return (volatile uint64_t *)address; }

TEST(a_page_is_gone_at_the_instant_of_its_unmapping, .pages = 2, .process = true)
{
    cap_t run = case_frames();
    CHECK_EQ(map(run, CASE_PLACE, 0, RW | ACCESS_CLEAR), OK);
    CHECK_EQ(map(run, CASE_PLACE + PAGE_SIZE, 1, RW | ACCESS_CLEAR), OK); // keeps the page table
    *word_at(CASE_PLACE) = 1;
    CHECK_EQ(unmap(CASE_PLACE), OK);
    EXPECT_FAULT_AT(CASE_PLACE, (void)*word_at(CASE_PLACE));
    EXPECT_FAULT_AT(CASE_PLACE, *word_at(CASE_PLACE) = 1);
    CHECK_EQ(unmap(CASE_PLACE + PAGE_SIZE), OK);
}

TEST(a_page_that_became_read_only_cannot_be_written, .pages = 2, .process = true)
{
    cap_t run = case_frames();
    CHECK_EQ(map(run, CASE_PLACE, 0, RW | ACCESS_CLEAR), OK);
    CHECK_EQ(map(run, CASE_PLACE + PAGE_SIZE, 1, RW | ACCESS_CLEAR), OK);
    *word_at(CASE_PLACE) = 7;
    CHECK_EQ(unmap(CASE_PLACE), OK);
    CHECK_EQ(map(run, CASE_PLACE, 0, ACCESS_READ), OK);
    CHECK_EQ(*word_at(CASE_PLACE), 7);
    EXPECT_FAULT_AT(CASE_PLACE, *word_at(CASE_PLACE) = 1);
    CHECK_EQ(process_unmap(process(), (vaddr_t){CASE_PLACE}, 2), OK);
}

TEST(a_page_that_was_protected_has_lost_its_right, .pages = 1, .process = true)
{
    cap_t run = case_frames();
    CHECK_EQ(map(run, CASE_PLACE, 0, RW | ACCESS_CLEAR), OK);
    *word_at(CASE_PLACE) = 7;
    CHECK_EQ(process_protect(process(), (vaddr_t){CASE_PLACE}, 1, ACCESS_READ), OK);
    CHECK_EQ(*word_at(CASE_PLACE), 7);
    EXPECT_FAULT_AT(CASE_PLACE, *word_at(CASE_PLACE) = 1);
    EXPECT_DENIED(process_protect(process(), (vaddr_t){CASE_PLACE}, 1, RW)); // what is lost does not come back
    CHECK_EQ(unmap(CASE_PLACE), OK);
}

TEST(data_does_not_run_and_code_is_not_written, .pages = 1, .process = true)
{
    cap_t run = case_frames();
    CHECK_EQ(map(run, CASE_PLACE, 0, RW | ACCESS_CLEAR), OK);
    memcpy((void *)CASE_PLACE, "\xb8\x2a\0\0\0\xc3", 6); // mov eax, 42; ret
    EXPECT_FAULT_AT(CASE_PLACE, ((void (*)(void))CASE_PLACE)());
    CHECK_EQ(unmap(CASE_PLACE), OK);
    CHECK_EQ(map(run, CASE_PLACE, 0, ACCESS_READ | ACCESS_EXECUTE), OK);
    CHECK_EQ(((int (*)(void))CASE_PLACE)(), 42);
    EXPECT_FAULT_AT(CASE_PLACE, *word_at(CASE_PLACE) = 1);
    CHECK_EQ(map(run, SECOND_PLACE, 0, RW), ERR_WX);
    CHECK_EQ(unmap(CASE_PLACE), OK);
}

TEST(a_frame_mapped_twice_is_one_frame, .pages = 1, .process = true)
{
    cap_t run = case_frames();
    CHECK_EQ(map(run, CASE_PLACE, 0, RW | ACCESS_CLEAR), OK);
    CHECK_EQ(map(run, SECOND_PLACE, 0, RW), OK);
    CHECK_EQ(mapped(run), 2);
    *word_at(CASE_PLACE) = 5;
    CHECK_EQ(*word_at(SECOND_PLACE), 5);
    CHECK_EQ(unmap(CASE_PLACE), OK);
    CHECK_EQ(*word_at(SECOND_PLACE), 5);
    CHECK_EQ(map(run, CASE_PLACE, 0, RW | ACCESS_CLEAR), ERR_MAPPED); // it would be cleared under the other
    CHECK_EQ(unmap(SECOND_PLACE), OK);
}

TEST(nothing_is_mapped_over_something_else, .pages = 2, .process = true)
{
    cap_t run = case_frames();
    uint64_t here = (uint64_t)&map & ~(PAGE_SIZE - 1);
    CHECK_EQ(map(run, CASE_PLACE, 0, RW | ACCESS_CLEAR), OK);
    *word_at(CASE_PLACE) = 3;
    CHECK_EQ(map(run, CASE_PLACE, 1, RW), ERR_MAPPED);
    CHECK_EQ(map(run, here, 1, RW), ERR_MAPPED);
    CHECK_EQ(map(run, USER_START_PAGE, 1, RW), ERR_MAPPED);
    CHECK_EQ(*word_at(CASE_PLACE), 3);
    CHECK_EQ(unmap(CASE_PLACE), OK);
}

TEST(a_query_says_what_was_mapped, .pages = 2, .process = true)
{
    cap_t run = case_frames();
    struct mapping_info info;
    struct run_info frames;
    CHECK_EQ(memory_info(run, &frames), OK);
    CHECK_EQ(process_query(process(), (vaddr_t){CASE_PLACE}, &info), ERR_NOT_MAPPED);
    CHECK_EQ(map(run, CASE_PLACE, 1, ACCESS_READ), OK);
    CHECK_EQ(process_query(process(), (vaddr_t){CASE_PLACE + 0x123}, &info), OK);
    CHECK_EQ(info.address.raw, frames.address.raw + PAGE_SIZE + 0x123);
    CHECK_EQ(info.access, ACCESS_READ);
    CHECK_EQ(info.size, PAGE_SIZE);
    CHECK_EQ(unmap(CASE_PLACE), OK);
}

TEST(page_tables_are_taken_from_the_pool_and_go_back, .pages = 1, .process = true)
{
    cap_t run = case_frames();
    struct process_info before, after;
    CHECK_EQ(process_info(process(), &before), OK);
    CHECK_EQ(map(run, CASE_PLACE, 0, RW | ACCESS_CLEAR), OK);
    CHECK_EQ(process_info(process(), &after), OK);
    CHECK(after.pool_free < before.pool_free);
    CHECK_EQ(after.mapped, before.mapped + 1);
    CHECK_EQ(unmap(CASE_PLACE), OK);
    CHECK_EQ(process_info(process(), &after), OK);
    CHECK_EQ(after.pool_free, before.pool_free);
    CHECK_EQ(after.mapped, before.mapped);
}

TEST(without_the_right_nothing_is_mapped, .pages = 1)
{
    cap_t run = case_frames();
    EXPECT_DENIED(map(run, CASE_PLACE, 0, RW));
    EXPECT_DENIED(memory_map(run, cap_named("self"), (vaddr_t){CASE_PLACE}, 0, 1, RW) == ERR_WRONG_TYPE ? ERR_DENIED
                                                                                                        : OK);
    CHECK_EQ(mapped(run), 0);
}

TEST(a_capability_with_fewer_rights_maps_with_fewer_rights, .pages = 1, .process = true)
{
    cap_t run = case_frames(), weak = case_slot();
    CHECK_EQ(cap_copy(run, NO_CAP, weak.slot, RIGHT_READ), OK);
    EXPECT_DENIED(map(weak, CASE_PLACE, 0, RW));
    EXPECT_DENIED(map(weak, CASE_PLACE, 0, ACCESS_READ | ACCESS_EXECUTE));
    CHECK_EQ(map(weak, CASE_PLACE, 0, ACCESS_READ), OK);
    CHECK_EQ(unmap(CASE_PLACE), OK);
    cap_discard(weak);
}

// --- between two processes

PEER(holder)(uint64_t place)
{
    struct message m;
    CHECK_EQ(ipc_ready_slots(), OK);
    for (;;) {
        CHECK_EQ(ipc_recv(case_self(), FOREVER, &m), OK);
        uint64_t what = m.words[0];
        m.words[0] = 0;
        if (what == 'm') m.words[0] = map(ipc_take_cap(0), place, 0, RW);
        if (what == 'r') m.words[0] = *word_at(place);
        if (what == 'u') m.words[0] = unmap(place);
        m.tag = TAG(0, OK, 0, 0);
        CHECK_EQ(ipc_reply(&m), OK);
    }
}

static uint64_t ask(struct peer peer, uint64_t what, cap_t run)
{
    struct message m = {.tag = TAG(0, 0, 0, run.slot != 0), .words = {what}};
    message_page()->send_slots[0] = run.slot;
    CHECK_EQ(ipc_call(peer.endpoint, &m), OK);
    return m.words[0];
}

// The counted reference of the tutorials: the count is the kernel's, and it is 2, 1, 0 whoever lets go first.
TEST(a_buffer_shared_by_two_processes_is_free_when_the_second_lets_go, .pages = 1, .process = true)
{
    cap_t run = case_frames();
    struct peer peer = peer_start(holder, SECOND_PLACE);
    CHECK_EQ(map(run, CASE_PLACE, 0, RW | ACCESS_CLEAR), OK);
    *word_at(CASE_PLACE) = 0x5a;
    CHECK_EQ(ask(peer, 'm', run), OK);
    CHECK_EQ(mapped(run), 2);
    CHECK_EQ(ask(peer, 'r', NO_CAP), 0x5a);
    CHECK_EQ(unmap(CASE_PLACE), OK);
    CHECK_EQ(mapped(run), 1);
    CHECK_EQ(ask(peer, 'r', NO_CAP), 0x5a);
    CHECK_EQ(ask(peer, 'u', NO_CAP), OK);
    CHECK_EQ(mapped(run), 0);
}

TEST(the_death_of_one_holder_leaves_the_other_its_buffer, .pages = 1, .process = true)
{
    cap_t run = case_frames();
    struct peer peer = peer_start(holder, SECOND_PLACE);
    CHECK_EQ(map(run, CASE_PLACE, 0, RW | ACCESS_CLEAR), OK);
    *word_at(CASE_PLACE) = 0x77;
    CHECK_EQ(ask(peer, 'm', run), OK);
    CHECK_EQ(mapped(run), 2);
    peer_kill(peer);
    CHECK_EQ(mapped(run), 1);
    CHECK_EQ(*word_at(CASE_PLACE), 0x77);
    CHECK_EQ(process_donate(process(), run), ERR_MAPPED);
    CHECK_EQ(unmap(CASE_PLACE), OK);
    CHECK_EQ(mapped(run), 0);
}
