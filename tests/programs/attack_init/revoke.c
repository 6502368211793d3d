// SPDX-License-Identifier: MIT
// Revocation: ending an object ends every capability to it, at once and in constant time.
#include "libsys/log.h"
#include "tests/programs/attack_init/attack.h"
#include "user/bench/twin.h"

#define PROCESSES 100u
#define EACH 100u // copies
#define TIMES 5

static struct child holders[PROCESSES];

static void count_one(uint32_t which) { __atomic_fetch_add(&shared->count[which], 1, __ATOMIC_SEQ_CST); }

// Uses every copy in turn, each time that it is told to.
static void use_copies(uint64_t unused)
{
    (void)unused;
    for (;;) {
        struct message m = {.words = {FOREVER}};
        op(SYS_recv, CHILD_OWN, &m);
        for (uint32_t i = 0; i < EACH; i++) {
            uint32_t notified = op(SYS_notify, CHILD_FREE + i, &(struct message){.words = {1}});
            uint32_t looked = op(SYS_cap_info, CHILD_FREE + i, &(struct message){0});
            uint32_t received = op(SYS_recv, CHILD_FREE + i, &(struct message){0});
            uint32_t sent = ERR_NO_CAP, called = ERR_NO_CAP;
            if (notified != OK) { // otherwise it would wait for its turn
                sent = op(SYS_send, CHILD_FREE + i, &(struct message){0});
                called = op(SYS_call, CHILD_FREE + i, &(struct message){0});
            }
            if (notified == OK && looked == OK && received == ERR_NOT_RECEIVER) count_one(0);
            if (notified == ERR_NO_CAP && looked == ERR_NO_CAP && received == ERR_NO_CAP && sent == ERR_NO_CAP &&
                called == ERR_NO_CAP)
                count_one(1);
        }
        count_one(2);
    }
}

static void let_all_use_theirs(uint64_t *good, uint64_t *refused)
{
    for (uint32_t i = 0; i < 3; i++)
        shared->count[i] = 0;
    for (uint32_t i = 0; i < PROCESSES; i++)
        EXPECT(OK, notify(holders[i].endpoint, 1));
    for (int tries = 0; tries < 200 && shared->count[2] < PROCESSES; tries++)
        rest(5);
    *good = shared->count[0];
    *refused = shared->count[1];
}

// Instructions from before the system call until behind it: under the instruction counter, whose time stamps are those.
static uint64_t cost_of_ending(cap_t endpoint)
{
    uint64_t start = instructions();
    uint32_t result = op(SYS_endpoint_destroy, endpoint.slot, &(struct message){0});
    uint64_t taken = instructions() - start;
    EXPECT(OK, result);
    return taken;
}

static uint64_t least(uint64_t a, uint64_t b) { return a < b ? a : b; }

static void every_copy_of_ten_thousand_is_dead_at_once(void)
{
    cap_t endpoint = empty_slot();
    uint64_t good, refused, many = ~0ull, one = ~0ull;
    EXPECT(OK, process_donate(SELF, carve(2 * PROCESSES))); // for the endpoints
    for (uint32_t i = 0; i < PROCESSES; i++) {
        child_make(&holders[i], 5, NO_CAP, NO_CAP);
        child_run(&holders[i], use_copies, 0);
    }
    for (int time = 0; time < TIMES; time++) {
        EXPECT(OK, endpoint_create(SELF, endpoint, SELF));
        for (uint32_t i = 0; i < PROCESSES * EACH; i++)
            EXPECT(OK, cap_copy(endpoint, holders[i / EACH].process, CHILD_FREE + i % EACH, ALL));
        if (time == 0) {
            let_all_use_theirs(&good, &refused);
            EXPECT(PROCESSES * EACH, good);
            EXPECT(0, refused);
        }
        many = least(many, cost_of_ending(endpoint));
        let_all_use_theirs(&good, &refused);
        EXPECT(0, good);
        EXPECT(PROCESSES * EACH, refused);
        // The same frame holds another endpoint: the old copies do not reach it.
        EXPECT(OK, endpoint_create(SELF, endpoint, SELF));
        if (time == 0) {
            let_all_use_theirs(&good, &refused);
            EXPECT(PROCESSES * EACH, refused);
        }
        EXPECT(OK, cap_copy(endpoint, holders[0].process, CHILD_FREE, ALL));
        one = least(one, cost_of_ending(endpoint));
    }
    EXPECT(one, many);
    log_printf("bench destroy_1_copy %lu", one);
    log_printf("bench destroy_10000_copies %lu", many);
    for (uint32_t i = 0; i < PROCESSES; i++)
        child_end(&holders[i]);
}

static uint64_t mapped(cap_t run)
{
    struct run_info info = {0};
    EXPECT(OK, memory_info(run, &info));
    return info.mapped;
}

// Nothing that ends a run takes it while it is mapped anywhere: not before the last of its mappings is gone.
static void is_refused_to_all(cap_t run)
{
    EXPECT(ERR_MAPPED, memory_split(run, 1, empty_slot()));
    EXPECT(ERR_MAPPED, process_create(run));
    EXPECT(ERR_MAPPED, process_donate(SELF, run));
    EXPECT(ERR_MAPPED, memory_map(run, SELF, (vaddr_t){PLACE + 8 * PAGE_SIZE}, 3, 1, RW | ACCESS_CLEAR));
}

static void frames_come_back_at_their_last_unmap_and_never_earlier(void)
{
    static struct child first, second;
    cap_t run = carve(4), copy = empty_slot(), upper = empty_slot();
    volatile uint64_t *word = (uint64_t *)(PLACE + 3 * PAGE_SIZE);
    child_make(&first, 5, NO_CAP, NO_CAP);
    child_make(&second, 5, NO_CAP, NO_CAP);
    EXPECT(OK, cap_copy(run, NO_CAP, copy.slot, ALL));
    EXPECT(OK, memory_map(run, SELF, (vaddr_t){PLACE}, 0, 4, RW | ACCESS_CLEAR));
    EXPECT(OK, memory_map(run, first.process, (vaddr_t){PLACE}, 3, 1, RW));
    EXPECT(OK, memory_map(run, second.process, (vaddr_t){PLACE}, 3, 1, RW));
    *word = 0x1234;
    EXPECT(6, mapped(run));
    is_refused_to_all(run);
    EXPECT(OK, process_unmap(SELF, (vaddr_t){PLACE}, 3));
    is_refused_to_all(run);
    child_end(&first); // one of those who share it is gone
    EXPECT(2, mapped(run));
    is_refused_to_all(run);
    EXPECT(0x1234, *word); // and the others still have what is theirs
    EXPECT(OK, process_unmap(SELF, (vaddr_t){PLACE + 3 * PAGE_SIZE}, 1));
    EXPECT(1, mapped(run));
    is_refused_to_all(run);
    EXPECT(OK, process_unmap(second.process, (vaddr_t){PLACE}, 1)); // the last
    EXPECT(0, mapped(run));
    struct cap_info info;
    EXPECT(OK, cap_info(copy, &info));
    EXPECT(OK, memory_split(run, 1, upper));
    EXPECT(ERR_NO_CAP, cap_info(copy, &info));
    EXPECT(OK, process_create(upper));
    child_end(&second);
}

const struct attack revoke_attacks[] = {
    ATTACK(every_copy_of_ten_thousand_is_dead_at_once),
    ATTACK(frames_come_back_at_their_last_unmap_and_never_earlier),
    {NULL, NULL},
};
