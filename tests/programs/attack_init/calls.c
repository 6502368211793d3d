// SPDX-License-Identifier: MIT
// Messages, endpoints that end, and time.
#include "common/mem.h"
#include "tests/programs/attack_init/attack.h"

static struct child one, two, three;

static void make(struct child *c, uint32_t priority) { child_make(c, priority, NO_CAP, NO_CAP); }

// Answers at once and waits with a deadline that never comes near: a server that has something to do later.
static void serve_with_deadlines(uint64_t index)
{
    struct message m = {.words = {FOREVER}};
    op(SYS_recv, CHILD_OWN, &m);
    for (;;) {
        shared->count[index]++;
        op(SYS_reply, 0, &m);
        // Not always the same distance: the timer would ring at one and the same instruction of this loop.
        m = (struct message){.words = {child_now() + 5 * MS + shared->count[index] % 509 * 1000}};
        op(SYS_recv, CHILD_OWN, &m);
    }
}

static void call_for_ever(uint64_t index)
{
    for (;;) {
        struct message m = {.words = {index}};
        op(SYS_call, CHILD_CALLS, &m);
        shared->count[index]++;
    }
}

static void receive_until(uint64_t ms)
{
    struct message m = {.words = {child_now() + ms * MS}};
    shared->word[5] = op(SYS_recv, CHILD_OWN, &m);
    run_for_ever(5);
}

// What it says of itself: result of a call with that tag.
static void call_with_tag(uint64_t tag)
{
    struct message m = {0};
    shared->word[7] = op(tag, CHILD_CALLS, &m);
    run_for_ever(7);
}

static void deadlines_do_not_hold_the_clock_back(void)
{
    make(&one, 5);
    make(&two, 6);
    make(&three, 5);
    child_calls(&one, two.endpoint);
    child_run(&two, serve_with_deadlines, 2);
    child_run(&one, call_for_ever, 1);
    rest(20);
    child_run(&three, run_for_ever, 3);
    rest(200);
    EXPECT(true, shared->count[1] > 0);
    EXPECT(true, shared->count[3] > 1000);
    struct process_info caller, runner;
    EXPECT(OK, process_info(one.process, &caller));
    EXPECT(OK, process_info(three.process, &runner));
    EXPECT(true, runner.time > 60 * MS); // half of it is its own
    child_end(&one);
    child_end(&two);
    child_end(&three);
}

static void answer_when_told(uint64_t result)
{
    struct message m = {.words = {FOREVER}};
    op(SYS_recv, CHILD_OWN, &m);
    while (!shared->count[0])
        __asm__ volatile("pause");
    shared->word[result] = op(SYS_reply_recv, 0, &m);
    run_for_ever(2);
}

static void an_endpoint_in_the_same_frame_is_not_the_servers(void)
{
    make(&one, 5);
    make(&two, 6);
    child_calls(&one, two.endpoint);
    child_run(&two, answer_when_told, 1);
    child_run(&one, call_once, 7);
    rest(20);
    EXPECT(OK, endpoint_destroy(two.endpoint));
    EXPECT(OK, endpoint_create(SELF, two.endpoint, two.process)); // in the frame that has come free
    shared->count[0] = 1;
    rest(20);
    EXPECT(ERR_NO_CAP, shared->word[1]);
    EXPECT(true, shared->count[2] > 0);
    child_end(&two);
    rest(20);
    EXPECT(ERR_SERVER_DIED, shared->word[7]); // it was not answered
    child_end(&one);
}

static void answer_twice(uint64_t index)
{
    struct message m = {.words = {FOREVER}};
    op(SYS_recv, CHILD_OWN, &m);
    uint64_t first = m.token;
    op(SYS_reply_recv, 0, &m);
    shared->count[index]++;
    m.token = first;
    op(SYS_reply_recv, 0, &m);
    run_for_ever(7);
}

static void a_token_answers_one_call(void)
{
    make(&one, 5);
    make(&two, 6);
    child_calls(&one, two.endpoint);
    child_run(&two, answer_twice, 2);
    child_run(&one, call_for_ever, 1);
    rest(20);
    EXPECT(1, shared->count[2]);
    EXPECT(1, shared->count[1]); // the first; the second call waits
    EXPECT(0, shared->count[7]);
    child_end(&one);
    child_end(&two);
}

static void answer_by_what_is_no_answer(uint64_t result)
{
    struct message m = {.words = {FOREVER}};
    op(SYS_recv, CHILD_OWN, &m);
    struct message empty = m, bits = m;
    shared->word[result] = op(TAG(SYS_null, 0, 8, 0), 0, &empty);
    shared->word[result + 1] = op(TAG(SYS_notify, 0, 8, 0), 0, &bits);
    run_for_ever(2);
}

static void a_body_makes_no_answer_of_another_operation(void)
{
    make(&one, 5);
    make(&two, 6);
    child_calls(&one, two.endpoint);
    child_run(&two, answer_by_what_is_no_answer, 1);
    child_run(&one, call_once, 7);
    rest(20);
    EXPECT(ERR_BAD_SYSCALL, shared->word[1]);
    EXPECT(ERR_BAD_SYSCALL, shared->word[2]);
    EXPECT(true, shared->count[2] > 0);
    child_end(&two);
    rest(20);
    EXPECT(ERR_SERVER_DIED, shared->word[7]); // it was not answered
    child_end(&one);
}

static void an_endpoint_ends_with_all_who_wait(void)
{
    make(&one, 5);
    make(&two, 5);
    child_calls(&one, two.endpoint);
    child_run(&one, call_once, 1); // sends: two does not receive
    rest(5);
    EXPECT(OK, endpoint_destroy(two.endpoint));
    rest(5);
    EXPECT(ERR_GONE, shared->word[7]);
    child_end(&one);
    child_end(&two);
    make(&two, 5);
    child_run(&two, receive_until, 20);
    rest(5);
    EXPECT(OK, endpoint_destroy(two.endpoint));
    rest(5);
    EXPECT(ERR_GONE, shared->word[5]);
    rest(30); // its deadline passes, and nothing happens
    EXPECT(ERR_GONE, shared->word[5]);
    child_end(&two);
}

static void an_endpoint_ends_while_its_server_works(void)
{
    make(&two, 6);
    make(&one, 5);
    child_run(&two, serve_for_ever, 2);
    child_calls(&one, two.endpoint);
    child_run(&one, call_for_ever, 1);
    rest(5);
    EXPECT(OK, endpoint_destroy(two.endpoint));
    cap_t another = empty_slot(); // in the same frame
    EXPECT(OK, endpoint_create(SELF, another, two.process));
    uint64_t before = shared->count[2];
    rest(5);
    EXPECT(true, shared->count[1] > 0); // it goes on, with errors
    struct cap_info info;
    EXPECT(OK, cap_info(another, &info));
    EXPECT(true, shared->count[2] >= before);
    child_end(&one);
    child_end(&two);
    EXPECT(OK, endpoint_destroy(another));
}

static void only_the_receiver_receives_and_a_successor_follows_the_dead(void)
{
    make(&one, 5);
    make(&two, 5);
    cap_t endpoint = empty_slot();
    struct message m = {0};
    EXPECT(OK, endpoint_create(SELF, endpoint, one.process));
    EXPECT(ERR_NOT_RECEIVER, op(SYS_recv, endpoint.slot, &m));
    EXPECT(ERR_BUSY, endpoint_bind(endpoint, two.process));
    EXPECT(OK, endpoint_bind(endpoint, one.process));
    EXPECT(OK, notify(endpoint, 0x10));
    child_end(&one);
    make(&one, 5); // another process in the same frame is not the receiver
    struct cap_info info;
    EXPECT(OK, cap_copy(endpoint, one.process, CHILD_FREE, ALL));
    EXPECT(OK, endpoint_bind(endpoint, two.process));
    EXPECT(ERR_BUSY, endpoint_bind(endpoint, one.process));
    child_end(&two);
    EXPECT(OK, endpoint_bind(endpoint, SELF));
    EXPECT(KIND_NOTIFY, op(SYS_recv, endpoint.slot, &(struct message){0})); // bits stayed
    EXPECT(ERR_SELF, op(SYS_call, endpoint.slot, &(struct message){0}));
    EXPECT(OK, cap_info(endpoint, &info));
    EXPECT(OK, endpoint_destroy(endpoint));
    child_end(&one);
}

static void serve_another(uint64_t index)
{
    struct message m = {.words = {FOREVER}};
    op(SYS_recv, CHILD_FREE, &m);
    for (;;) {
        shared->count[index]++;
        op(SYS_reply_recv, 0, &m);
    }
}

static void a_successor_serves_though_its_predecessor_is_half_destroyed(void)
{
    make(&one, 5);
    make(&two, 6);
    make(&three, 6);
    child_run(&two, serve_for_ever, 2);
    rest(2);
    EXPECT(ERR_AGAIN, op(SYS_process_destroy, two.process.slot, &(struct message){.words = {empty_slot().slot}}));
    EXPECT(OK, endpoint_bind(two.endpoint, three.process));
    EXPECT(OK, cap_copy(two.endpoint, three.process, CHILD_FREE, ALL));
    child_run(&three, serve_another, 3);
    child_calls(&one, two.endpoint);
    child_run(&one, call_once, 1);
    rest(5);
    EXPECT(KIND_REPLY, shared->word[7]);
    EXPECT(0, shared->count[2]);
    EXPECT(1, shared->count[3]);
    child_end(&one);
    child_end(&three);
    child_end(&two);
}

static void malformed_messages_are_refused(void)
{
    const struct {
        uint64_t tag, result;
    } tries[] = {
        {TAG(SYS_call, 0, MESSAGE_MAX + 1, 0), ERR_BAD_MESSAGE},
        {TAG(SYS_call, 0, 0xffff, 0), ERR_BAD_MESSAGE},
        {TAG(SYS_call, 0, 0, 5), ERR_BAD_MESSAGE},
        {TAG(SYS_call, 0, 0, 255), ERR_BAD_MESSAGE},
        {TAG(SYS_call, 0, 0, 1), ERR_NO_CAP},
        {TAG(SYS_send, 0, 0, 1), ERR_NO_CAP},
        {TAG(SYS_recv, 0, 1, 0), ERR_BAD_SYSCALL},
        {TAG(SYS_null, 1, 0, 0), ERR_BAD_SYSCALL},
        {TAG(SYSCALL_COUNT, 0, 0, 0), ERR_BAD_SYSCALL},
        {TAG(255, 0, 0, 0), ERR_BAD_SYSCALL},
        {TAG(128, 0, 0, 0), ERR_BAD_SYSCALL},
    };
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
        make(&two, 6);
        make(&one, 5);
        child_run(&two, serve_for_ever, 2);
        child_calls(&one, two.endpoint);
        rest(2);
        child_run(&one, call_with_tag, tries[i].tag);
        rest(2);
        EXPECT(tries[i].result, shared->word[7]);
        EXPECT(0, shared->count[2]); // nothing arrived
        child_end(&one);
        child_end(&two);
    }
}

static void a_long_body_meets_a_thread_without_a_page(void)
{
    make(&two, 6);
    cap_t pageless = child_thread(&two, 1, 6);
    vaddr_t stack = {USER_STACK_TOP - USER_STACK_STRIDE - 8};
    EXPECT(OK, thread_start(pageless, (vaddr_t){(uint64_t)serve_for_ever}, stack, 2));
    make(&one, 5);
    child_calls(&one, two.endpoint);
    child_run(&one, call_with_tag, TAG(SYS_call, 0, 8, 0));
    rest(5);
    EXPECT(ERR_NO_PAGE, shared->word[7]);
    child_end(&one);
    make(&one, 5);
    child_calls(&one, two.endpoint);
    child_run(&one, call_with_tag, TAG(SYS_call, 0, 0, 0));
    rest(5);
    EXPECT(KIND_REPLY, shared->word[7]); // it still waits and serves
    child_end(&one);
    child_end(&two);
}

static void call_with_capability(uint64_t slot)
{
    ((struct message_page *)USER_MESSAGE_PAGE)->send_slots[0] = (uint32_t)slot;
    struct message m = {0};
    shared->word[7] = op(TAG(SYS_call, 0, 0, 1), CHILD_CALLS, &m);
    m = (struct message){.words = {FOREVER}};
    op(SYS_recv, CHILD_OWN, &m);
}

// It is above the receiver: it is the current thread already when the receiver begins to wait.
static void a_sender_that_is_refused_goes_on_and_the_receiver_waits(void)
{
    make(&two, 5);
    make(&one, 6);
    child_calls(&one, two.endpoint);
    child_run(&one, call_with_capability, CHILD_CLOCK);
    rest(2); // in the queue
    child_run(&two, receive_once, 3);
    rest(2);
    EXPECT(ERR_NO_SLOT, shared->word[7]);
    EXPECT(OK, notify(two.endpoint, 4));
    rest(2);
    EXPECT(4, shared->word[5]);
    child_end(&one);
    child_end(&two);
}

const struct attack call_attacks[] = {
    ATTACK(deadlines_do_not_hold_the_clock_back),
    ATTACK(an_endpoint_in_the_same_frame_is_not_the_servers),
    ATTACK(a_token_answers_one_call),
    ATTACK(a_body_makes_no_answer_of_another_operation),
    ATTACK(an_endpoint_ends_with_all_who_wait),
    ATTACK(an_endpoint_ends_while_its_server_works),
    ATTACK(only_the_receiver_receives_and_a_successor_follows_the_dead),
    ATTACK(a_successor_serves_though_its_predecessor_is_half_destroyed),
    ATTACK(malformed_messages_are_refused),
    ATTACK(a_long_body_meets_a_thread_without_a_page),
    ATTACK(a_sender_that_is_refused_goes_on_and_the_receiver_waits),
    {NULL, NULL},
};
