// SPDX-License-Identifier: MIT
// Threads that end in every state, and what becomes of those who deal with them.
#include "tests/programs/attack_init/attack.h"

static struct child one, two, three;

static void make(struct child *c, uint32_t priority) { child_make(c, priority, NO_CAP, NO_CAP); }

static uint64_t threads_of(const struct child *c)
{
    struct process_info info = {0};
    EXPECT(OK, process_info(c->process, &info));
    return info.threads;
}

// --- what the children do

static void sleep_long(uint64_t ms)
{
    struct message m = {.words = {child_now() + ms * MS}};
    shared->word[7] = op(SYS_recv, CHILD_OWN, &m);
    run_for_ever(7);
}

static void send_once(uint64_t index)
{
    struct message m = {.words = {index}};
    shared->word[7] = op(SYS_send, CHILD_CALLS, &m);
    run_for_ever(index);
}

static void receive_and_run(uint64_t index)
{
    struct message m = {.words = {FOREVER}};
    op(SYS_recv, CHILD_OWN, &m);
    run_for_ever(index);
}

// Receives two calls and answers neither: the first is owed then.
static void owe_one(uint64_t index)
{
    struct message m = {.words = {FOREVER}};
    op(SYS_recv, CHILD_OWN, &m);
    shared->count[index]++;
    m = (struct message){.words = {FOREVER}};
    op(SYS_recv, CHILD_OWN, &m);
    run_for_ever(index);
}

static void receive_and_die(uint64_t index)
{
    struct message m = {.words = {FOREVER}};
    op(SYS_recv, CHILD_OWN, &m);
    shared->count[index]++;
    __asm__ volatile("ud2");
}

static void fill_fpu(uint64_t index)
{
    __asm__ volatile("movq %0, %%xmm5" : : "r"(0x1122334455667788));
    run_for_ever(index);
}

static void read_fpu(uint64_t index)
{
    uint64_t value;
    __asm__ volatile("movq %%xmm5, %0" : "=r"(value));
    shared->word[index] = value;
    run_for_ever(index);
}

// --- attacks

static void a_thread_ends_in_every_state(void)
{
    make(&one, 5); // new
    child_end(&one);
    make(&one, 5);
    child_run(&one, run_for_ever, 0);
    rest(5); // ready
    EXPECT(true, shared->count[0] > 0);
    child_end(&one);
    make(&one, 5);
    child_run(&one, sleep_long, 20);
    rest(5); // receives with a deadline
    child_end(&one);
    rest(30); // which passes
    make(&one, 5);
    make(&two, 5);
    child_calls(&one, two.endpoint);
    child_run(&one, send_once, 1);
    rest(5); // sends
    child_end(&one);
    child_run(&two, receive_and_run, 2);
    rest(5); // nobody is there any more
    EXPECT(0, shared->count[2]);
    EXPECT(OK, notify(two.endpoint, 1)); // and the endpoint still works
    rest(5);
    EXPECT(true, shared->count[2] > 0);
    child_end(&two);
}

static void a_caller_ends_while_its_server_works(void)
{
    make(&two, 6);
    child_run(&two, receive_and_run, 2);
    make(&one, 5);
    child_calls(&one, two.endpoint);
    child_run(&one, call_once, 1);
    rest(5);
    EXPECT(true, shared->count[2] > 0);
    child_end(&one);
    rest(15); // ticks charge the server itself again
    child_end(&two);
}

static void callers_of_a_process_that_ends_are_told(void)
{
    make(&two, 6);
    child_run(&two, owe_one, 2);
    make(&one, 5);
    make(&three, 5);
    child_calls(&one, two.endpoint);
    child_calls(&three, two.endpoint);
    child_run(&one, call_once, 1);
    rest(5);
    child_run(&three, call_once, 3);
    rest(5);
    EXPECT(2, shared->count[2] > 1 ? 2 : shared->count[2]); // both were received
    shared->word[7] = 0;
    child_end(&two);
    rest(5);
    EXPECT(ERR_SERVER_DIED, shared->word[7]);
    EXPECT(3, threads_of(&one) + threads_of(&three) + 1);
    child_end(&one);
    child_end(&three);
}

static void the_caller_of_a_thread_that_dies_is_told(void)
{
    make(&two, 6); // without a supervisor: its first exception is its end
    child_run(&two, receive_and_die, 2);
    make(&one, 5);
    child_calls(&one, two.endpoint);
    child_run(&one, call_once, 1);
    rest(5);
    EXPECT(1, shared->count[2]);
    EXPECT(ERR_SERVER_DIED, shared->word[7]);
    EXPECT(0, threads_of(&two));
    struct run_info run;
    EXPECT(OK, memory_info(two.frames, &run));
    EXPECT(2, run.mapped); // the message page is mapped, and not pinned any more
    EXPECT(OK, process_unmap(two.process, (vaddr_t){USER_MESSAGE_PAGE}, 1));
    child_end(&one);
    child_end(&two);
}

static void a_token_names_one_call_and_no_later_one(void)
{
    struct message m;
    make(&one, 5);
    child_calls(&one, ENDPOINT);
    child_run(&one, call_once, 1);
    EXPECT(OK, ipc_recv(ENDPOINT, FOREVER, &m));
    uint64_t old = m.token;
    child_end(&one);
    EXPECT(ERR_NO_CALLER, ipc_reply(&(struct message){.token = old}));
    make(&one, 5); // the same frames
    child_calls(&one, ENDPOINT);
    child_run(&one, call_once, 2);
    EXPECT(OK, ipc_recv(ENDPOINT, FOREVER, &m));
    EXPECT((uint32_t)old, (uint32_t)m.token); // the same frame indeed
    EXPECT(ERR_NO_CALLER, ipc_reply(&(struct message){.token = old, .words = {0xbad}}));
    const uint64_t wrong[] = {0, 1, ~0ull, (uint32_t)m.token | 1ull << 63, m.token + 1, m.token + (1ull << 32)};
    for (int i = 0; i < 6; i++)
        EXPECT(ERR_NO_CALLER, ipc_reply(&(struct message){.token = wrong[i]}));
    EXPECT(OK, ipc_reply(&(struct message){.token = m.token, .words = {42}}));
    EXPECT(ERR_NO_CALLER, ipc_reply(&(struct message){.token = m.token}));
    rest(5);
    EXPECT(42, shared->word[6]);
    child_end(&one);
}

static void the_fpu_of_a_dead_thread_is_forgotten(void)
{
    make(&one, 5);
    child_run(&one, fill_fpu, 1);
    rest(5);
    EXPECT(true, shared->count[1] > 0);
    child_end(&one);
    make(&one, 5);
    shared->word[3] = 1;
    child_run(&one, read_fpu, 3);
    rest(5);
    EXPECT(true, shared->count[3] > 0);
    EXPECT(0, shared->word[3]);
    child_end(&one);
}

static void a_thread_starts_once_and_in_the_user_half(void)
{
    make(&one, 5);
    const uint64_t places[] = {0,    USER_BASE - 1, USER_TOP, 0x800000000000, 0xffff800000000000, 0xffffffff80000000,
                               ~0ull};
    for (int i = 0; i < 7; i++)
        EXPECT(ERR_BAD_ADDRESS, thread_start(one.thread, (vaddr_t){places[i]}, (vaddr_t){0}, 0));
    EXPECT(ERR_BUSY, thread_create(one.process, empty_slot(), (vaddr_t){USER_MESSAGE_PAGE}, NO_CAP, NO_CAP, 5));
    EXPECT(ERR_NOT_MAPPED, thread_create(one.process, empty_slot(), (vaddr_t){PLACE}, NO_CAP, NO_CAP, 5));
    EXPECT(ERR_BAD_ADDRESS, thread_create(one.process, empty_slot(), (vaddr_t){~0xfffull}, NO_CAP, NO_CAP, 5));
    EXPECT(ERR_BAD_ARGUMENT, thread_create(one.process, empty_slot(), (vaddr_t){0}, NO_CAP, NO_CAP, 0));
    EXPECT(ERR_BAD_ARGUMENT, thread_create(one.process, empty_slot(), (vaddr_t){0}, NO_CAP, NO_CAP, 31));
    EXPECT(ERR_MAPPED, process_unmap(one.process, (vaddr_t){USER_MESSAGE_PAGE}, 1));
    child_run(&one, run_for_ever, 1);
    EXPECT(ERR_BAD_STATE, thread_start(one.thread, (vaddr_t){(uint64_t)run_for_ever}, (vaddr_t){0}, 0));
    child_end(&one);
}

static void a_page_that_is_mapped_anew_shows_its_new_frame(void)
{
    cap_t run = carve(2);
    volatile uint64_t *word = (uint64_t *)PLACE;
    EXPECT(OK, memory_map(run, SELF, (vaddr_t){PLACE}, 0, 1, RW | ACCESS_CLEAR));
    *word = 1;
    EXPECT(OK, process_unmap(SELF, (vaddr_t){PLACE}, 1)); // its tables go too
    EXPECT(OK, memory_map(run, SELF, (vaddr_t){PLACE}, 1, 1, RW | ACCESS_CLEAR));
    EXPECT(0, *word);
    EXPECT(OK, process_unmap(SELF, (vaddr_t){PLACE}, 1));
}

const struct attack thread_attacks[] = {
    ATTACK(a_thread_ends_in_every_state),
    ATTACK(a_caller_ends_while_its_server_works),
    ATTACK(callers_of_a_process_that_ends_are_told),
    ATTACK(the_caller_of_a_thread_that_dies_is_told),
    ATTACK(a_token_names_one_call_and_no_later_one),
    ATTACK(the_fpu_of_a_dead_thread_is_forgotten),
    ATTACK(a_thread_starts_once_and_in_the_user_half),
    ATTACK(a_page_that_is_mapped_anew_shows_its_new_frame),
    {NULL, NULL},
};
