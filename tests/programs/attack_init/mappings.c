// SPDX-License-Identifier: MIT
// What a mapping is, what it costs, when it ends, and who has it.
#include "common/mem.h"
#include "tests/programs/attack_init/attack.h"

static struct child one, two;

static struct process_info info_of(cap_t process)
{
    struct process_info info = {0};
    EXPECT(OK, process_info(process, &info));
    return info;
}

static uint64_t mapped(cap_t run)
{
    struct run_info info = {0};
    EXPECT(OK, memory_info(run, &info));
    return info.mapped;
}

static void map(cap_t run, cap_t process, uint64_t at, uint64_t first, uint32_t access)
{
    EXPECT(OK, memory_map(run, process, (vaddr_t){at}, first, 1, access));
}

static void unmap(cap_t process, uint64_t at) { EXPECT(OK, process_unmap(process, (vaddr_t){at}, 1)); }

// A run whose pages begin with code that returns their number, 0x10 and up.
static cap_t numbered_run(uint32_t pages)
{
    cap_t run = carve(pages);
    for (uint32_t i = 0; i < pages; i++) {
        map(run, SELF, PLACE, i, RW | ACCESS_CLEAR);
        const uint8_t code[] = {0xb8, (uint8_t)(0x10 + i), 0, 0, 0, 0xc3}; // mov eax, number; ret
        memcpy((void *)PLACE, code, sizeof code);
        unmap(SELF, PLACE);
    }
    return run;
}

// --- each right, and nothing else

enum { READS, WRITES, RUNS };

static void touch(uint64_t how)
{
    if (how == READS) shared->word[0] = *(volatile uint8_t *)(PLACE + 1);
    if (how == WRITES) *(volatile uint8_t *)(PLACE + 1) = 0x10;
    if (how == RUNS) shared->word[0] = ((uint64_t(*)(void))PLACE)();
    shared->count[0] = 1;
    run_for_ever(7);
}

#define WORKS 0xffff

// What becomes of it: WORKS, or the page fault's error code.
static uint64_t outcome_of(uint64_t how, cap_t run, uint32_t access)
{
    struct message m;
    child_make(&one, 5, NO_CAP, ENDPOINT);
    if (access) map(run, one.process, PLACE, 0, access);
    child_run(&one, touch, how);
    uint64_t outcome = WORKS;
    if (ipc_recv(ENDPOINT, now() + 5 * MS, &m) == OK) {
        EXPECT(14, m.words[FAULT_CAUSE]);
        EXPECT(PLACE, m.words[FAULT_ADDRESS] & ~0xfffull);
        outcome = m.words[FAULT_CODE];
    }
    EXPECT(outcome == WORKS, shared->count[0]);
    child_end(&one);
    return outcome;
}

static void each_right_of_a_mapping_allows_itself_and_nothing_else(void)
{
    cap_t run = numbered_run(1);
    const struct {
        uint32_t access;
        uint64_t outcome[3]; // of reading, writing, running
    } rows[] = {
        {0, {PF_USER, PF_USER | PF_WRITE, PF_USER | PF_FETCH}},
        {ACCESS_READ, {WORKS, PF_PRESENT | PF_USER | PF_WRITE, PF_PRESENT | PF_USER | PF_FETCH}},
        {RW, {WORKS, WORKS, PF_PRESENT | PF_USER | PF_FETCH}},
        {ACCESS_READ | ACCESS_EXECUTE, {WORKS, PF_PRESENT | PF_USER | PF_WRITE, WORKS}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (uint64_t how = READS; how <= RUNS; how++)
            EXPECT(rows[i].outcome[how], outcome_of(how, run, rows[i].access));
    EXPECT(0, mapped(run));
}

// --- when it ends

#define ELSEWHERE (PLACE + 0x40000000) // with page tables of its own

enum { AFTER_UNMAP, AFTER_READ_ONLY, AFTER_ANOTHER_FRAME, AFTER_MOVE, AFTER_PROTECT };

static void unmap_own(uint64_t at)
{
    struct message m = {.words = {at, 1}};
    op(SYS_process_unmap, CHILD_FREE, &m);
}

static void protect_own(uint64_t at)
{
    struct message m = {.words = {at, 1, ACCESS_READ}};
    op(SYS_process_protect, CHILD_FREE, &m);
}

static void map_own(uint64_t at, uint64_t first, uint64_t access)
{
    struct message m = {.words = {CHILD_FREE, at, first, 1, access}};
    op(SYS_memory_map, CHILD_FREE + 1, &m);
}

// Nobody else runs in between, so what the processor remembers of the page is there: only invlpg takes it away.
static void change_and_touch(uint64_t what)
{
    volatile uint8_t *page = (volatile uint8_t *)PLACE;
    map_own(PLACE, 0, RW);
    page[1] = 0x10;
    if (what == AFTER_PROTECT)
        protect_own(PLACE);
    else
        unmap_own(PLACE);
    if (what == AFTER_READ_ONLY) map_own(PLACE, 0, ACCESS_READ);
    if (what == AFTER_ANOTHER_FRAME) map_own(PLACE, 1, RW);
    if (what == AFTER_MOVE) map_own(ELSEWHERE, 0, RW);
    if (what == AFTER_READ_ONLY || what == AFTER_PROTECT)
        page[1] = 0x77;
    else
        shared->word[0] = page[1];
    shared->count[0] = 1;
    run_for_ever(7);
}

static void a_changed_mapping_is_obeyed_by_the_next_instruction(void)
{
    cap_t run = numbered_run(2);
    const uint64_t outcome[] = {PF_USER, PF_PRESENT | PF_USER | PF_WRITE, WORKS, PF_USER,
                                PF_PRESENT | PF_USER | PF_WRITE};
    // A neighbour keeps the page table; without one it goes too, and the upper levels are forgotten as well.
    for (uint64_t i = 0; i < 2 * (AFTER_PROTECT + 1); i++) {
        uint64_t what = i / 2;
        struct message m = {0};
        child_make(&one, 5, NO_CAP, ENDPOINT);
        if (i % 2) map(one.frames, one.process, PLACE + PAGE_SIZE, 2, RW);
        EXPECT(OK, cap_copy(one.process, one.process, CHILD_FREE, RIGHT_MAP));
        EXPECT(OK, cap_copy(run, one.process, CHILD_FREE + 1, RIGHT_READ | RIGHT_WRITE));
        child_run(&one, change_and_touch, what);
        bool faulted = ipc_recv(ENDPOINT, now() + 5 * MS, &m) == OK;
        EXPECT(outcome[what], faulted ? m.words[FAULT_CODE] : WORKS);
        EXPECT(faulted ? PLACE + 1 : 0, m.words[FAULT_ADDRESS]);
        EXPECT(what == AFTER_ANOTHER_FRAME ? 0x11 : 0, shared->word[0]);
        child_end(&one);
    }
}

// --- what it costs

#define FREE_FRAMES(PROCESS) (info_of(PROCESS).pool_free)

static cap_t bare_process(uint32_t pool)
{
    cap_t process = carve(3);
    EXPECT(OK, process_create(process));
    if (pool) EXPECT(OK, process_donate(process, carve(pool)));
    return process;
}

static void page_tables_are_paid_for_and_come_back_to_the_frame(void)
{
    cap_t process = bare_process(16), run = carve(8);
    const struct {
        uint64_t at, cost; // page tables
    } rows[] = {
        {PLACE, 3},
        {PLACE + PAGE_SIZE, 0},
        {PLACE + 511 * PAGE_SIZE, 0},
        {PLACE + 512 * PAGE_SIZE, 1}, // 2 MiB
        {PLACE + 0x40000000, 2},      // 1 GiB
        {PLACE + 0x8000000000, 3},    // 512 GiB
        {PLACE + 0x8000000000 + 512 * PAGE_SIZE, 1},
    };
    const size_t count = sizeof rows / sizeof rows[0];
    uint64_t free = FREE_FRAMES(process);
    for (size_t i = 0; i < count; i++) {
        map(run, process, rows[i].at, i, RW);
        free -= rows[i].cost;
        EXPECT(free, FREE_FRAMES(process));
    }
    EXPECT(count, info_of(process).mapped);
    for (size_t i = count; i-- > 0;) {
        unmap(process, rows[i].at);
        free += rows[i].cost;
        EXPECT(free, FREE_FRAMES(process));
    }
    EXPECT(16, free);
    EXPECT(0, mapped(run));
}

static void a_hundred_thousand_pages_come_and_go_and_no_frame_is_missing(void)
{
    enum { PAGES = 1000, ROUNDS = 100 };
    cap_t process = bare_process(16), run = carve(PAGES);
    for (uint64_t i = 0; i < ROUNDS; i++) {
        uint64_t at = PLACE + i * 0x12345000;
        EXPECT(OK, memory_map(run, process, (vaddr_t){at}, 0, PAGES, RW));
        EXPECT(PAGES, mapped(run));
        EXPECT(OK, process_unmap(process, (vaddr_t){at}, PAGES));
    }
    EXPECT(16, FREE_FRAMES(process));
    EXPECT(0, info_of(process).mapped);
    EXPECT(0, mapped(run));
}

#define FAR 0xdeadbeaf000 // the tutorial's page

static void without_frames_for_page_tables_nothing_is_mapped_and_nothing_is_lost(void)
{
    cap_t process = bare_process(0), run = carve(1), to = empty_slot();
    for (uint64_t frames = 0; frames < 3; frames++) {
        EXPECT(ERR_POOL_EMPTY, memory_map(run, process, (vaddr_t){FAR}, 0, 1, RW));
        EXPECT(frames, FREE_FRAMES(process));
        EXPECT(0, info_of(process).mapped);
        EXPECT(0, mapped(run));
        EXPECT(OK, process_donate(process, carve(1)));
    }
    map(run, process, FAR, 0, RW);
    EXPECT(0, FREE_FRAMES(process));
    EXPECT(ERR_POOL_EMPTY, endpoint_create(process, to, SELF));
    EXPECT(ERR_POOL_EMPTY, thread_create(process, to, (vaddr_t){0}, NO_CAP, NO_CAP, 3));
    EXPECT(ERR_POOL_EMPTY, memory_map(run, process, (vaddr_t){PLACE}, 0, 1, RW));
    EXPECT(1, mapped(run));
    unmap(process, FAR);
    EXPECT(3, FREE_FRAMES(process));
    uint64_t total = 0, pages = 0;
    err_t error;
    while ((error = process_destroy(process, to, &pages)) == ERR_AGAIN) {
        total += pages;
        cap_drop(to);
    }
    EXPECT(OK, error);
    EXPECT(6, total + pages);
}

// --- who has it

static void read_shared_page(uint64_t at)
{
    shared->word[0] = *(volatile uint64_t *)at;
    shared->count[0] = 1;
    run_for_ever(7);
}

static void give(struct child *c, uint32_t slot, cap_t run)
{
    EXPECT(OK, cap_copy(run, c->process, slot, RIGHT_READ | RIGHT_WRITE));
}

static void map_what_was_granted(uint64_t result_at)
{
    struct message m = {.words = {CHILD_FREE, PLACE, 0, 1, RW}};
    shared->word[result_at] = op(SYS_memory_map, CHILD_FREE + 1, &m);
    m = (struct message){.words = {CHILD_FREE, ELSEWHERE, 0, 1, ACCESS_READ}};
    shared->word[result_at + 1] = op(SYS_memory_map, CHILD_FREE + 2, &m);
    shared->count[result_at] = 1;
    receive_once(6);
}

// Granted once to one process and twice to another: three mappings. Nobody can make anything else of the frame until the
// last of them is gone, whoever dies meanwhile.
static void a_shared_frame_stays_what_it_is_until_its_last_mapping_goes(void)
{
    cap_t run = carve(4), rest_of_it = empty_slot();
    map(run, SELF, PLACE, 0, RW | ACCESS_CLEAR);
    *(volatile uint64_t *)PLACE = 0x5a5a;
    unmap(SELF, PLACE);
    child_make(&one, 5, NO_CAP, ENDPOINT);
    child_make(&two, 5, NO_CAP, ENDPOINT);
    EXPECT(OK, cap_copy(one.process, one.process, CHILD_FREE, RIGHT_MAP));
    EXPECT(OK, cap_copy(two.process, two.process, CHILD_FREE, RIGHT_MAP));
    give(&one, CHILD_FREE + 1, run);
    give(&two, CHILD_FREE + 1, run);
    give(&two, CHILD_FREE + 2, run);
    child_run(&one, map_what_was_granted, 0);
    child_run(&two, map_what_was_granted, 2);
    rest(5);
    EXPECT(OK, shared->word[0]);
    EXPECT(ERR_NO_CAP, shared->word[1]); // granted once
    EXPECT(OK, shared->word[2]);
    EXPECT(OK, shared->word[3]);
    EXPECT(3, mapped(run));
    EXPECT(ERR_MAPPED, memory_split(run, 2, rest_of_it));
    EXPECT(ERR_MAPPED, process_donate(SELF, run));
    EXPECT(ERR_MAPPED, process_create(run));
    child_end(&one); // one owner less
    EXPECT(2, mapped(run));
    EXPECT(ERR_MAPPED, process_donate(SELF, run));
    unmap(two.process, PLACE);
    EXPECT(1, mapped(run));
    EXPECT(ERR_MAPPED, memory_split(run, 2, rest_of_it));
    struct mapping_info there;
    EXPECT(OK, process_query(two.process, (vaddr_t){ELSEWHERE}, &there));
    child_end(&two); // the last
    EXPECT(0, mapped(run));
    map(run, SELF, PLACE, 0, ACCESS_READ);
    EXPECT(0x5a5a, *(volatile uint64_t *)PLACE); // the owner's still
    unmap(SELF, PLACE);
    EXPECT(OK, process_create(run)); // and now something else
}

// Revoking: the mapping goes, then the run is cut, and every capability to it is dead.
static void a_revoked_grant_is_of_no_use(void)
{
    cap_t run = carve(4), rest_of_it = empty_slot();
    struct message m;
    child_make(&one, 5, NO_CAP, ENDPOINT);
    EXPECT(OK, cap_copy(one.process, one.process, CHILD_FREE, RIGHT_MAP));
    give(&one, CHILD_FREE + 1, run);
    give(&one, CHILD_FREE + 2, run);
    map(run, one.process, PLACE, 0, RW);
    unmap(one.process, PLACE);
    EXPECT(OK, memory_split(run, 2, rest_of_it));
    child_run(&one, map_what_was_granted, 0);
    rest(5);
    EXPECT(ERR_NO_CAP, shared->word[0]);
    EXPECT(ERR_NO_CAP, shared->word[1]);
    EXPECT(0, mapped(run));
    child_end(&one);
    child_make(&one, 5, NO_CAP, ENDPOINT);
    child_run(&one, read_shared_page, PLACE);
    EXPECT(OK, ipc_recv(ENDPOINT, now() + 5 * MS, &m));
    EXPECT(PLACE, m.words[FAULT_ADDRESS]);
    child_end(&one);
}

// --- another address space, made while this one is in use

static const char new_table[] = "NEW TABLE!!!";

static void read_text(uint64_t at)
{
    memcpy((void *)shared->word, (const void *)at, sizeof new_table);
    shared->count[0] = 1;
    run_for_ever(7);
}

static void an_address_space_is_made_while_another_is_in_use(void)
{
    cap_t run = carve(2);
    map(run, SELF, PLACE, 0, RW | ACCESS_CLEAR);
    map(run, SELF, PLACE + PAGE_SIZE, 1, RW | ACCESS_CLEAR);
    memcpy((void *)PLACE, "OLD TABLE", 10);
    memcpy((void *)(PLACE + PAGE_SIZE), new_table, sizeof new_table);
    unmap(SELF, PLACE + PAGE_SIZE);
    child_make(&one, 5, NO_CAP, ENDPOINT);
    map(run, one.process, PLACE, 1, ACCESS_READ);
    EXPECT('O', *(volatile char *)PLACE);
    child_run(&one, read_text, PLACE);
    rest(5);
    EXPECT(0, memcmp((const void *)shared->word, new_table, sizeof new_table));
    EXPECT('O', *(volatile char *)PLACE);
    unmap(SELF, PLACE);
    child_end(&one);
}

const struct attack mapping_attacks[] = {
    ATTACK(each_right_of_a_mapping_allows_itself_and_nothing_else),
    ATTACK(a_changed_mapping_is_obeyed_by_the_next_instruction),
    ATTACK(page_tables_are_paid_for_and_come_back_to_the_frame),
    ATTACK(a_hundred_thousand_pages_come_and_go_and_no_frame_is_missing),
    ATTACK(without_frames_for_page_tables_nothing_is_mapped_and_nothing_is_lost),
    ATTACK(a_shared_frame_stays_what_it_is_until_its_last_mapping_goes),
    ATTACK(a_revoked_grant_is_of_no_use),
    ATTACK(an_address_space_is_made_while_another_is_in_use),
    {NULL, NULL},
};
