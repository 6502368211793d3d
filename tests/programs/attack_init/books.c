// SPDX-License-Identifier: MIT
// Attacks on the books: runs of frames, pages that threads are bound to, capabilities on their way.
#include "common/mem.h"
#include "kernel/thread.h" // what a page would have to look like
#include "tests/programs/attack_init/attack.h"

static struct child one, two;

static void make(struct child *c, uint32_t priority) { child_make(c, priority, NO_CAP, NO_CAP); }

static cap_t copy_of(cap_t source)
{
    cap_t copy = empty_slot();
    EXPECT(OK, cap_copy(source, NO_CAP, copy.slot, ALL));
    return copy;
}

static uint64_t mapped(cap_t run)
{
    struct run_info info = {0};
    EXPECT(OK, memory_info(run, &info));
    return info.mapped;
}

// All that could be done with a run.
static void reaches_nothing(cap_t stale)
{
    struct cap_info cap;
    struct run_info run;
    uint64_t pages;
    EXPECT(ERR_NO_CAP, cap_info(stale, &cap));
    EXPECT(ERR_NO_CAP, memory_info(stale, &run));
    EXPECT(ERR_NO_CAP, memory_map(stale, SELF, (vaddr_t){PLACE}, 0, 1, RW));
    EXPECT(ERR_NO_CAP, memory_split(stale, 1, empty_slot()));
    EXPECT(ERR_NO_CAP, memory_join(stale, stale));
    EXPECT(ERR_NO_CAP, process_create(stale));
    EXPECT(ERR_NO_CAP, process_donate(SELF, stale));
    EXPECT(ERR_NO_CAP, process_destroy(stale, empty_slot(), &pages));
    EXPECT(ERR_NO_CAP, cap_copy(stale, NO_CAP, empty_slot().slot, ALL));
    EXPECT(ERR_NO_CAP, cap_move(stale, NO_CAP, empty_slot().slot));
}

static void a_stale_copy_of_a_split_or_donated_run_reaches_nothing(void)
{
    cap_t run = carve(8), upper = empty_slot(), back = empty_slot(), process = carve(4);
    cap_t before_split = copy_of(run);
    EXPECT(OK, memory_split(run, 4, upper));
    reaches_nothing(before_split);
    cap_t lower_copy = copy_of(run), upper_copy = copy_of(upper);
    EXPECT(OK, memory_join(run, upper));
    reaches_nothing(lower_copy);
    reaches_nothing(upper_copy);
    cap_t before_donation = copy_of(run);
    EXPECT(OK, process_create(process));
    EXPECT(OK, process_donate(process, run));
    reaches_nothing(before_donation);
    reaches_nothing(run);
    EXPECT(OK, memory_map(carve(1), process, (vaddr_t){PLACE}, 0, 1, RW)); // its frames are page tables now
    reaches_nothing(before_donation);
    uint64_t pages;
    EXPECT(ERR_AGAIN, process_destroy(process, back, &pages));
    EXPECT(8, pages);
    reaches_nothing(before_donation); // and memory again, of another life
    reaches_nothing(before_split);
    EXPECT(OK, process_destroy(process, empty_slot(), &pages));
    EXPECT(0, mapped(back));
}

static void a_frame_is_donated_once(void)
{
    cap_t run = carve(16), process = carve(3), other = carve(3), copy, second;
    struct process_info before, after;
    EXPECT(OK, process_create(process));
    EXPECT(OK, process_create(other));
    copy = copy_of(run);
    // The first step has been done for one process: the copy is no second donation, the slot itself is no second owner.
    EXPECT(ERR_AGAIN, op(SYS_process_donate, process.slot, &(struct message){.words = {run.slot}}));
    EXPECT(ERR_NO_CAP, process_donate(other, copy));
    second = copy_of(run); // of what is being cleared
    EXPECT(OK, process_info(other, &before));
    EXPECT(OK, process_donate(process, run));
    EXPECT(ERR_NO_CAP, process_donate(other, run));
    EXPECT(ERR_NO_CAP, process_donate(other, copy));
    EXPECT(ERR_NO_CAP, process_donate(other, second));
    EXPECT(ERR_NO_CAP, process_donate(process, second));
    EXPECT(OK, process_info(other, &after));
    EXPECT(before.pool_total, after.pool_total);
    EXPECT(OK, process_info(process, &after));
    EXPECT(16, after.pool_total);
    EXPECT(16, after.pool_free);
}

// --- a page that a thread is bound to

static void receive_a_long_body(uint64_t index)
{
    struct message m = {.words = {FOREVER}};
    shared->word[index] = op(SYS_recv, CHILD_OWN, &m);
    shared->word[index + 1] = TAG_LENGTH(m.tag);
    run_for_ever(index);
}

static void stays_bound(void)
{
    cap_t slot = empty_slot();
    EXPECT(ERR_MAPPED, process_unmap(one.process, (vaddr_t){USER_MESSAGE_PAGE}, 1));
    EXPECT(ERR_MAPPED, memory_split(one.frames, 1, slot));
    EXPECT(ERR_MAPPED, memory_split(one.frames, 2, slot));
    EXPECT(ERR_MAPPED, process_donate(one.process, one.frames)); // as a page table of its own process
    EXPECT(ERR_MAPPED, process_donate(two.process, one.frames));
    EXPECT(ERR_MAPPED, process_create(one.frames));
    EXPECT(ERR_MAPPED, memory_map(one.frames, SELF, (vaddr_t){PLACE}, 1, 1, RW | ACCESS_CLEAR));
    EXPECT(ERR_WX, memory_map(one.frames, SELF, (vaddr_t){PLACE}, 1, 1, ACCESS_READ | ACCESS_EXECUTE));
    EXPECT(ERR_BUSY, thread_create(one.process, slot, (vaddr_t){USER_MESSAGE_PAGE}, NO_CAP, NO_CAP, 5));
}

static void a_message_page_stays_while_its_thread_lives(void)
{
    uint8_t *body = (uint8_t *)PLACE + 32;
    make(&two, 5);
    make(&one, 5);
    stays_bound(); // never started
    child_run(&one, receive_a_long_body, 1);
    rest(3);
    stays_bound(); // waits to receive
    memset(message_page()->body, 0xa5, MESSAGE_MAX);
    struct message m = {.tag = TAG(0, 7, MESSAGE_MAX, 0)};
    EXPECT(OK, ipc_send(one.endpoint, &m));
    rest(3);
    EXPECT(KIND_SEND, shared->word[1]);
    EXPECT(MESSAGE_MAX, shared->word[2]);
    stays_bound(); // runs
    child_end(&one);
    EXPECT(0, mapped(one.frames)); // and then it is free
    EXPECT(OK, memory_map(one.frames, SELF, (vaddr_t){PLACE}, 1, 1, ACCESS_READ));
    EXPECT(0xa5, body[0]);
    EXPECT(0xa5, body[MESSAGE_MAX - 1]);
    EXPECT(OK, process_unmap(SELF, (vaddr_t){PLACE}, 1));
    child_end(&two);
}

// --- a region that two processes share, and one of them owned

static void touch_for_ever(uint64_t address)
{
    for (;;) {
        (*(volatile uint64_t *)address)++;
        shared->count[3] = *(volatile uint64_t *)address;
    }
}

static void a_shared_region_outlives_its_owner_until_the_last_mapping_is_gone(void)
{
    cap_t region = carve(2), slot = empty_slot();
    make(&one, 5);
    make(&two, 5);
    EXPECT(OK, memory_map(region, one.process, (vaddr_t){PLACE}, 0, 2, RW | ACCESS_CLEAR));
    EXPECT(OK, memory_map(region, two.process, (vaddr_t){PLACE}, 0, 1, RW));
    EXPECT(OK, cap_copy(region, one.process, CHILD_FREE, ALL)); // its own
    child_run(&two, touch_for_ever, PLACE);
    rest(2);
    child_end(&one);
    EXPECT(1, mapped(region));
    uint64_t before = shared->count[3];
    rest(2);
    EXPECT(true, shared->count[3] > before); // the sharer goes on
    EXPECT(ERR_MAPPED, memory_split(region, 1, slot));
    EXPECT(ERR_MAPPED, process_donate(SELF, region));
    EXPECT(ERR_MAPPED, memory_map(region, SELF, (vaddr_t){PLACE}, 0, 1, RW | ACCESS_CLEAR));
    child_end(&two);
    EXPECT(0, mapped(region));
    EXPECT(OK, memory_split(region, 1, slot));
}

// --- a capability whose object ends while it is on its way

static void send_along(uint64_t slot)
{
    struct message_page *page = (struct message_page *)USER_MESSAGE_PAGE;
    struct message m = {0};
    page->send_slots[0] = CHILD_CLOCK;
    page->send_slots[1] = (uint32_t)slot;
    shared->word[7] = op(TAG(SYS_call, 0, 0, 2), CHILD_CALLS, &m);
    run_for_ever(7);
}

static void a_capability_dies_on_its_way(void)
{
    cap_t victim = empty_slot(), first = empty_slot(), second = empty_slot();
    struct cap_info info;
    make(&one, 5);
    child_calls(&one, ENDPOINT);
    EXPECT(OK, endpoint_create(SELF, victim, SELF));
    EXPECT(OK, cap_copy(victim, one.process, CHILD_FREE, ALL));
    child_run(&one, send_along, CHILD_FREE);
    struct message m;
    cap_t waits = empty_slot(); // somewhere else to rest, so that its message stays in the queue
    EXPECT(OK, endpoint_create(SELF, waits, SELF));
    EXPECT(ERR_TIMEOUT, ipc_recv(waits, now() + 3 * MS, &m));
    EXPECT(OK, endpoint_destroy(victim));
    cap_t recycled = empty_slot();
    EXPECT(OK, endpoint_create(SELF, recycled, SELF)); // in the same frame
    message_page()->receive_slots[0] = first.slot;
    message_page()->receive_slots[1] = second.slot;
    EXPECT(ERR_TIMEOUT, ipc_recv(ENDPOINT, 0, &m)); // nothing came: all or none
    EXPECT(ERR_NO_CAP, cap_info(first, &info));
    EXPECT(ERR_NO_CAP, cap_info(second, &info));
    rest(2);
    EXPECT(ERR_NO_CAP, shared->word[7]); // and its sender knows
    memset(message_page()->receive_slots, 0, sizeof message_page()->receive_slots);
    EXPECT(OK, endpoint_destroy(recycled));
    EXPECT(OK, endpoint_destroy(waits));
    child_end(&one);
}

// --- what is in a frame

static void a_page_that_looks_like_a_thread_is_none(void)
{
    cap_t run = carve(1);
    struct run_info info;
    struct thread *forged = (struct thread *)PLACE;
    EXPECT(OK, memory_info(run, &info));
    EXPECT(OK, memory_map(run, SELF, (vaddr_t){PLACE}, 0, 1, RW | ACCESS_CLEAR));
    forged->token = 7ull << 32 | info.address.raw >> PAGE_SHIFT;
    forged->state = THREAD_CALLING;
    EXPECT(ERR_NO_CALLER, ipc_reply(&(struct message){.token = forged->token}));
    EXPECT(THREAD_CALLING, forged->state);
    EXPECT(OK, process_unmap(SELF, (vaddr_t){PLACE}, 1));
}

static void a_mapping_that_asks_for_a_clear_frame_gets_one(void)
{
    cap_t run = carve(2);
    uint64_t *words = (uint64_t *)PLACE, left = 0;
    EXPECT(OK, memory_map(run, SELF, (vaddr_t){PLACE}, 0, 2, RW));
    memset(words, 0xa5, 2 * PAGE_SIZE);
    EXPECT(OK, process_unmap(SELF, (vaddr_t){PLACE}, 2));
    EXPECT(OK, memory_map(run, SELF, (vaddr_t){PLACE}, 0, 2, RW | ACCESS_CLEAR));
    for (size_t i = 0; i < 2 * PAGE_SIZE / 8; i++)
        left |= words[i];
    EXPECT(0, left);
    EXPECT(OK, process_unmap(SELF, (vaddr_t){PLACE}, 2));
}

// --- an endpoint whose receiver is dead, and another process in its frames

static void receive_elsewhere(uint64_t index)
{
    struct message m = {0};
    shared->word[index] = op(SYS_recv, CHILD_FREE, &m);
    run_for_ever(index);
}

static void another_process_in_a_receivers_frames_receives_nothing(void)
{
    cap_t endpoint = empty_slot();
    make(&one, 5);
    EXPECT(OK, endpoint_create(SELF, endpoint, one.process));
    EXPECT(OK, notify(endpoint, 0x10));
    child_end(&one);
    make(&one, 5);
    EXPECT(OK, cap_copy(endpoint, one.process, CHILD_FREE, ALL));
    child_run(&one, receive_elsewhere, 1);
    rest(2);
    EXPECT(ERR_NOT_RECEIVER, shared->word[1]);
    child_end(&one);
    EXPECT(OK, endpoint_bind(endpoint, SELF));
    EXPECT(KIND_NOTIFY, op(SYS_recv, endpoint.slot, &(struct message){0})); // and takes nothing away
    EXPECT(OK, endpoint_destroy(endpoint));
}

// --- page tables that are in use

#define CHILD_SELF (CHILD_FREE + 1) // a child's own process, where the attack gives it

static void destroy_oneself(uint64_t index)
{
    struct message m = {.words = {CHILD_FREE}};
    shared->word[index] = op(SYS_process_destroy, CHILD_SELF, &m);
    m = (struct message){.words = {SHARED, 1}};
    shared->word[index + 1] = op(SYS_process_donate, CHILD_SELF, &m);
    // Its stack and its code lie under other tables than these; then the tables under its own feet.
    for (uint64_t at = USER_BASE; at < 0x8000000; at += 64 * PAGE_SIZE) {
        m = (struct message){.words = {at, 64}};
        op(SYS_process_unmap, CHILD_SELF, &m);
    }
    run_for_ever(index);
}

static void who_pulls_the_page_tables_from_under_itself_falls_alone(void)
{
    struct message m;
    child_make(&one, 5, NO_CAP, ENDPOINT);
    EXPECT(OK, cap_copy(one.process, one.process, CHILD_SELF, ALL));
    child_run(&one, destroy_oneself, 1);
    EXPECT(OK, ipc_recv(ENDPOINT, now() + 50 * MS, &m));
    EXPECT(ERR_SELF, shared->word[1]);
    EXPECT(ERR_BAD_SLOT, shared->word[2]); // an address is no slot
    EXPECT(14, m.words[FAULT_CAUSE]);
    EXPECT(m.words[FAULT_RIP], m.words[FAULT_ADDRESS]); // its own code is gone
    EXPECT(0, shared->count[1]);
    child_end(&one);
    // What it unmapped of its own tables went into its pool, which came back whole: child_end has looked.
    make(&one, 5);
    child_run(&one, run_for_ever, 1);
    rest(3);
    EXPECT(true, shared->count[1] > 0);
    child_end(&one);
}

// Everything that init's own loaded tables have, but for what it stands on.
static void tables_that_are_loaded_are_freed_when_they_are_empty(void)
{
    cap_t run = carve(4);
    struct process_info before, after;
    EXPECT(OK, process_info(SELF, &before));
    for (int round = 0; round < 3; round++) {
        for (uint64_t i = 0; i < 4; i++) { // a leaf table of its own for each, and one of each level above
            vaddr_t at = {PLACE + (i << (12 + 9 * (1 + i % 2)))};
            EXPECT(OK, memory_map(run, SELF, at, i, 1, RW | ACCESS_CLEAR));
            *(volatile uint64_t *)at.raw = i + 1;
        }
        for (uint64_t i = 0; i < 4; i++) {
            vaddr_t at = {PLACE + (i << (12 + 9 * (1 + i % 2)))};
            EXPECT(i + 1, *(volatile uint64_t *)at.raw);
            EXPECT(OK, process_unmap(SELF, at, 1));
        }
    }
    EXPECT(OK, process_info(SELF, &after));
    EXPECT(before.pool_free, after.pool_free);
    EXPECT(before.mapped, after.mapped);
}

const struct attack book_attacks[] = {
    ATTACK(a_stale_copy_of_a_split_or_donated_run_reaches_nothing),
    ATTACK(a_frame_is_donated_once),
    ATTACK(a_message_page_stays_while_its_thread_lives),
    ATTACK(a_shared_region_outlives_its_owner_until_the_last_mapping_is_gone),
    ATTACK(a_capability_dies_on_its_way),
    ATTACK(a_page_that_looks_like_a_thread_is_none),
    ATTACK(a_mapping_that_asks_for_a_clear_frame_gets_one),
    ATTACK(another_process_in_a_receivers_frames_receives_nothing),
    ATTACK(who_pulls_the_page_tables_from_under_itself_falls_alone),
    ATTACK(tables_that_are_loaded_are_freed_when_they_are_empty),
    {NULL, NULL},
};
