// SPDX-License-Identifier: MIT
// Messages whose sender learns at once that they are refused; matrix_waits.c has those who wait first.
#include "tests/programs/attack_init/matrix.h"

#define LONG (MESSAGE_MAX + 1)

// --- the receiver has registered one slot twice

static void register_slots(uint32_t slot)
{
    struct message_page *page = (struct message_page *)CHILD_PAGE;
    for (int i = 0; i < MESSAGE_CAPS; i++)
        page->receive_slots[i] = slot;
}
static void enter_one_slot_twice(void) { register_slots(CHILD_FREE); }
static void leave_one_slot_twice(void) { register_slots(0); }
static void enter_a_slot_in_use(void) { register_slots(CHILD_OWN); }
static void leave_a_slot_in_use(void) { register_slots(0); }

// --- a child that has called this process and waits for the answer

static struct child caller;

static void enter_caller_waits(void)
{
    struct message m;
    child_make(&caller, 5, NO_CAP, NO_CAP);
    child_calls(&caller, (cap_t){OURS});
    child_run(&caller, call_once, 1);
    EXPECT(OK, ipc_recv((cap_t){OURS}, FOREVER, &m));
    matrix_token = m.token;
}

static void leave_caller_waits(void)
{
    EXPECT(0, shared->word[7]); // it was told nothing yet
    EXPECT(OK, ipc_reply(&(struct message){.token = matrix_token, .words = {42}}));
    rest(3);
    EXPECT(KIND_REPLY, shared->word[7]);
    EXPECT(42, shared->word[6]);
    child_end(&caller);
    matrix_token = 0;
}

// The call is over: the caller gets the same error.
static void enter_caller_is_told(void) { enter_caller_waits(); }
static void leave_caller_is_told(void)
{
    EXPECT(ERR_NO_CALLER, ipc_reply(&(struct message){.token = matrix_token}));
    rest(3);
    EXPECT(matrix_result, shared->word[7]);
    child_end(&caller);
    matrix_token = 0;
}

static void enter_pageless_caller_is_told(void)
{
    struct message m;
    child_make(&caller, 5, NO_CAP, NO_CAP);
    child_calls(&caller, (cap_t){OURS});
    vaddr_t stack = {USER_STACK_TOP - USER_STACK_STRIDE - 8};
    EXPECT(OK, thread_start(child_thread(&caller, 1, 5), (vaddr_t){(uint64_t)call_once}, stack, 1));
    EXPECT(OK, ipc_recv((cap_t){OURS}, FOREVER, &m));
    matrix_token = m.token;
}
static void leave_pageless_caller_is_told(void) { leave_caller_is_told(); }

// --- this thread is the one that receives

static void enter_self_receives(void)
{
    struct message m;
    EXPECT(ERR_TIMEOUT, ipc_recv((cap_t){OURS}, 0, &m));
}
static void leave_self_receives(void) {}

// --- senders without a message page

static void a_body_needs_a_page(uint8_t operation)
{
    books_note();
    EXPECT(ERR_NO_PAGE, aside_once((struct step){.tag = TAG(operation, 0, 8, 0), .slot = CALLEE}, false));
    EXPECT(ERR_NO_PAGE, aside_once((struct step){.tag = TAG(operation, 0, 0, 1), .slot = CALLEE}, false));
    UNCHANGED();
}
static void a_call_with_a_body_needs_a_page(void) { a_body_needs_a_page(SYS_call); }
static void a_send_with_a_body_needs_a_page(void) { a_body_needs_a_page(SYS_send); }

static void a_reply_with_a_body_needs_a_page(void)
{
    static struct step steps[] = {
        {.tag = SYS_recv, .slot = OURS, .words = {FOREVER}},
        {.tag = TAG(SYS_reply, 0, 8, 0), .token = LAST},
        {.tag = SYS_reply, .token = LAST, .words = {43}},
    };
    child_make(&caller, 5, NO_CAP, NO_CAP);
    child_calls(&caller, (cap_t){OURS});
    aside(steps, 3, false);
    child_run(&caller, call_once, 1);
    rest(5);
    EXPECT(KIND_CALL, steps[0].result);
    EXPECT(ERR_NO_PAGE, steps[1].result);
    EXPECT(OK, steps[2].result); // the caller still waited
    EXPECT(43, shared->word[6]);
    child_end(&caller);
}

// --- numbers that are no operation, and tags that say more than the operation knows

static bool may_exist(uint64_t tag)
{
#define NUMBER(NAME, NUMBER, TEXT) [NUMBER] = true,
    static const bool exists[256] = {SYSCALLS(NUMBER)};
#undef NUMBER
    const uint64_t say_more =
        BIT(SYS_call) | BIT(SYS_send) | BIT(SYS_reply_recv) | BIT(SYS_reply) | BIT(SYS_exit) | BIT(SYS_log_write);
    uint8_t operation = TAG_OPERATION(tag);
    return exists[operation] && (tag >> 8 == 0 || (operation < 64 && say_more & BIT(operation)));
}

static void try_number(uint64_t tag)
{
    if (!may_exist(tag)) EXPECT(ERR_BAD_SYSCALL, ask(tag, RUN, 1, EMPTY, 0, 0, 0));
}

static void numbers_that_do_not_exist(void)
{
    uint64_t random = 88172645463325252;
    books_note();
    for (uint64_t tag = 0; tag < 65536; tag++) {
        try_number(tag);
        try_number(tag | 1ull << 32);
        try_number(tag | 1ull << 63);
    }
    for (int i = 0; i < 1000000; i++) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        try_number(random);
    }
    UNCHANGED();
}

// clang-format off
const struct cell message_cells[] = {
    CELL_SCENE(any, ERR_BAD_SYSCALL, numbers_that_do_not_exist)

    //         state              operation error         endpoint     length  caps  sent
    CELL_SENDS(nothing,           call, ERR_BAD_SLOT,     BEYOND,      0,      0,    0)
    CELL_SENDS(nothing,           call, ERR_BAD_SLOT,     CALLEE,      0,      1,    BEYOND)
    CELL_SENDS(nothing,           call, ERR_NO_CAP,       EMPTY,       0,      0,    0)
    CELL_SENDS(nothing,           call, ERR_NO_CAP,       GONE,        0,      0,    0)
    CELL_SENDS(nothing,           call, ERR_NO_CAP,       CALLEE,      0,      1,    EMPTY)
    CELL_SENDS(nothing,           call, ERR_NO_CAP,       CALLEE,      0,      1,    GONE)
    CELL_SENDS(nothing,           call, ERR_NO_CAP,       CALLEE,      0,      1,    0)
    CELL_SENDS(nothing,           call, ERR_WRONG_TYPE,   RUN,         0,      0,    0)
    CELL_SENDS(nothing,           call, ERR_NO_RIGHT,     CALLEE_BARE, 0,      0,    0)
    CELL_SENDS(nothing,           call, ERR_NO_RIGHT,     CALLEE,      0,      1,    RUN_BARE)
    CELL_SENDS(nothing,           call, ERR_BAD_MESSAGE,  CALLEE,      LONG,   0,    0)
    CELL_SENDS(nothing,           call, ERR_BAD_MESSAGE,  CALLEE,      0xffff, 0,    0)
    CELL_SENDS(nothing,           call, ERR_BAD_MESSAGE,  CALLEE,      0,      5,    CLOCK)
    CELL_SENDS(nothing,           call, ERR_BAD_MESSAGE,  CALLEE,      0,      255,  CLOCK)
    CELL_SENDS(nothing,           call, ERR_NO_PAGE,      PAGELESS,    8,      0,    0)
    CELL_SENDS(nothing,           call, ERR_NO_PAGE,      PAGELESS,    0,      1,    CLOCK)
    CELL_SENDS(nothing,           call, ERR_NO_SLOT,      CALLEE,      0,      1,    CLOCK)
    CELL_SENDS(one_slot_twice,    call, ERR_NO_SLOT,      CALLEE,      0,      2,    CLOCK)
    CELL_SENDS(a_slot_in_use,     call, ERR_NO_SLOT,      CALLEE,      0,      1,    CLOCK)
    CELL_SENDS(self_receives,     call, ERR_SELF,         OURS,        0,      0,    0)
    CELL_SENDS(self_receives,     call, ERR_SELF,         BADGED,      8,      0,    0)
    CELL_SCENE(call, ERR_NO_PAGE, a_call_with_a_body_needs_a_page)

    CELL_SENDS(nothing,           send, ERR_BAD_SLOT,     BEYOND,      0,      0,    0)
    CELL_SENDS(nothing,           send, ERR_BAD_SLOT,     CALLEE,      0,      1,    BEYOND)
    CELL_SENDS(nothing,           send, ERR_NO_CAP,       EMPTY,       0,      0,    0)
    CELL_SENDS(nothing,           send, ERR_NO_CAP,       GONE,        0,      0,    0)
    CELL_SENDS(nothing,           send, ERR_NO_CAP,       CALLEE,      0,      1,    GONE)
    CELL_SENDS(nothing,           send, ERR_WRONG_TYPE,   CHILD,       0,      0,    0)
    CELL_SENDS(nothing,           send, ERR_NO_RIGHT,     CALLEE_BARE, 0,      0,    0)
    CELL_SENDS(nothing,           send, ERR_NO_RIGHT,     CALLEE,      0,      1,    RUN_BARE)
    CELL_SENDS(nothing,           send, ERR_BAD_MESSAGE,  CALLEE,      LONG,   0,    0)
    CELL_SENDS(nothing,           send, ERR_BAD_MESSAGE,  CALLEE,      0,      5,    CLOCK)
    CELL_SENDS(nothing,           send, ERR_NO_PAGE,      PAGELESS,    8,      0,    0)
    CELL_SENDS(nothing,           send, ERR_NO_SLOT,      CALLEE,      0,      1,    CLOCK)
    CELL_SENDS(one_slot_twice,    send, ERR_NO_SLOT,      CALLEE,      0,      2,    CLOCK)
    CELL_SENDS(self_receives,     send, ERR_SELF,         OURS,        0,      0,    0)
    CELL_SCENE(send, ERR_NO_PAGE, a_send_with_a_body_needs_a_page)

    CELL_SENDS(nothing,           reply, ERR_NO_CALLER,   0,           0,      0,    0)
    CELL_SENDS(nothing,           reply, ERR_NO_CALLER,   0,           8,      1,    CLOCK)
    CELL_SENDS(caller_waits,      reply, ERR_BAD_MESSAGE, 0,           LONG,   0,    0)
    CELL_SENDS(caller_waits,      reply, ERR_BAD_MESSAGE, 0,           0,      5,    CLOCK)
    CELL_SENDS(caller_is_told,    reply, ERR_NO_SLOT,     0,           0,      1,    CLOCK)
    CELL_SENDS(caller_is_told,    reply, ERR_BAD_SLOT,    0,           0,      1,    BEYOND)
    CELL_SENDS(caller_is_told,    reply, ERR_NO_CAP,      0,           0,      1,    EMPTY)
    CELL_SENDS(caller_is_told,    reply, ERR_NO_CAP,      0,           0,      1,    GONE)
    CELL_SENDS(caller_is_told,    reply, ERR_NO_RIGHT,    0,           0,      1,    RUN_BARE)
    CELL_SENDS(pageless_caller_is_told, reply, ERR_NO_PAGE, 0,         8,      0,    0)
    CELL_SCENE(reply, ERR_NO_PAGE, a_reply_with_a_body_needs_a_page)

    CELL(notify, ERR_BAD_SLOT,   BEYOND,      1)
    CELL(notify, ERR_NO_CAP,     EMPTY,       1)
    CELL(notify, ERR_NO_CAP,     GONE,        1)
    CELL(notify, ERR_WRONG_TYPE, CHILD,       1)
    CELL(notify, ERR_NO_RIGHT,   CALLEE_BARE, 1)
    END_OF_CELLS,
};
