// SPDX-License-Identifier: MIT
// What a situation is made of. Most of it is ordinary traffic between one or two clients and a server; what is unusual is
// strewn in, a little everywhere.
#include "common/mem.h"
#include "tests/programs/attack_init/equivalence.h"

// Of the actors of each process; the last two of each use the FPU, and one of the first and second has no message page.
static const uint32_t priorities[PROCESSES][ACTORS_EACH] = {{4, 6, 6, 9, 7}, {5, 6, 8, 6, 7}, {6, 7, 4, 8, 5}};

uint32_t actor_priority(uint32_t actor) { return priorities[actor / ACTORS_EACH][actor % ACTORS_EACH]; }

bool actor_uses_fpu(uint32_t actor) { return actor % ACTORS_EACH >= ACTORS_EACH - 2; }

bool actor_has_page(uint32_t actor) { return actor % ACTORS_EACH != 2 || actor / ACTORS_EACH == PROCESSES - 1; }

static uint64_t state;

static uint64_t random(void) // splitmix64
{
    uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static uint32_t below(uint32_t n) { return (uint32_t)(random() % n); }

static bool chance(uint32_t percent) { return below(100) < percent; }

static struct situation *s;
static uint64_t soon;

// --- steps

static struct step *add(uint32_t actor, enum step_kind kind)
{
    struct actor *a = &stage->actors[actor];
    struct step *step = &a->steps[a->step_count < STEPS - 1 ? a->step_count++ : STEPS - 1];
    step->kind = kind;
    step->token = TOKEN_GIVEN;
    step->is_deadline = false;
    return step;
}

// Flags that ring 3 may set before a system call: arithmetic, DF, now and then TF, NT and AC.
static uint64_t random_flags(void)
{
    uint64_t flags = 2 | (random() & 0xcd5);
    if (chance(3)) flags |= 1 << 8;
    if (chance(3)) flags |= 1 << 14 | 1 << 18;
    return flags;
}

static struct step *trap_of(uint32_t actor, uint64_t tag, uint64_t slot)
{
    struct step *step = add(actor, STEP_TRAP);
    for (uint32_t i = 0; i < REGS_IN_ORDER; i++)
        step->in[i] = random();
    step->in[REG_RAX] = tag;
    step->in[REG_RDI] = slot << 5;
    step->in[REG_RFLAGS] = random_flags();
    if (chance(10)) step->in[REG_RDI] |= below(32);                    // not aligned
    if (chance(10)) step->in[REG_RDI] |= (uint64_t)random() << 32;     // its high half is nothing
    if (chance(5)) step->in[REG_WORDS + below(MESSAGE_WORDS)] = ~0ull; // what looks like an address or a deadline
    return step;
}

static uint32_t random_length(void)
{
    static const uint16_t edges[] = {1, 7, 8, 9, MESSAGE_MAX - 8, MESSAGE_MAX - 1, MESSAGE_MAX, MESSAGE_MAX + 1};
    switch (below(8)) {
    case 0:
        return below(65536);
    case 1:
        return edges[below(sizeof edges / sizeof edges[0])];
    case 2:
        return below(MESSAGE_MAX + 1);
    case 3:
    case 4:
        return 8 * below(MESSAGE_MAX / 8 + 1);
    default:
        return below(128);
    }
}

// In most cases nothing but the operation and a method, or error.
static uint64_t tag_of(uint64_t operation, uint32_t plain)
{
    uint64_t method = random() << 32;
    if (chance(plain)) return method | operation;
    return method | (uint64_t)random_length() << 16 | (uint64_t)(chance(15) ? below(6) : 0) << 8 | operation;
}

// A slot that most probably is of no use: another type, empty, out of bounds, without the right.
static uint64_t odd_slot(void)
{
    switch (below(6)) {
    case 0:
        return below(SLOT_END + 4);
    case 1:
        return below(1024);
    case 2:
        return 126 + below(4); // where the table ends
    case 3:
        return random() & 0x7ffffff;
    case 4:
        return CHILD_CLOCK;
    default:
        return SLOT_DROPPED;
    }
}

static uint64_t sends_to(uint32_t endpoint) { return (chance(85) ? SLOT_SEND : SLOT_FULL) + endpoint; }

static uint64_t deadline(void)
{
    if (chance(88)) return FOREVER;
    return chance(40) ? soon : chance(50) ? soon + 1000 * MS : 0;
}

static void receive(uint32_t actor, uint32_t endpoint)
{
    struct step *step = trap_of(actor, SYS_recv, SLOT_FULL + endpoint);
    step->in[REG_WORDS] = deadline();
    step->is_deadline = true;
}

static void answer(uint32_t actor, uint64_t operation, uint32_t plain, enum step_token token)
{
    struct step *step = trap_of(actor, tag_of(operation, plain), below(SLOT_END));
    step->token = token;
    if (token == TOKEN_OF_PEER) step->in[REG_RBX] = below(ACTORS);
}

static void fault(uint32_t actor)
{
    static const enum step_kind kinds[] = {STEP_BREAKPOINT, STEP_UNDEFINED, STEP_TOUCH, STEP_FPU};
    struct step *step = add(actor, kinds[below(4)]);
    memset(step->in, 0, sizeof step->in);
}

// What somebody who has another's thread may do to it.
static void meddle(uint32_t actor, uint32_t with)
{
    uint32_t what = below(100), slot = SLOT_THREADS + with;
    if (what < 45)
        trap_of(actor, SYS_thread_suspend, slot);
    else if (what < 85)
        trap_of(actor, SYS_thread_resume, slot);
    else if (what < 93)
        trap_of(actor, SYS_thread_debug, slot)->in[REG_WORDS] = SLOT_FULL + below(ENDPOINTS);
    else
        add(actor, STEP_TRAP_FLAG)->in[REG_RDI] = slot;
}

// What anybody may do at any time.
static void odd_step(uint32_t actor, uint32_t endpoint)
{
    uint32_t other = below(ENDPOINTS);
    switch (below(14)) {
    case 0:
        trap_of(actor, SYS_exit, 0);
        break;
    case 1:
        fault(actor);
        break;
    case 2:
        add(actor, STEP_TICK);
        break;
    case 3:
        trap_of(actor, SYS_yield, 0);
        break;
    case 4:
        trap_of(actor, SYS_notify, sends_to(other));
        break;
    case 5:
        trap_of(actor, tag_of(SYS_call, 80), sends_to(other));
        break;
    case 6:
        trap_of(actor, tag_of(SYS_send, 80), sends_to(other));
        break;
    case 7:
        trap_of(actor, SYS_cap_drop, (chance(50) ? SLOT_SEND : SLOT_FULL) + endpoint);
        break;
    case 8:
        trap_of(actor, SYS_endpoint_destroy, SLOT_FULL + (chance(50) ? endpoint : other));
        break;
    case 9:
        trap_of(actor, chance(50) ? random() : random() & 0xff, sends_to(endpoint)); // any operation, mostly none
        break;
    case 10:
        trap_of(actor, (random() & 0xffffff00) | (chance(50) ? SYS_call : SYS_reply_recv), sends_to(endpoint));
        break;
    case 11:
        answer(actor, chance(50) ? SYS_reply : SYS_reply_recv, 80, below(TOKEN_OF_PEER + 1));
        break;
    case 12:
        meddle(actor, below(ACTORS));
        break;
    default:
        receive(actor, other);
    }
}

static void client(uint32_t actor, uint32_t endpoint)
{
    for (uint32_t n = 2 + below(4); n > 0; n--) {
        uint32_t what = below(100);
        if (what < 82)
            trap_of(actor, tag_of(SYS_call, 65), sends_to(endpoint));
        else if (what < 86)
            trap_of(actor, tag_of(SYS_send, 70), sends_to(endpoint));
        else if (what < 90)
            trap_of(actor, tag_of(SYS_call, 80), odd_slot());
        else
            odd_step(actor, endpoint);
    }
}

static void server(uint32_t actor, uint32_t endpoint)
{
    if (chance(97)) receive(actor, endpoint);
    for (uint32_t n = 3 + below(4); n > 0; n--) {
        uint32_t what = below(100);
        if (what < 84) {
            answer(actor, SYS_reply_recv, 65, TOKEN_LAST);
        } else if (what < 87) {
            answer(actor, SYS_reply_recv, 90, below(TOKEN_OF_PEER + 1));
        } else if (what < 91) {
            answer(actor, SYS_reply, 90, TOKEN_LAST);
            if (chance(30)) answer(actor, SYS_reply, 90, TOKEN_LAST); // twice
            if (chance(70)) receive(actor, endpoint);
        } else if (what < 94) {
            receive(actor, endpoint); // the caller is owed
        } else {
            odd_step(actor, endpoint);
        }
    }
}

// Answers the faults of the process before its own.
static void handler(uint32_t actor)
{
    trap_of(actor, SYS_recv, SLOT_FAULTS)->in[REG_WORDS] = FOREVER;
    for (uint32_t n = 2 + below(3); n > 0; n--) {
        struct step *step = trap_of(actor, SYS_reply_recv, 0);
        step->token = TOKEN_LAST;
        if (chance(15)) step->in[REG_RAX] |= random() << 32; // an error: no
    }
}

// --- the cast

// An actor that has no part yet; those with the FPU more rarely.
static uint32_t hire(void)
{
    for (;;) {
        uint32_t actor = below(ACTORS);
        if (s->cast & BIT_OF(actor) || (actor_uses_fpu(actor) && !chance(70))) continue;
        s->cast |= BIT_OF(actor);
        return actor;
    }
}

static uint32_t hire_in(uint32_t process)
{
    for (uint32_t place = 0; place < ACTORS_EACH; place++) {
        uint32_t actor = process * ACTORS_EACH + place;
        if (s->cast & BIT_OF(actor)) continue;
        s->cast |= BIT_OF(actor);
        return actor;
    }
    return hire(); // then its fault waits for ever
}

static void start_in(uint32_t number, uint32_t actor) { s->stages[number].starts |= BIT_OF(actor); }

static void prepare(uint32_t actor)
{
    struct actor *a = &stage->actors[actor];
    a->step_count = a->token_count = 0;
    a->page_sum = a->table_sum = 0;
    a->fill = random();
    a->fpu = actor_uses_fpu(actor) ? random() | 1 : 0;
    for (int i = 0; i < MESSAGE_CAPS; i++) {
        a->send_slots[i] = (uint32_t)(chance(90) ? SLOT_SEND + below(2 * ENDPOINTS) : odd_slot());
        a->receive_slots[i] = chance(90)   ? SLOT_ARRIVES + (uint32_t)i
                              : chance(50) ? 0
                                           : SLOT_SEND + below(SLOT_END - SLOT_SEND);
    }
}

static uint32_t one_of_the_cast(void)
{
    uint32_t actor = below(ACTORS);
    while (!(s->cast & BIT_OF(actor)))
        actor = (actor + 1) % ACTORS;
    return actor;
}

static void happen(uint32_t number)
{
    uint32_t what = below(100);
    s->stages[number].of = below(ENDPOINTS);
    s->stages[number].bits = random();
    s->stages[number].deed = what < 3    ? DEED_KILL
                             : what < 6  ? DEED_DESTROY
                             : what < 11 ? DEED_NOTIFY
                             : what < 13 ? DEED_BIND
                             : what < 17 ? DEED_REST
                             : what < 21 ? DEED_SUSPEND
                             : what < 24 ? DEED_RESUME
                             : what < 26 ? DEED_UNMAP
                             : what < 27 ? DEED_PROTECT
                                         : DEED_NONE;
    if (s->stages[number].deed >= DEED_SUSPEND) s->stages[number].of = one_of_the_cast();
}

void situation_make(struct situation *into, uint64_t seed, uint64_t number, uint64_t passes)
{
    s = into;
    soon = passes;
    state = seed ^ number * 0xd1342543de82ef95;
    memset(s, 0, sizeof *s);
    for (uint32_t actor = 0; actor < ACTORS; actor++)
        prepare(actor);
    uint32_t endpoint = below(ENDPOINTS), serves = hire(), asks = hire();
    for (uint32_t e = 0; e < ENDPOINTS; e++) {
        s->receiver_of[e] = below(PROCESSES);
        for (uint32_t p = 0; p < PROCESSES; p++) {
            s->badge[p][e] = chance(80) ? random() : 0;
            s->rights[p][e] = (uint8_t)(chance(92) ? RIGHT_SEND | RIGHT_NOTIFY | RIGHT_GRANT : random() & RIGHTS_ALL);
        }
    }
    if (chance(98)) s->receiver_of[endpoint] = serves / ACTORS_EACH;
    server(serves, endpoint);
    client(asks, endpoint);
    start_in(chance(92) ? 0 : 1, serves);
    start_in(1, asks);
    if (chance(30)) { // one more client
        uint32_t actor = hire();
        client(actor, endpoint);
        start_in(1 + below(2), actor);
    }
    if (chance(25)) { // somebody with other business
        uint32_t actor = hire();
        for (uint32_t n = 1 + below(3); n > 0; n--)
            odd_step(actor, endpoint);
        start_in(below(STAGES), actor);
    }
    if (chance(12)) { // a server behind the server
        uint32_t behind = hire(), e = (endpoint + 1) % ENDPOINTS;
        s->receiver_of[e] = behind / ACTORS_EACH;
        server(behind, e);
        start_in(0, behind);
        client(serves, e);
    }
    if (chance(8)) { // a fault that somebody handles, at a place where a client or a server would go on
        uint32_t who = chance(50) ? serves : asks;
        uint32_t by = hire_in((who / ACTORS_EACH + 1) % PROCESSES);
        handler(by);
        start_in(0, by);
        struct actor *a = &stage->actors[who];
        a->steps[below(a->step_count)] = (struct step){.kind = STEP_BREAKPOINT};
    }
    if (chance(10)) { // somebody who stops the others and lets them go on
        uint32_t warden = hire();
        for (uint32_t n = 2 + below(3); n > 0; n--)
            meddle(warden, chance(50) ? serves : asks);
        start_in(below(STAGES), warden);
    }
    for (uint32_t i = 0; i < STAGES; i++)
        happen(i);
}
