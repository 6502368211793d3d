// SPDX-License-Identifier: MIT
// Runs of frames: cut, joined, mapped; and what the processor makes of the mappings.
#include "interfaces/memory.h"
#include "common/mem.h"
#include "libsys/slots.h"
#include "tests/cases/case.h"
#include "tests/cases/frames.h"

#define RW (ACCESS_READ | ACCESS_WRITE)
#define OWN cap_named("process")

static const vaddr_t here = {CASE_PLACE}, there = {CASE_PLACE + 16 * PAGE_SIZE};

static uint64_t pages_of(cap_t run)
{
    struct run_info info;
    CHECK_EQ(memory_info(run, &info), OK);
    return info.pages;
}

TEST(a_cut_makes_two_runs_and_ends_every_capability_to_the_old_one, .pages = 8)
{
    cap_t run = case_frames(), copy = case_slot(), rest = case_slot();
    struct run_info lower, upper;
    CHECK_EQ(cap_copy(run, NO_CAP, copy.slot, RIGHTS_ALL), OK);
    CHECK_EQ(memory_split(run, 3, rest), OK);
    CHECK_EQ(memory_info(run, &lower), OK);
    CHECK_EQ(memory_info(rest, &upper), OK);
    CHECK_EQ(lower.pages, 3);
    CHECK_EQ(upper.pages, 5);
    CHECK_EQ(upper.address.raw, lower.address.raw + 3 * PAGE_SIZE);
    CHECK_EQ(memory_info(copy, &lower), ERR_NO_CAP);
}

TEST(a_cut_leaves_pages_on_both_sides, .pages = 8)
{
    cap_t run = case_frames(), rest = case_slot();
    CHECK_EQ(memory_split(run, 0, rest), ERR_BAD_LENGTH);
    CHECK_EQ(memory_split(run, 8, rest), ERR_BAD_LENGTH);
    CHECK_EQ(memory_split(run, UINT64_MAX, rest), ERR_BAD_LENGTH);
    CHECK_EQ(memory_split(run, 4, case_self()), ERR_SLOT_USED);
    CHECK_EQ(pages_of(run), 8);
}

TEST(only_neighbours_are_joined_and_in_their_order, .pages = 12)
{
    cap_t first = case_frames(), second = case_slot(), third = case_slot();
    CHECK_EQ(memory_split(first, 8, third), OK);
    CHECK_EQ(memory_split(first, 4, second), OK);
    CHECK_EQ(memory_join(first, third), ERR_NOT_NEIGHBOUR);
    CHECK_EQ(memory_join(second, first), ERR_NOT_NEIGHBOUR);
    CHECK_EQ(memory_join(first, first), ERR_NOT_NEIGHBOUR);
    CHECK_EQ(memory_join(second, third), OK);
    CHECK_EQ(memory_join(first, second), OK);
    CHECK_EQ(pages_of(first), 12);
    EXPECT_DENIED(memory_join(first, third));
}

TEST(a_run_that_is_mapped_stays_in_one_piece, .pages = 8, .process = true)
{
    cap_t run = case_frames(), upper = case_slot();
    CHECK_EQ(memory_split(run, 4, upper), OK);
    CHECK_EQ(memory_map(run, OWN, here, 2, 1, RW), OK);
    CHECK_EQ(memory_split(run, 2, case_slot()), ERR_MAPPED);
    CHECK_EQ(memory_join(run, upper), ERR_MAPPED);
    CHECK_EQ(process_unmap(OWN, here, 1), OK);
    CHECK_EQ(memory_join(run, upper), OK);
}

TEST(no_frame_is_writable_and_executable, .pages = 2, .process = true)
{
    cap_t run = case_frames();
    CHECK_EQ(memory_map(run, OWN, here, 0, 1, RW | ACCESS_EXECUTE), ERR_WX);
    CHECK_EQ(memory_map(run, OWN, here, 0, 1, RW), OK);
    CHECK_EQ(memory_map(run, OWN, there, 0, 1, ACCESS_READ | ACCESS_EXECUTE), ERR_WX);
    CHECK_EQ(process_unmap(OWN, here, 1), OK);
    CHECK_EQ(memory_map(run, OWN, there, 0, 1, ACCESS_READ | ACCESS_EXECUTE), OK);
    CHECK_EQ(memory_map(run, OWN, here, 0, 1, RW), ERR_WX);
    CHECK_EQ(memory_map(run, OWN, here, 0, 1, ACCESS_READ), OK);
}

TEST(code_runs_where_it_may_and_nowhere_else, .pages = 1, .process = true)
{
    cap_t run = case_frames();
    CHECK_EQ(memory_map(run, OWN, here, 0, 1, RW), OK);
    memcpy((void *)here.raw, "\xb8\x2a\x00\x00\x00\xc3", 6); // mov eax, 42; ret
    EXPECT_FAULT_AT(here.raw, ((int (*)(void))here.raw)());
    CHECK_EQ(process_unmap(OWN, here, 1), OK);
    CHECK_EQ(memory_map(run, OWN, here, 0, 1, ACCESS_READ | ACCESS_EXECUTE), OK);
    CHECK_EQ(((int (*)(void))here.raw)(), 42);
    EXPECT_FAULT_AT(here.raw, *(volatile uint8_t *)here.raw = 0);
}

TEST(addresses_outside_of_the_user_half_are_refused, .pages = 2, .process = true)
{
    static const uint64_t wrong[] = {
        1,           USER_BASE + 8, USER_TOP,   USER_TOP - 0x800,  1ull << 47, 0xffff800000000000,
        KERNEL_BASE, FRAMES_BASE,   UINT64_MAX, UINT64_MAX - 4095, 1ull << 63, PHYSMAP_BASE,
    };
    cap_t run = case_frames();
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        CHECK_EQ(memory_map(run, OWN, (vaddr_t){wrong[i]}, 0, 1, RW), ERR_BAD_ADDRESS);
        CHECK_EQ(process_unmap(OWN, (vaddr_t){wrong[i]}, 1), ERR_BAD_ADDRESS);
    }
    CHECK_EQ(memory_map(run, OWN, (vaddr_t){USER_TOP - PAGE_SIZE}, 0, 2, RW), ERR_BAD_ADDRESS);
}

TEST(pages_outside_of_the_run_are_not_mapped, .pages = 4, .process = true)
{
    cap_t run = case_frames();
    CHECK_EQ(memory_map(run, OWN, here, 0, 0, RW), ERR_BAD_LENGTH);
    CHECK_EQ(memory_map(run, OWN, here, 0, 5, RW), ERR_BAD_LENGTH);
    CHECK_EQ(memory_map(run, OWN, here, 4, 1, RW), ERR_BAD_LENGTH);
    CHECK_EQ(memory_map(run, OWN, here, UINT64_MAX, 2, RW), ERR_BAD_LENGTH);
    CHECK_EQ(memory_map(run, OWN, here, 1, UINT64_MAX, RW), ERR_BAD_LENGTH);
    CHECK_EQ(memory_map(run, OWN, here, 0, 1, ACCESS_WRITE), ERR_BAD_ARGUMENT);
    CHECK_EQ(memory_map(run, OWN, here, 0, 1, RW | ACCESS_UNCACHED), ERR_DEVICE);
}

TEST(a_mapping_has_no_more_rights_than_its_capability, .pages = 4, .process = true)
{
    cap_t run = case_frames(), readable = case_slot();
    CHECK_EQ(cap_copy(run, NO_CAP, readable.slot, RIGHT_READ), OK);
    EXPECT_DENIED(memory_map(readable, OWN, here, 0, 1, RW));
    EXPECT_DENIED(memory_map(readable, OWN, here, 0, 1, ACCESS_READ | ACCESS_EXECUTE));
    EXPECT_DENIED(memory_split(readable, 2, case_slot()));
    EXPECT_DENIED(process_create(readable));
    CHECK_EQ(memory_map(readable, OWN, here, 0, 1, ACCESS_READ), OK);
}

TEST(the_right_to_map_is_needed_in_the_process, .pages = 4, .process = true)
{
    cap_t run = case_frames(), weak = case_slot();
    struct mapping_info info;
    CHECK_EQ(cap_copy(OWN, NO_CAP, weak.slot, RIGHTS_ALL & ~RIGHT_MAP), OK);
    EXPECT_DENIED(memory_map(run, weak, here, 0, 1, RW));
    EXPECT_DENIED(process_unmap(weak, here, 1));
    EXPECT_DENIED(process_query(weak, here, &info));
}

TEST(frames_that_are_in_use_are_not_cleared, .pages = 2, .process = true)
{
    cap_t run = case_frames();
    CHECK_EQ(memory_map(run, OWN, here, 0, 1, RW | ACCESS_CLEAR), OK);
    *(volatile uint64_t *)here.raw = 1;
    CHECK_EQ(memory_map(run, OWN, there, 0, 1, RW | ACCESS_CLEAR), ERR_MAPPED);
    CHECK_EQ(*(volatile uint64_t *)here.raw, 1);
    CHECK_EQ(memory_map(run, OWN, there, 1, 1, RW | ACCESS_CLEAR), OK);
}

TEST(the_message_page_of_a_thread_stays, .process = true)
{
    struct mapping_info before, after;
    const vaddr_t page = {(uint64_t)message_page()};
    CHECK_EQ(process_query(OWN, page, &before), OK);
    CHECK_EQ(process_unmap(OWN, page, 1), ERR_MAPPED);
    CHECK_EQ(process_query(OWN, page, &after), OK);
    CHECK_EQ(after.address.raw, before.address.raw);
}

TEST(many_pages_are_mapped_and_unmapped_in_one_call, .pages = 300, .process = true)
{
    cap_t run = case_frames();
    struct process_info before, mapped, after;
    CHECK_EQ(process_info(OWN, &before), OK);
    CHECK_EQ(memory_map(run, OWN, here, 0, 300, RW | ACCESS_CLEAR), OK);
    CHECK_EQ(process_info(OWN, &mapped), OK);
    CHECK_EQ(mapped.mapped, before.mapped + 300);
    ((volatile uint8_t *)here.raw)[300 * PAGE_SIZE - 1] = 1;
    CHECK_EQ(process_unmap(OWN, here, 300), OK);
    CHECK_EQ(process_info(OWN, &after), OK);
    CHECK_EQ(after.mapped, before.mapped);
    CHECK_EQ(after.pool_free, before.pool_free);
}

// A page that faults although it is there cannot happen where all is well. Here it is brought about: a thread's faults come
// to us first; we map the page, leave the fault to memory, and take the page away again before the thread goes on. Memory
// lets it try once more and, when the same instruction faults there again, ends it.
static uint64_t stack[64] __attribute__((aligned(16)));

static noreturn void read_page(volatile uint64_t *page)
{
    (void)*page;
    exit(0);
}

static void expect_fault_at(uint64_t page, struct message *m)
{
    CHECK_EQ(ipc_recv(case_self(), deadline_in(100 * NS_PER_MS), m), OK);
    CHECK_EQ(TAG_OPERATION(m->tag), KIND_FAULT);
    CHECK_EQ(m->words[FAULT_ADDRESS], page);
    CHECK_EQ(m->words[FAULT_CODE] & PF_PRESENT, 0);
}

static void leave_to_memory(const struct message *m)
{
    CHECK_EQ(ipc_reply(&(struct message){.tag = TAG(0, ERR_DENIED, 0, 0), .token = m->token}), OK);
}

TEST(a_thread_that_faults_again_where_all_is_well_is_ended, .calls = "memory", .pages = 1, .process = true)
{
    const cap_t run = case_frames(), thread = case_slot(), memory = cap_named("memory");
    struct memory_span_reply span = {0};
    struct thread_info info;
    struct message m;
    CHECK_EQ(memory_span(memory, 1, &span), OK);
    const vaddr_t page = {span.address};
    CHECK_EQ(thread_create(OWN, thread, (vaddr_t){0}, case_self(), memory, start_page()->priority - 1), OK);
    CHECK_EQ(thread_start(thread, (vaddr_t){(uint64_t)read_page}, (vaddr_t){(uint64_t)&stack[63]}, page.raw), OK);
    for (int i = 0; i < 2; i++) {
        expect_fault_at(page.raw, &m);
        CHECK_EQ(memory_map(run, OWN, page, 0, 1, RW), OK);
        leave_to_memory(&m);
        CHECK_EQ(thread_info(thread, &info), i == 0 ? OK : ERR_NO_CAP);
        CHECK_EQ(process_unmap(OWN, page, 1), OK);
    }
    CHECK_EQ(ipc_recv(case_self(), deadline_in(NS_PER_MS), &m), ERR_TIMEOUT);
}
