// SPDX-License-Identifier: MIT
// An external pager: a process in ring 3 that serves another's page faults by messages. Pages are brought in from a boot
// module when they are touched, what lies behind it is demand-zero, and what lies elsewhere is refused.
#include "common/mem.h"
#include "tests/programs/attack_init/attack.h"

#define WINDOW 0x0000400000000000   // in the client: the module, then zeros
#define ZEROS 4u                    // pages behind the module
#define OWN_VIEW 0x0000500000000000 // in the pager: the page that is being filled
#define OWN_MODULE 0x0000510000000000

static struct child client, pager;
static uint64_t module_pages; // of this image's file

// The pager's table.
enum { PAGER_SELF = CHILD_FREE, PAGER_CLIENT, PAGER_FRAMES };

// The reply's error is what the client's fault ends in.
static uint32_t bring_in(uint64_t page, uint64_t frame, uint64_t from_module)
{
    struct message m = {.words = {PAGER_SELF, OWN_VIEW, frame, 1, RW | ACCESS_CLEAR}};
    if (op(SYS_memory_map, PAGER_FRAMES, &m) != OK) return ERR_NO_MEMORY;
    if (page < from_module) memcpy((void *)OWN_VIEW, (const void *)(OWN_MODULE + page * PAGE_SIZE), PAGE_SIZE);
    m = (struct message){.words = {OWN_VIEW, 1}};
    if (op(SYS_process_unmap, PAGER_SELF, &m) != OK) return ERR_BAD_STATE;
    m = (struct message){.words = {PAGER_CLIENT, WINDOW + page * PAGE_SIZE, frame, 1, RW}};
    return op(SYS_memory_map, PAGER_FRAMES, &m);
}

static void serve_pages(uint64_t from_module)
{
    uint64_t frame = 0;
    struct message m = {.words = {FOREVER}};
    op(SYS_recv, CHILD_OWN, &m);
    for (;;) {
        uint64_t page = (m.words[FAULT_ADDRESS] - WINDOW) / PAGE_SIZE;
        uint32_t error = ERR_DENIED;
        if (TAG_OPERATION(m.tag) == KIND_FAULT && m.words[FAULT_CAUSE] == 14 && page < from_module + ZEROS)
            error = bring_in(page, frame++, from_module);
        shared->count[1] += error == OK;
        shared->count[2] += error == ERR_DENIED;
        m = (struct message){.tag = TAG(SYS_reply_recv, error, 0, 0), .token = m.token};
        op(m.tag, 0, &m);
    }
}

static uint64_t sum_of(const volatile uint64_t *words, uint64_t count)
{
    uint64_t sum = 0;
    for (uint64_t i = 0; i < count; i++)
        sum = (sum << 1 | sum >> 63) ^ words[i];
    return sum;
}

// Reads all of the module, twice, as though it had always been there; then writes behind it, then goes too far.
static void use_pages(uint64_t pages)
{
    uint64_t words = pages * PAGE_SIZE / 8;
    shared->word[0] = sum_of((const volatile uint64_t *)WINDOW, words);
    shared->word[1] = sum_of((const volatile uint64_t *)WINDOW, words);
    volatile uint64_t *zeros = (volatile uint64_t *)(WINDOW + pages * PAGE_SIZE);
    shared->word[2] = zeros[0];
    zeros[1] = 0x77;
    shared->word[3] = zeros[1];
    shared->count[3] = 1;
    shared->word[4] = zeros[ZEROS * PAGE_SIZE / 8]; // nobody's
    shared->count[3] = 2;
    run_for_ever(7);
}

static void a_pager_brings_pages_in_from_a_module_when_they_are_touched(void)
{
    struct message m;
    cap_t module = child_module(&module_pages);
    cap_t frames = carve((uint32_t)module_pages + ZEROS);
    child_make(&pager, 6, NO_CAP, NO_CAP);
    child_make(&client, 5, pager.endpoint, ENDPOINT);
    EXPECT(OK, cap_copy(pager.process, pager.process, PAGER_SELF, RIGHT_MAP));
    EXPECT(OK, cap_copy(client.process, pager.process, PAGER_CLIENT, RIGHT_MAP));
    EXPECT(OK, cap_copy(frames, pager.process, PAGER_FRAMES, RIGHT_READ | RIGHT_WRITE));
    EXPECT(OK, memory_map(module, pager.process, (vaddr_t){OWN_MODULE}, 0, module_pages, ACCESS_READ));
    EXPECT(OK, memory_map(module, SELF, (vaddr_t){PLACE}, 0, module_pages, ACCESS_READ));
    uint64_t wanted = sum_of((const volatile uint64_t *)PLACE, module_pages * PAGE_SIZE / 8);
    EXPECT(OK, process_unmap(SELF, (vaddr_t){PLACE}, module_pages));
    child_run(&pager, serve_pages, module_pages);
    child_run(&client, use_pages, module_pages);
    EXPECT(OK, ipc_recv(ENDPOINT, now() + 50 * MS, &m)); // what the pager refuses goes to the supervisor
    EXPECT(KIND_FAULT, TAG_OPERATION(m.tag));
    EXPECT(WINDOW + (module_pages + ZEROS) * PAGE_SIZE, m.words[FAULT_ADDRESS]);
    EXPECT(wanted, shared->word[0]);
    EXPECT(wanted, shared->word[1]);
    EXPECT(0, shared->word[2]);
    EXPECT(0x77, shared->word[3]);
    EXPECT(1, shared->count[3]);
    EXPECT(module_pages + 1, shared->count[1]); // each page once: of the zeros only one was touched
    EXPECT(1, shared->count[2]);
    child_end(&client);
    child_end(&pager);
}

const struct attack pager_attacks[] = {
    ATTACK(a_pager_brings_pages_in_from_a_module_when_they_are_touched),
    {NULL, NULL},
};
