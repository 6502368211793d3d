// SPDX-License-Identifier: MIT
// Threads that somebody stops and lets go on, in every state that they can be in; their priority; their end.
#include "tests/programs/attack_init/attack.h"

static struct child one, two;

static void make(struct child *c, uint32_t priority) { child_make(c, priority, NO_CAP, ENDPOINT); }

static struct thread_info look(cap_t thread)
{
    struct thread_info info = {0};
    EXPECT(OK, thread_info(thread, &info));
    return info;
}

static void expect_at_rest(struct child *c, enum thread_state state)
{
    struct thread_info info = look(c->thread);
    EXPECT(state, info.state);
    EXPECT(THREAD_IS_SUSPENDED, info.held);
}

// --- what children do

static void receive_until(uint64_t ms)
{
    struct message m = {.words = {child_now() + ms * MS}};
    shared->word[5] = op(SYS_recv, CHILD_OWN, &m);
    run_for_ever(5);
}

// Operations on the thread in CHILD_FREE.
static void suspend_once(uint64_t index)
{
    struct message m = {0};
    shared->word[7] = op(SYS_thread_suspend, CHILD_FREE, &m);
    run_for_ever(index);
}

static void lower_oneself(uint64_t priority)
{
    struct message m = {.words = {priority}};
    shared->word[7] = op(SYS_thread_priority, CHILD_FREE, &m);
    run_for_ever(1);
}

static void break_once(uint64_t index)
{
    __asm__ volatile("int3");
    run_for_ever(index);
}

// --- suspended in every state

static void a_suspended_thread_does_not_run(void)
{
    make(&one, 5);
    EXPECT(ERR_BAD_STATE, thread_resume(one.thread));
    child_run(&one, run_for_ever, 1);
    rest(5);
    EXPECT(true, shared->count[1] > 0);
    EXPECT(OK, thread_suspend(one.thread));
    uint64_t before = shared->count[1];
    rest(5);
    EXPECT(before, shared->count[1]);
    expect_at_rest(&one, THREAD_READY);
    EXPECT(ERR_BAD_STATE, thread_suspend(one.thread));
    EXPECT(ERR_BAD_STATE, thread_start(one.thread, (vaddr_t){(uint64_t)run_for_ever}, (vaddr_t){0}, 0));
    EXPECT(OK, thread_resume(one.thread));
    EXPECT(ERR_BAD_STATE, thread_resume(one.thread));
    rest(5);
    EXPECT(true, shared->count[1] > before);
    EXPECT(true, look(one.thread).time > 0);
    child_end(&one);
}

static void a_thread_may_be_suspended_before_it_starts(void)
{
    make(&one, 5);
    EXPECT(OK, thread_suspend(one.thread));
    expect_at_rest(&one, THREAD_NEW);
    child_run(&one, run_for_ever, 1);
    rest(5);
    EXPECT(0, shared->count[1]);
    EXPECT(OK, thread_resume(one.thread));
    rest(5);
    EXPECT(true, shared->count[1] > 0);
    child_end(&one);
}

static void a_thread_may_suspend_itself(void)
{
    make(&one, 5);
    EXPECT(OK, cap_copy(one.thread, one.process, CHILD_FREE, ALL));
    shared->word[7] = ~0ull;
    child_run(&one, suspend_once, 1);
    rest(5);
    EXPECT(~0ull, shared->word[7]);
    expect_at_rest(&one, THREAD_READY);
    EXPECT(OK, thread_resume(one.thread));
    rest(5);
    EXPECT(OK, shared->word[7]);
    EXPECT(true, shared->count[1] > 0);
    child_end(&one);
}

static void a_suspended_receiver_keeps_its_caller_waiting(void)
{
    make(&two, 6);
    make(&one, 5);
    child_run(&two, serve_for_ever, 2);
    child_calls(&one, two.endpoint);
    rest(2);
    EXPECT(OK, thread_suspend(two.thread));
    expect_at_rest(&two, THREAD_RECEIVING);
    child_run(&one, call_once, 1);
    rest(5);
    EXPECT(0, shared->count[2]);
    EXPECT(THREAD_CALLING, look(one.thread).state);
    expect_at_rest(&two, THREAD_READY); // the message is in its registers
    EXPECT(OK, thread_resume(two.thread));
    rest(5);
    EXPECT(1, shared->count[2]);
    EXPECT(KIND_REPLY, shared->word[7]);
    child_end(&one);
    child_end(&two);
}

static void a_suspended_caller_gets_its_reply_later(void)
{
    struct message m;
    make(&one, 5);
    child_calls(&one, ENDPOINT);
    child_run(&one, call_once, 1);
    EXPECT(OK, ipc_recv(ENDPOINT, now() + 20 * MS, &m));
    EXPECT(OK, thread_suspend(one.thread));
    expect_at_rest(&one, THREAD_CALLING);
    EXPECT(OK, ipc_reply(&(struct message){.token = m.token, .words = {42}}));
    EXPECT(ERR_NO_CALLER, ipc_reply(&(struct message){.token = m.token}));
    rest(5);
    EXPECT(0, shared->word[7]);
    expect_at_rest(&one, THREAD_READY);
    EXPECT(OK, thread_resume(one.thread));
    rest(5);
    EXPECT(KIND_REPLY, shared->word[7]);
    EXPECT(42, shared->word[6]);
    child_end(&one);
}

static void a_suspended_sender_is_received_all_the_same(void)
{
    make(&two, 6);
    make(&one, 5);
    child_calls(&one, two.endpoint);
    child_run(&one, call_once, 1);
    rest(2);
    EXPECT(OK, thread_suspend(one.thread));
    expect_at_rest(&one, THREAD_SENDING);
    child_run(&two, serve_for_ever, 2);
    rest(5);
    EXPECT(1, shared->count[2]);
    EXPECT(0, shared->word[7]);
    EXPECT(OK, thread_resume(one.thread));
    rest(5);
    EXPECT(KIND_REPLY, shared->word[7]);
    child_end(&one);
    child_end(&two);
}

static void a_deadline_passes_while_its_thread_is_suspended(void)
{
    make(&one, 5);
    child_run(&one, receive_until, 10);
    rest(2);
    EXPECT(OK, thread_suspend(one.thread));
    rest(30);
    EXPECT(0, shared->word[5]);
    expect_at_rest(&one, THREAD_READY);
    EXPECT(OK, thread_resume(one.thread));
    rest(2);
    EXPECT(ERR_TIMEOUT, shared->word[5]);
    child_end(&one);
    make(&one, 5); // and bits arrive
    child_run(&one, receive_until, 1000);
    rest(2);
    EXPECT(OK, thread_suspend(one.thread));
    EXPECT(OK, notify(one.endpoint, 1));
    rest(2);
    EXPECT(0, shared->word[5]);
    EXPECT(OK, thread_resume(one.thread));
    rest(2);
    EXPECT(KIND_NOTIFY, shared->word[5]);
    child_end(&one);
}

static void a_suspended_server_that_ends_frees_its_callers(void)
{
    make(&two, 6);
    make(&one, 5);
    child_run(&two, serve_for_ever, 2);
    child_calls(&one, two.endpoint);
    rest(2);
    EXPECT(OK, thread_suspend(two.thread));
    child_run(&one, call_once, 1);
    rest(2);
    child_end(&two);
    rest(2);
    EXPECT(ERR_SERVER_DIED, shared->word[7]);
    child_end(&one);
}

static void a_fault_that_is_answered_does_not_wake_the_suspended(void)
{
    struct message m;
    make(&one, 5);
    child_run(&one, break_once, 1);
    EXPECT(OK, ipc_recv(ENDPOINT, now() + 20 * MS, &m));
    EXPECT(THREAD_HAS_FAULTED, look(one.thread).held);
    EXPECT(OK, thread_suspend(one.thread));
    EXPECT(OK, ipc_reply(&(struct message){.token = m.token}));
    rest(5);
    EXPECT(0, shared->count[1]);
    EXPECT(OK, thread_resume(one.thread));
    rest(5);
    EXPECT(true, shared->count[1] > 0);
    child_end(&one);
}

static void the_suspended_end_in_every_state(void)
{
    make(&two, 5);
    for (int state = THREAD_NEW; state <= THREAD_CALLING; state++) {
        make(&one, 5);
        child_calls(&one, state == THREAD_SENDING ? two.endpoint : ENDPOINT);
        if (state == THREAD_READY) child_run(&one, run_for_ever, 1);
        if (state == THREAD_RECEIVING) child_run(&one, receive_until, 1000);
        if (state >= THREAD_SENDING) child_run(&one, call_once, 1);
        if (state == THREAD_CALLING) EXPECT(OK, ipc_recv(ENDPOINT, now() + 20 * MS, &(struct message){0}));
        if (state != THREAD_CALLING) rest(2);
        EXPECT(OK, thread_suspend(one.thread));
        expect_at_rest(&one, (enum thread_state)state);
        if (state % 2) {
            EXPECT(OK, thread_destroy(one.thread));
            EXPECT(ERR_NO_CAP, thread_resume(one.thread));
        }
        child_end(&one);
    }
    child_run(&two, serve_for_ever, 2); // nobody is left in its queue
    rest(5);
    EXPECT(0, shared->count[2]);
    child_end(&two);
}

// --- priority, end

static void nobody_gives_a_priority_above_his_own(void)
{
    make(&one, 5);
    make(&two, 6);
    EXPECT(ERR_BAD_ARGUMENT, thread_priority(one.thread, 0));
    EXPECT(ERR_BAD_ARGUMENT, thread_priority(one.thread, INIT_PRIORITY + 1));
    EXPECT(ERR_BAD_ARGUMENT, thread_create(one.process, empty_slot(), (vaddr_t){0}, NO_CAP, NO_CAP, INIT_PRIORITY + 1));
    child_run(&one, run_for_ever, 1);
    child_run(&two, run_for_ever, 2);
    rest(5);
    EXPECT(0, shared->count[1]);
    EXPECT(OK, thread_priority(one.thread, 7)); // it queues above two
    EXPECT(7, look(one.thread).priority);
    rest(5);
    uint64_t before = shared->count[2];
    EXPECT(true, shared->count[1] > 0);
    rest(5);
    EXPECT(before, shared->count[2]);
    EXPECT(OK, thread_priority(one.thread, 6)); // turns
    rest(50);
    EXPECT(true, shared->count[2] > before);
    child_end(&one);
    child_end(&two);
}

static void a_thread_may_lower_itself(void)
{
    make(&two, 5);
    make(&one, 6);
    EXPECT(OK, cap_copy(one.thread, one.process, CHILD_FREE, ALL));
    child_run(&two, run_for_ever, 2);
    shared->word[7] = ~0ull;
    child_run(&one, lower_oneself, 4);
    rest(5);
    EXPECT(~0ull, shared->word[7]); // two runs first
    EXPECT(true, shared->count[2] > 0);
    EXPECT(OK, thread_suspend(two.thread));
    rest(5);
    EXPECT(OK, shared->word[7]);
    child_end(&one);
    child_end(&two);
    make(&one, 5);
    EXPECT(OK, cap_copy(one.thread, one.process, CHILD_FREE, ALL));
    child_run(&one, lower_oneself, 6); // and not raise itself
    rest(5);
    EXPECT(ERR_BAD_ARGUMENT, shared->word[7]);
    child_end(&one);
}

static void a_thread_that_is_destroyed_leaves_nothing(void)
{
    struct process_info before, after;
    struct cap_info info;
    make(&one, 5);
    EXPECT(OK, process_info(one.process, &before));
    for (int i = 0; i < 100; i++) {
        cap_t extra = empty_slot();
        EXPECT(OK, thread_create(one.process, extra, (vaddr_t){0}, NO_CAP, NO_CAP, 5));
        if (i % 2) EXPECT(OK, thread_start(extra, (vaddr_t){(uint64_t)run_for_ever}, (vaddr_t){CHILD_STACK + 64}, 1));
        if (i % 4 == 3) rest(1);
        EXPECT(OK, thread_destroy(extra));
        EXPECT(ERR_NO_CAP, thread_destroy(extra));
        EXPECT(ERR_NO_CAP, cap_info(extra, &info));
        cap_discard(extra);
    }
    EXPECT(OK, process_info(one.process, &after));
    EXPECT(before.pool_free, after.pool_free);
    EXPECT(before.threads, after.threads);
    EXPECT(ERR_SELF, thread_destroy((cap_t){BOOT_SLOT_THREAD}));
    EXPECT(ERR_WRONG_TYPE, thread_destroy(SELF));
    child_end(&one);
}

const struct attack stopped_attacks[] = {
    ATTACK(a_suspended_thread_does_not_run),
    ATTACK(a_thread_may_be_suspended_before_it_starts),
    ATTACK(a_thread_may_suspend_itself),
    ATTACK(a_suspended_receiver_keeps_its_caller_waiting),
    ATTACK(a_suspended_caller_gets_its_reply_later),
    ATTACK(a_suspended_sender_is_received_all_the_same),
    ATTACK(a_deadline_passes_while_its_thread_is_suspended),
    ATTACK(a_suspended_server_that_ends_frees_its_callers),
    ATTACK(a_fault_that_is_answered_does_not_wake_the_suspended),
    ATTACK(the_suspended_end_in_every_state),
    ATTACK(nobody_gives_a_priority_above_his_own),
    ATTACK(a_thread_may_lower_itself),
    ATTACK(a_thread_that_is_destroyed_leaves_nothing),
    {NULL, NULL},
};
