// SPDX-License-Identifier: MIT
// Operations that wait, and what ends the waiting.
#include "tests/programs/attack_init/matrix.h"

static struct child mute, caller;

static cap_t endpoint_of_ours(void)
{
    static cap_t e;
    if (e.slot == 0) e = empty_slot();
    EXPECT(OK, endpoint_create(SELF, e, SELF));
    return e;
}

static void receive_and_stay(uint64_t index)
{
    (void)index;
    struct message m = {.words = {FOREVER}};
    op(SYS_recv, CHILD_OWN, &m);
    for (;;)
        op(SYS_yield, 0, &m);
}

// A child's life leaves everything as it was before: so what the waiting left behind would be seen.
static void note_before_a_life(void)
{
    child_make(&mute, 6, NO_CAP, NO_CAP);
    child_end(&mute);
    books_note();
    child_make(&mute, 6, NO_CAP, NO_CAP);
}

static void a_server_dies_before_it_answers(void)
{
    static struct step call;
    note_before_a_life();
    child_run(&mute, receive_and_stay, 0);
    call = (struct step){.tag = SYS_call, .slot = mute.endpoint.slot};
    aside(&call, 1, true);
    rest(3);
    EXPECT(false, call.done);
    child_end(&mute);
    rest(3);
    EXPECT(ERR_SERVER_DIED, call.result);
    UNCHANGED();
}

static void an_endpoint_is_gone_meanwhile(uint8_t operation)
{
    static struct step sends;
    note_before_a_life();
    sends = (struct step){.tag = operation, .slot = mute.endpoint.slot};
    aside(&sends, 1, true);
    rest(3);
    EXPECT(false, sends.done);
    EXPECT(OK, endpoint_destroy(mute.endpoint));
    rest(3);
    EXPECT(ERR_GONE, sends.result);
    child_end(&mute);
    UNCHANGED();
}
static void an_endpoint_is_gone_before_a_call_is_received(void) { an_endpoint_is_gone_meanwhile(SYS_call); }
static void an_endpoint_is_gone_before_a_send_is_received(void) { an_endpoint_is_gone_meanwhile(SYS_send); }

// Steps of a thread that receives from an endpoint of its own; the last step's result is told.
static uint32_t receive_steps(struct step *steps, uint32_t count, bool with_page, bool end_endpoint)
{
    books_note();
    cap_t e = endpoint_of_ours();
    for (uint32_t i = 0; i < count; i++) {
        if (steps[i].tag == SYS_recv || steps[i].tag == SYS_endpoint_destroy) steps[i].slot = e.slot;
        steps[i].done = false;
    }
    aside(steps, count, with_page);
    rest(3);
    if (end_endpoint) {
        EXPECT(false, steps[count - 1].done);
        EXPECT(OK, endpoint_destroy(e));
        rest(3);
    }
    EXPECT(true, steps[count - 1].done);
    (void)!endpoint_destroy(e);
    UNCHANGED();
    return steps[count - 1].result;
}

static void an_endpoint_is_gone_while_its_receiver_waits(void)
{
    static struct step steps[] = {{.tag = SYS_recv, .words = {FOREVER}}};
    EXPECT(ERR_GONE, receive_steps(steps, 1, true, true));
}

static void an_endpoint_is_gone_while_its_server_waits(void)
{
    static struct step steps[] = {{.tag = SYS_recv}, {.tag = SYS_reply_recv}};
    EXPECT(ERR_GONE, receive_steps(steps, 2, true, true));
    EXPECT(ERR_TIMEOUT, steps[0].result);
}

static void a_server_that_never_received_has_no_endpoint(void)
{
    static struct step gone[] = {{.tag = SYS_recv}, {.tag = SYS_endpoint_destroy}, {.tag = SYS_reply_recv}};
    EXPECT(ERR_NO_CAP, aside_first_result);
    EXPECT(ERR_NO_CAP, receive_steps(gone, 3, true, false));
    EXPECT(OK, gone[1].result);
}

// --- a server's loop with a caller that waits for it

static void serve_steps(struct step *steps, uint32_t count, bool with_page)
{
    child_make(&caller, 5, NO_CAP, NO_CAP);
    child_calls(&caller, (cap_t){OURS});
    aside(steps, count, with_page);
    child_run(&caller, call_once, 1);
    rest(5);
    EXPECT(KIND_CALL, steps[0].result);
    EXPECT(true, steps[count - 1].done);
}

// Refused as a whole: the caller still waits, and a proper answer reaches it.
static void a_malformed_reply_neither_replies_nor_receives(void)
{
    static struct step steps[] = {
        {.tag = SYS_recv, .slot = OURS, .words = {FOREVER}},
        {.tag = TAG(SYS_reply_recv, 0, MESSAGE_MAX + 1, 0), .token = LAST, .words = {41}},
        {.tag = TAG(SYS_reply_recv, 0, 0, 5), .token = LAST, .words = {42}},
        {.tag = SYS_reply, .token = LAST, .words = {43}},
    };
    serve_steps(steps, 4, true);
    EXPECT(ERR_BAD_MESSAGE, steps[1].result);
    EXPECT(ERR_BAD_MESSAGE, steps[2].result);
    EXPECT(OK, steps[3].result);
    EXPECT(43, shared->word[6]);
    child_end(&caller);
}

static void a_server_without_a_page_replies_no_body(void)
{
    static struct step steps[] = {
        {.tag = SYS_recv, .slot = OURS, .words = {FOREVER}},
        {.tag = TAG(SYS_reply_recv, 0, 8, 0), .token = LAST, .words = {41}},
        {.tag = SYS_reply, .token = LAST, .words = {43}},
    };
    serve_steps(steps, 3, false);
    EXPECT(ERR_NO_PAGE, steps[1].result);
    EXPECT(OK, steps[2].result);
    EXPECT(43, shared->word[6]);
    child_end(&caller);
}

// A second thread comes to wait between the first one's receive and its reply. The reply is out all the same.
static void two_threads_serve_one_endpoint(void)
{
    static struct step first[] = {
        {.tag = SYS_recv, .slot = OURS, .words = {FOREVER}},
        {.tag = SYS_yield},
        {.tag = SYS_reply_recv, .token = LAST, .words = {44}},
    };
    static struct step second[] = {{.tag = SYS_recv, .slot = OURS, .words = {FOREVER}}};
    child_make(&caller, 5, NO_CAP, NO_CAP);
    child_calls(&caller, (cap_t){OURS});
    child_run(&caller, call_once, 1);
    rest(2); // its message waits
    aside(first, 3, true);
    aside(second, 1, true);
    rest(5);
    EXPECT(KIND_CALL, first[0].result);
    EXPECT(ERR_BUSY, first[2].result);
    EXPECT(44, shared->word[6]);
    EXPECT(false, second[0].done);
    EXPECT(OK, notify((cap_t){OURS}, 1));
    rest(2);
    EXPECT(KIND_NOTIFY, second[0].result);
    child_end(&caller);
}

static struct step waits;
static void enter_another_waits(void)
{
    waits = (struct step){.tag = SYS_recv, .slot = OURS, .words = {FOREVER}};
    aside(&waits, 1, true);
    rest(2);
}
static void leave_another_waits(void)
{
    EXPECT(false, waits.done);
    EXPECT(OK, notify((cap_t){OURS}, 1)); // it still does
    rest(2);
    EXPECT(KIND_NOTIFY, waits.result);
}

// clang-format off
const struct cell wait_cells[] = {
    CELL_SCENE(call, ERR_SERVER_DIED, a_server_dies_before_it_answers)
    CELL_SCENE(call, ERR_GONE, an_endpoint_is_gone_before_a_call_is_received)
    CELL_SCENE(send, ERR_GONE, an_endpoint_is_gone_before_a_send_is_received)

    //   operation  error             endpoint     deadline
    CELL(recv,      ERR_BAD_SLOT,     BEYOND,      0)
    CELL(recv,      ERR_NO_CAP,       EMPTY,       FOREVER)
    CELL(recv,      ERR_NO_CAP,       GONE,        FOREVER)
    CELL(recv,      ERR_WRONG_TYPE,   CHILD,       FOREVER)
    CELL(recv,      ERR_NOT_RECEIVER, CALLEE,      0)
    CELL(recv,      ERR_NOT_RECEIVER, CALLEE,      FOREVER)
    CELL(recv,      ERR_TIMEOUT,      OURS,        0)
    CELL(recv,      ERR_TIMEOUT,      OURS,        1)
    CELL_IN(another_waits, recv, ERR_BUSY, OURS,   0)
    CELL_IN(another_waits, recv, ERR_BUSY, OURS,   FOREVER)
    CELL_SCENE(recv, ERR_GONE, an_endpoint_is_gone_while_its_receiver_waits)

    CELL_SCENE(reply_recv, ERR_NO_CAP,      a_server_that_never_received_has_no_endpoint)
    CELL_SCENE(reply_recv, ERR_BAD_MESSAGE, a_malformed_reply_neither_replies_nor_receives)
    CELL_SCENE(reply_recv, ERR_NO_PAGE,     a_server_without_a_page_replies_no_body)
    CELL_SCENE(reply_recv, ERR_BUSY,        two_threads_serve_one_endpoint)
    CELL_SCENE(reply_recv, ERR_GONE,        an_endpoint_is_gone_while_its_server_waits)
    END_OF_CELLS,
};
