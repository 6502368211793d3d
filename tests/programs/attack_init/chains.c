// SPDX-License-Identifier: MIT
// Many who wait for one another, and ends that would run through all of them at once.
#include "libsys/slots.h"
#include "tests/programs/attack_init/crowd.h"
#include "tests/programs/attack_init/matrix.h"

#define LINKS 900
#define REFUSED 40

static struct crowd crowd;
static struct child one, two, three;

static uint64_t threads_of(const struct child *c)
{
    struct process_info info = {0};
    EXPECT(OK, process_info(c->process, &info));
    return info.threads;
}

static void handle_and_die(uint64_t slot)
{
    struct message m = {.words = {FOREVER}};
    op(SYS_recv, (uint32_t)slot, &m);
    shared->count[0]++;
    __asm__ volatile("ud2");
}

static void die(uint64_t unused)
{
    (void)unused;
    __asm__ volatile("ud2");
}

// Each thread's supervisor is the next one, which dies of the first fault that it is told of. The last has none.
static void a_chain_of_handlers_dies_from_its_end_on(void)
{
    cap_t thread = empty_slot(), supervisor = NO_CAP, endpoints[] = {empty_slot(), empty_slot()};
    crowd_make(&crowd, LINKS);
    for (uint32_t i = LINKS; i-- > 0; supervisor = endpoints[i % 2]) {
        cap_drop(endpoints[i % 2]);
        EXPECT(OK, endpoint_create(crowd.child.process, endpoints[i % 2], crowd.child.process));
        EXPECT(OK, cap_copy(endpoints[i % 2], crowd.child.process, CHILD_FREE + i, ALL));
        cap_drop(thread);
        crowd_add(&crowd, i, thread, 5, NO_CAP, supervisor);
        if (i > 0) crowd_run(thread, i, handle_and_die, CHILD_FREE + i);
    }
    rest(20);
    crowd_run(thread, 0, die, 0);
    rest(50);
    EXPECT(LINKS - 1, shared->count[0]);
    EXPECT(1, threads_of(&crowd.child)); // the one that was never started
    crowd_end(&crowd);
    slot_free(thread);
    slot_free(endpoints[0]);
    slot_free(endpoints[1]);
}

static void call_with_a_capability(uint64_t index)
{
    struct message m = {.words = {index}};
    uint32_t result = op(TAG(SYS_call, 0, 0, 1), CHILD_CALLS, &m);
    shared->count[result == ERR_NO_CAP]++;
    op(SYS_exit, 0, &m);
}

static void messages_that_cannot_be_delivered_do_not_hide_one_that_can(void)
{
    crowd_make(&crowd, LINKS);
    child_make(&two, 6, NO_CAP, NO_CAP);
    child_make(&one, 4, NO_CAP, NO_CAP);
    child_calls(&crowd.child, two.endpoint);
    child_calls(&one, two.endpoint);
    for (uint32_t i = 0; i < REFUSED; i++)
        crowd_begin(&crowd, i, 5, call_with_a_capability, i);
    rest(5);
    child_run(&one, call_once, 77);
    rest(5);
    EXPECT(0, shared->count[1]); // they wait, and one behind them
    EXPECT(OK, notify(two.endpoint, 0x40));
    child_run(&two, receive_once, 2);
    rest(10);
    EXPECT(REFUSED, shared->count[1]);
    EXPECT(0, shared->count[0]);
    EXPECT(77, shared->word[2]);
    EXPECT(0x40, shared->word[4]); // the bits came along with the first that could be delivered
    child_end(&one);
    child_end(&two);
    crowd_end(&crowd);
}

static void receive_slot(uint64_t slot)
{
    struct message m = {.words = {FOREVER}};
    op(SYS_recv, (uint32_t)slot, &m);
    for (;;) {
        shared->count[0]++;
        op(SYS_reply_recv, 0, &m);
    }
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

// Threads end a few at a time. The one that waits here is among the last, and so are those that run.
static void nothing_runs_in_what_is_half_destroyed(void)
{
    const uint32_t last = 30;
    crowd_make(&crowd, LINKS);
    child_make(&three, 6, NO_CAP, NO_CAP);
    child_make(&one, 4, NO_CAP, NO_CAP);
    cap_t endpoint = empty_slot();
    EXPECT(OK, endpoint_create(SELF, endpoint, crowd.child.process));
    EXPECT(OK, cap_copy(endpoint, crowd.child.process, CHILD_FREE, ALL));
    for (uint32_t i = 0; i < last; i++)
        crowd_begin(&crowd, i, 5, run_for_ever, 1);
    crowd_begin(&crowd, last, 6, receive_slot, CHILD_FREE);
    rest(5);
    EXPECT(true, shared->count[1] > 0);
    struct message m = {.words = {empty_slot().slot}};
    EXPECT(ERR_AGAIN, op(SYS_process_destroy, crowd.child.process.slot, &m));
    uint64_t before = shared->count[1];
    rest(30);
    EXPECT(before, shared->count[1]);
    EXPECT(OK, endpoint_bind(endpoint, three.process));
    EXPECT(OK, cap_copy(endpoint, three.process, CHILD_FREE, ALL));
    child_run(&three, serve_another, 3);
    child_calls(&one, endpoint);
    child_run(&one, call_once, 1);
    rest(5);
    EXPECT(KIND_REPLY, shared->word[7]);
    EXPECT(1, shared->count[3]);
    EXPECT(0, shared->count[0]);
    crowd_end(&crowd);
    child_end(&one);
    child_end(&three);
    EXPECT(OK, endpoint_destroy(endpoint));
    slot_free(endpoint);
}

static void compute_and_die(uint64_t ms)
{
    struct message m = {.words = {FOREVER}};
    op(SYS_recv, CHILD_OWN, &m);
    for (uint64_t end = child_now() + ms * MS; child_now() < end;)
        continue;
    __asm__ volatile("ud2");
}

// Its slice runs out while a server that dies works for it. A later call returns to it at once all the same.
static void call_the_dying_and_the_living(uint64_t count)
{
    struct message m = {0};
    shared->word[7] = op(SYS_call, CHILD_CALLS, &m);
    uint64_t before = shared->count[count];
    m = (struct message){0};
    shared->word[6] = op(SYS_call, CHILD_FREE, &m);
    shared->word[5] = shared->count[count] - before;
    for (;;) {
        m = (struct message){.words = {FOREVER}};
        op(SYS_recv, CHILD_OWN, &m);
    }
}

static void a_slice_that_ran_out_under_a_server_that_died_is_forgotten(void)
{
    static struct child runner;
    child_make(&one, 5, NO_CAP, NO_CAP);
    child_make(&two, 6, NO_CAP, NO_CAP);
    child_make(&three, 6, NO_CAP, NO_CAP);
    child_make(&runner, 5, NO_CAP, NO_CAP);
    child_calls(&one, two.endpoint);
    EXPECT(OK, cap_copy(three.endpoint, one.process, CHILD_FREE, ALL));
    child_run(&two, compute_and_die, 35);
    child_run(&three, serve_for_ever, 3);
    rest(1);
    child_run(&one, call_the_dying_and_the_living, 1);
    child_run(&runner, run_for_ever, 1);
    rest(100);
    EXPECT(ERR_SERVER_DIED, shared->word[7]);
    EXPECT(KIND_REPLY, shared->word[6]);
    EXPECT(0, shared->word[5]); // nobody of its priority ran in between
    EXPECT(true, shared->count[1] > 0);
    child_end(&one);
    child_end(&two);
    child_end(&three);
    child_end(&runner);
}

static void call_and_count(uint64_t unused)
{
    (void)unused;
    struct message m = {0};
    shared->count[op(SYS_call, CHILD_CALLS, &m) == ERR_GONE]++;
    op(SYS_exit, 0, &m);
}

// A cell of the matrix: more callers than one step tells.
void ending_an_endpoint_is_done_in_steps(void)
{
    static struct crowd callers;
    cap_t e = empty_slot(), copy = empty_slot();
    struct cap_info info;
    crowd_make(&callers, 100);
    crowd_end(&callers);
    books_note();
    crowd_make(&callers, 100);
    EXPECT(OK, endpoint_create(SELF, e, SELF));
    EXPECT(OK, cap_copy(e, NO_CAP, copy.slot, ALL));
    child_calls(&callers.child, e);
    for (uint32_t i = 0; i < 100; i++)
        crowd_begin(&callers, i, 5, call_and_count, 0);
    rest(5);
    EXPECT(ERR_AGAIN, op(SYS_endpoint_destroy, e.slot, &(struct message){0}));
    EXPECT(ERR_NO_CAP, cap_info(copy, &info));
    EXPECT(OK, cap_info(e, &info));
    EXPECT(RIGHT_MANAGE, info.rights);
    EXPECT(ERR_WRONG_TYPE, op(SYS_call, e.slot, &(struct message){0}));
    rest(5);
    EXPECT(true, shared->count[1] > 0 && shared->count[1] < 100);
    EXPECT(OK, endpoint_destroy(e));
    rest(5);
    EXPECT(100, shared->count[1]);
    shared->count[1] = 0;
    crowd_end(&callers);
    UNCHANGED();
}

const struct attack chain_attacks[] = {
    ATTACK(a_chain_of_handlers_dies_from_its_end_on),
    ATTACK(messages_that_cannot_be_delivered_do_not_hide_one_that_can),
    ATTACK(nothing_runs_in_what_is_half_destroyed),
    ATTACK(a_slice_that_ran_out_under_a_server_that_died_is_forgotten),
    {NULL, NULL},
};
