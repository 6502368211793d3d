// SPDX-License-Identifier: MIT
// Faults: handlers that die, answers that lie, addresses that are none.
#include "tests/programs/attack_init/attack.h"

static struct child one, two;

static void touch(uint64_t address)
{
    shared->count[1]++;
    *(volatile uint64_t *)address = 1;
    shared->count[1]++;
    run_for_ever(1);
}

static void receive_and_wait(uint64_t index)
{
    struct message m = {.words = {FOREVER}};
    op(SYS_recv, CHILD_OWN, &m);
    run_for_ever(index);
}

static void break_with_frame_pointer(uint64_t rbp) { __asm__ volatile("mov %0, %%rbp; int3" : : "r"(rbp)); }

static void break_here(uint64_t index)
{
    __asm__ volatile("int3");
    run_for_ever(index);
}

static struct fault *body(void) { return (struct fault *)message_page()->body; }

static void a_fault_whose_pager_dies_goes_to_the_supervisor(void)
{
    struct message m;
    child_make(&two, 6, NO_CAP, NO_CAP);
    child_run(&two, receive_and_wait, 2);
    child_make(&one, 5, two.endpoint, ENDPOINT);
    child_run(&one, touch, PLACE);
    rest(5);
    EXPECT(1, shared->count[1]);
    EXPECT(true, shared->count[2] > 0); // the pager has it
    child_end(&two);
    EXPECT(OK, ipc_recv(ENDPOINT, now() + 20 * MS, &m));
    EXPECT(KIND_FAULT, TAG_OPERATION(m.tag));
    EXPECT(PLACE, m.words[FAULT_ADDRESS]);
    EXPECT(OK, memory_map(one.frames, one.process, (vaddr_t){PLACE}, 3, 1, RW | ACCESS_CLEAR));
    EXPECT(OK, ipc_reply(&(struct message){.token = m.token}));
    rest(5);
    EXPECT(true, shared->count[1] > 2); // it went on
    child_end(&one);
}

static void a_fault_waits_for_an_endpoint_that_ends(void)
{
    struct message m;
    child_make(&two, 6, NO_CAP, NO_CAP); // never receives
    child_make(&one, 5, two.endpoint, ENDPOINT);
    child_run(&one, touch, PLACE);
    rest(5);
    EXPECT(OK, endpoint_destroy(two.endpoint));
    EXPECT(OK, ipc_recv(ENDPOINT, now() + 20 * MS, &m));
    EXPECT(PLACE, m.words[FAULT_ADDRESS]);
    child_end(&one); // while its supervisor deals with it
    EXPECT(ERR_NO_CALLER, ipc_reply(&(struct message){.token = m.token}));
    child_end(&two);
}

static void an_unmapped_page_faults_at_the_next_touch(void)
{
    struct message m;
    child_make(&one, 5, NO_CAP, ENDPOINT);
    EXPECT(OK, memory_map(one.frames, one.process, (vaddr_t){PLACE}, 3, 1, RW | ACCESS_CLEAR));
    child_run(&one, touch, PLACE);
    rest(5);
    EXPECT(true, shared->count[1] > 2);
    EXPECT(OK, process_unmap(one.process, (vaddr_t){SHARED}, 1)); // on which it counts
    EXPECT(OK, ipc_recv(ENDPOINT, now() + 20 * MS, &m));
    EXPECT(14, m.words[FAULT_CAUSE]);
    EXPECT(SHARED, m.words[FAULT_ADDRESS] & ~0xfffull);
    child_end(&one);
}

static void registers_from_a_handler_stay_in_the_user_half(void)
{
    const uint64_t places[] = {USER_TOP, 0x800000000000, 0xffff800000000000, 0xffffffff80100000, ~0ull};
    struct message m;
    for (int i = 0; i < 5; i++) {
        child_make(&one, 5, NO_CAP, ENDPOINT);
        child_run(&one, break_here, 1);
        EXPECT(OK, ipc_recv(ENDPOINT, now() + 20 * MS, &m));
        EXPECT(3, m.words[FAULT_CAUSE]);
        body()->registers.rip = places[i];
        EXPECT(OK, ipc_reply(&(struct message){.tag = TAG(0, OK, sizeof(struct registers), 0), .token = m.token}));
        rest(5);
        EXPECT(0, shared->count[1]); // it is over
        child_end(&one);
    }
    child_make(&one, 5, NO_CAP, ENDPOINT);
    child_run(&one, break_here, 1);
    EXPECT(OK, ipc_recv(ENDPOINT, now() + 20 * MS, &m));
    body()->registers.rflags = ~0ull & ~0x100ull; // IOPL, NT, VM, AC, VIP and what else there is
    EXPECT(OK, ipc_reply(&(struct message){.tag = TAG(0, OK, sizeof(struct registers), 0), .token = m.token}));
    rest(20); // it runs, and is still interrupted
    EXPECT(true, shared->count[1] > 0);
    child_end(&one);
}

static void a_backtrace_follows_no_wild_pointer(void)
{
    const uint64_t frames[] = {0,
                               8,
                               ~0ull,
                               ~7ull,
                               0xffff800000100000,
                               0xffffffff80100000,
                               0x800000000000,
                               USER_TOP - 8,
                               USER_TOP,
                               CHILD_STACK + PAGE_SIZE - 8,
                               CHILD_STACK + 4,
                               PLACE};
    struct message m;
    for (int i = 0; i < 12; i++) {
        child_make(&one, 5, NO_CAP, ENDPOINT);
        child_run(&one, break_with_frame_pointer, frames[i]);
        EXPECT(OK, ipc_recv(ENDPOINT, now() + 20 * MS, &m));
        EXPECT(frames[i], body()->registers.rbp);
        EXPECT(0, body()->backtrace_length);
        child_end(&one);
    }
}

const struct attack fault_attacks[] = {
    ATTACK(a_fault_whose_pager_dies_goes_to_the_supervisor),
    ATTACK(a_fault_waits_for_an_endpoint_that_ends),
    ATTACK(an_unmapped_page_faults_at_the_next_touch),
    ATTACK(registers_from_a_handler_stay_in_the_user_half),
    ATTACK(a_backtrace_follows_no_wild_pointer),
    {NULL, NULL},
};
