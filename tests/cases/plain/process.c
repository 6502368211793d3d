// SPDX-License-Identifier: MIT
// Processes, threads and faults as whoever builds them sees them: the case is what init is to everybody else.
#include "common/mem.h"
#include "libsys/stdlib.h"
#include "tests/cases/child.h"
#include "tests/cases/frames.h"

#define RW (ACCESS_READ | ACCESS_WRITE)
#define SOON (50 * NS_PER_MS)
#define HOLE 0x0000200000000000 // nothing of a child's is mapped there

// The next fault of a child; what the fault says is in m->words.
static void next_fault(struct message *m)
{
    CHECK_EQ(ipc_recv(case_self(), deadline_in(SOON), m), OK);
    CHECK_EQ(TAG_OPERATION(m->tag), KIND_FAULT);
}

static void resume(const struct message *m)
{
    CHECK_EQ(ipc_reply(&(struct message){.tag = TAG(0, OK, 0, 0), .token = m->token}), OK);
}

static void ends_with(uint64_t code) { exit((int)code); }

TEST(a_child_tells_its_supervisor_how_it_ends, .pages = CHILD_PAGES, .process = true)
{
    struct message m;
    struct child child = child_make(3, NO_CAP, case_self());
    child_run(child, ends_with, 77);
    next_fault(&m);
    CHECK_EQ(m.words[FAULT_CAUSE], FAULT_EXIT);
    CHECK_EQ(m.words[FAULT_CODE], 77);
    CHECK_EQ(m.words[FAULT_THREAD], 0);
}

static void writes_to(uint64_t address) { *(volatile uint64_t *)address = 1; }

TEST(a_fault_says_cause_bits_address_and_place, .pages = CHILD_PAGES, .process = true)
{
    struct message m;
    struct child child = child_make(3, NO_CAP, case_self());
    child_run(child, writes_to, HOLE + 24);
    next_fault(&m);
    CHECK_EQ(m.words[FAULT_CAUSE], EXCEPTION_PF);
    CHECK_EQ(m.words[FAULT_CODE], PF_WRITE | PF_USER);
    CHECK_EQ(m.words[FAULT_ADDRESS], HOLE + 24);
    CHECK(m.words[FAULT_RIP] - (uint64_t)writes_to < 64);
    CHECK(m.words[FAULT_RSP] < USER_STACK_TOP && m.words[FAULT_RSP] > USER_STACK_TOP - PAGE_SIZE);
}

static void calls_what_it_wrote(uint64_t address)
{
    struct message m = {.words = {0}};
    *(volatile uint64_t *)address = 0x1234;
    m.words[0] = *(volatile uint64_t *)(address + 8); // what the pager put there
    m.words[1] = *(volatile uint64_t *)address;
    exit((int)(m.words[0] + m.words[1]));
}

TEST(a_pager_gives_a_page_and_the_store_is_done_again, .pages = CHILD_PAGES + 2, .process = true)
{
    struct message m;
    cap_t page = case_cut(1);
    CHECK_EQ(memory_map(page, cap_named("process"), (vaddr_t){CASE_PLACE}, 0, 1, RW | ACCESS_CLEAR), OK);
    ((volatile uint64_t *)CASE_PLACE)[1] = 0x10000;
    CHECK_EQ(process_unmap(cap_named("process"), (vaddr_t){CASE_PLACE}, 1), OK);
    struct child child = child_make(3, case_self(), case_self());
    child_run(child, calls_what_it_wrote, HOLE);
    next_fault(&m);
    CHECK_EQ(m.words[FAULT_ADDRESS], HOLE);
    CHECK_EQ(memory_map(page, child.process, (vaddr_t){HOLE}, 0, 1, RW), OK);
    resume(&m);
    next_fault(&m);
    CHECK_EQ(m.words[FAULT_CAUSE], FAULT_EXIT);
    CHECK_EQ(m.words[FAULT_CODE], 0x11234);
}

TEST(a_fault_that_the_pager_refuses_goes_to_the_supervisor, .pages = CHILD_PAGES, .process = true)
{
    struct message m;
    struct child child = child_make(3, case_self(), case_self());
    child_run(child, writes_to, HOLE);
    next_fault(&m);
    CHECK_EQ(TAG_LENGTH(m.tag), 0); // a pager gets the words alone
    CHECK_EQ(ipc_reply(&(struct message){.tag = TAG(0, ERR_DENIED, 0, 0), .token = m.token}), OK);
    next_fault(&m);
    CHECK_EQ(m.words[FAULT_ADDRESS], HOLE);
    CHECK(TAG_LENGTH(m.tag) >= sizeof(struct fault));
    const struct fault *fault = (const struct fault *)message_page()->body;
    CHECK_EQ(fault->registers.rip, m.words[FAULT_RIP]);
    CHECK_EQ(fault->registers.rdi, HOLE);
}

static void divides_by(uint64_t word) { exit((int)(1000 / word)); }

TEST(a_supervisor_mends_a_register_and_lets_the_thread_go_on, .pages = CHILD_PAGES, .process = true)
{
    struct message m;
    struct child child = child_make(3, NO_CAP, case_self());
    child_run(child, divides_by, 0);
    next_fault(&m);
    CHECK_EQ(m.words[FAULT_CAUSE], EXCEPTION_DE);
    struct registers *registers = &((struct fault *)message_page()->body)->registers;
    uint64_t *all[] = {&registers->rdi, &registers->rsi, &registers->rcx, &registers->r8, &registers->r9};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (*all[i] == 0) *all[i] = 8; // wherever the compiler keeps the divisor
    CHECK_EQ(ipc_reply(&(struct message){.tag = TAG(0, OK, sizeof *registers, 0), .token = m.token}), OK);
    next_fault(&m);
    CHECK_EQ(m.words[FAULT_CAUSE], FAULT_EXIT);
    CHECK_EQ(m.words[FAULT_CODE], 125);
}

static void breaks_many_times(uint64_t times)
{
    for (uint64_t i = 0; i < times; i++)
        __asm__ volatile("int3");
    exit((int)times);
}

TEST(a_breakpoint_is_told_behind_its_instruction_each_time, .pages = CHILD_PAGES, .process = true)
{
    struct message m;
    struct child child = child_make(3, NO_CAP, case_self());
    child_run(child, breaks_many_times, 100);
    next_fault(&m);
    uint64_t place = m.words[FAULT_RIP];
    for (int i = 0; i < 100; i++) {
        CHECK_EQ(m.words[FAULT_CAUSE], EXCEPTION_BP);
        CHECK_EQ(m.words[FAULT_RIP], place);
        CHECK_EQ(((const uint8_t *)place)[-1], 0xcc);
        resume(&m);
        next_fault(&m);
    }
    CHECK_EQ(m.words[FAULT_CAUSE], FAULT_EXIT);
    CHECK_EQ(m.words[FAULT_CODE], 100);
}

static void counts_up(uint64_t address)
{
    for (;;)
        ++*(volatile uint64_t *)address;
}

TEST(an_ended_child_runs_no_more_and_gives_all_its_frames_back, .pages = CHILD_PAGES + 2, .process = true)
{
    cap_t page = case_cut(1), own = cap_named("process");
    volatile uint64_t *count = (volatile uint64_t *)CASE_PLACE;
    struct run_info info;
    struct child child = child_make(3, NO_CAP, NO_CAP);
    CHECK_EQ(memory_map(page, child.process, (vaddr_t){HOLE}, 0, 1, RW | ACCESS_CLEAR), OK);
    CHECK_EQ(memory_map(page, own, (vaddr_t){CASE_PLACE}, 0, 1, ACCESS_READ), OK);
    child_run(child, counts_up, HOLE);
    CHECK_EQ(sleep_for(20 * NS_PER_MS), OK);
    CHECK(*count > 1000);
    CHECK_EQ(memory_info(page, &info), OK);
    CHECK_EQ(info.mapped, 2);
    child_end(child);
    uint64_t last = *count;
    CHECK_EQ(sleep_for(20 * NS_PER_MS), OK);
    CHECK_EQ(*count, last);
    CHECK_EQ(memory_info(page, &info), OK);
    CHECK_EQ(info.mapped, 1);
}

TEST(capabilities_to_an_ended_process_are_dead_wherever_they_are, .pages = CHILD_PAGES, .process = true)
{
    struct process_info info;
    struct child child = child_make(3, NO_CAP, NO_CAP);
    cap_t copy = case_slot(), process = child.process;
    CHECK_EQ(cap_copy(child.process, NO_CAP, copy.slot, RIGHTS_ALL), OK);
    CHECK_EQ(process_info(copy, &info), OK);
    CHECK_EQ(info.threads, 1);
    child_end(child);
    CHECK_EQ(process_info(copy, &info), ERR_NO_CAP);
    CHECK_EQ(process_info(process, &info), ERR_NO_CAP);
    CHECK_EQ(thread_start(child.thread, (vaddr_t){USER_BASE}, (vaddr_t){0}, 0), ERR_NO_CAP);
    CHECK_EQ(notify(child.endpoint, 1), ERR_NO_CAP);
}

TEST(a_process_is_made_of_three_pages_or_more, .pages = 8, .process = true)
{
    struct process_info info;
    cap_t small = case_cut(2), least = case_cut(3);
    CHECK_EQ(process_create(small), ERR_BAD_LENGTH);
    CHECK_EQ(process_create(least), OK);
    CHECK_EQ(process_info(least, &info), OK);
    CHECK_EQ(info.slots, 128);
    CHECK_EQ(info.pool_total, 0);
    CHECK_EQ(info.threads, 0);
}

TEST(what_is_mapped_becomes_no_process_and_no_pool, .pages = 16, .process = true)
{
    cap_t own = cap_named("process"), run = case_cut(4), other = case_cut(4);
    CHECK_EQ(process_create(other), OK);
    CHECK_EQ(memory_map(run, own, (vaddr_t){CASE_PLACE}, 3, 1, RW), OK);
    CHECK_EQ(process_create(run), ERR_MAPPED);
    CHECK_EQ(process_donate(other, run), ERR_MAPPED);
    CHECK_EQ(process_unmap(own, (vaddr_t){CASE_PLACE}, 1), OK);
    CHECK_EQ(process_donate(other, run), OK);
}

TEST(an_empty_pool_pays_for_nothing, .pages = 12, .process = true)
{
    cap_t process = case_cut(3), page = case_cut(1), slot = case_slot();
    struct process_info info;
    CHECK_EQ(process_create(process), OK);
    CHECK_EQ(thread_create(process, slot, (vaddr_t){0}, NO_CAP, NO_CAP, 3), ERR_POOL_EMPTY);
    CHECK_EQ(endpoint_create(process, slot, process), ERR_POOL_EMPTY);
    CHECK_EQ(memory_map(page, process, (vaddr_t){USER_BASE}, 0, 1, ACCESS_READ), ERR_POOL_EMPTY);
    CHECK_EQ(process_donate(process, case_cut(2)), OK); // one table is missing still
    CHECK_EQ(memory_map(page, process, (vaddr_t){USER_BASE}, 0, 1, ACCESS_READ), ERR_POOL_EMPTY);
    CHECK_EQ(process_info(process, &info), OK);
    CHECK_EQ(info.pool_free, 2);
    CHECK_EQ(info.mapped, 0);
}

TEST(page_tables_come_from_the_pool_and_go_back_to_it, .pages = 24, .process = true)
{
    cap_t process = case_cut(3), page = case_cut(1);
    struct process_info info;
    CHECK_EQ(process_create(process), OK);
    CHECK_EQ(process_donate(process, case_cut(8)), OK);
    CHECK_EQ(memory_map(page, process, (vaddr_t){USER_BASE}, 0, 1, ACCESS_READ), OK);
    CHECK_EQ(process_info(process, &info), OK);
    CHECK_EQ(info.pool_free, 5);
    CHECK_EQ(info.mapped, 1);
    CHECK_EQ(process_unmap(process, (vaddr_t){USER_BASE}, 1), OK);
    CHECK_EQ(process_info(process, &info), OK);
    CHECK_EQ(info.pool_free, 8);
    CHECK_EQ(info.mapped, 0);
}

TEST(a_thread_has_a_priority_that_there_is_and_not_above_its_maker, .pages = 16, .process = true)
{
    cap_t process = case_cut(3), slot = case_slot();
    CHECK_EQ(process_create(process), OK);
    CHECK_EQ(process_donate(process, case_cut(4)), OK);
    CHECK_EQ(thread_create(process, slot, (vaddr_t){0}, NO_CAP, NO_CAP, 0), ERR_BAD_ARGUMENT);
    CHECK_EQ(thread_create(process, slot, (vaddr_t){0}, NO_CAP, NO_CAP, 31), ERR_BAD_ARGUMENT);
    CHECK_EQ(thread_create(process, slot, (vaddr_t){USER_BASE}, NO_CAP, NO_CAP, 3), ERR_NOT_MAPPED);
    CHECK_EQ(thread_create(process, slot, (vaddr_t){USER_BASE + 1}, NO_CAP, NO_CAP, 3), ERR_BAD_ADDRESS);
    CHECK_EQ(thread_create(process, slot, (vaddr_t){0}, NO_CAP, NO_CAP, 4), ERR_BAD_ARGUMENT); // above the case itself
    CHECK_EQ(thread_create(process, slot, (vaddr_t){0}, NO_CAP, NO_CAP, 3), OK);
}

TEST(a_thread_starts_once_and_in_the_user_half, .pages = CHILD_PAGES, .process = true)
{
    struct child child = child_make(3, NO_CAP, NO_CAP);
    const vaddr_t stack = {USER_STACK_TOP - 8};
    CHECK_EQ(thread_start(child.thread, (vaddr_t){USER_TOP}, stack, 0), ERR_BAD_ADDRESS);
    CHECK_EQ(thread_start(child.thread, (vaddr_t){KERNEL_BASE}, stack, 0), ERR_BAD_ADDRESS);
    CHECK_EQ(thread_start(child.thread, (vaddr_t){1ull << 47}, stack, 0), ERR_BAD_ADDRESS);
    child_run(child, ends_with, 0);
    CHECK_EQ(thread_start(child.thread, (vaddr_t){(uint64_t)ends_with}, stack, 0), ERR_BAD_STATE);
}

TEST(nobody_destroys_himself, .process = true)
{
    uint64_t pages;
    CHECK_EQ(process_destroy(cap_named("process"), case_slot(), &pages), ERR_SELF);
}

static void echoes_for_ever(uint64_t unused)
{
    (void)unused;
    struct message m;
    if (ipc_recv(case_self(), FOREVER, &m) != OK) return;
    for (;;) {
        m.tag = TAG(0, OK, 0, 0);
        if (ipc_reply_recv(&m) != OK) return;
    }
}

TEST(a_successor_is_bound_to_the_same_endpoint, .pages = 2 * CHILD_PAGES, .process = true)
{
    struct child first = child_make(3, NO_CAP, NO_CAP), second = child_make(3, NO_CAP, NO_CAP);
    cap_t service = case_slot();
    struct message m = {.words = {5}};
    CHECK_EQ(endpoint_create(second.process, service, first.process), OK);
    CHECK_EQ(endpoint_bind(service, second.process), ERR_BUSY);
    child_end(first);
    CHECK_EQ(endpoint_bind(service, second.process), OK);
    CHECK_EQ(notify(service, 1), OK);
    child_run(second, echoes_for_ever, 0);
    CHECK_EQ(ipc_call(second.endpoint, &m), OK);
    CHECK_EQ(m.words[0], 5);
}
