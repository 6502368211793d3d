// SPDX-License-Identifier: MIT
// FS bases: private to a thread, there again after every switch, and nothing of them in threads without one.
#include "tests/programs/attack_init/attack.h"

#define BLOCK (USER_STACK_TOP - 512) // in a child's first stack page
#define OTHER (BLOCK + 128)

static struct child one, two, three;

static force_inline uint64_t at_fs(uint64_t offset)
{
    uint64_t value;
    __asm__ volatile("mov %%fs:(%1), %0" : "=r"(value) : "r"(offset));
    return value;
}

// Its block holds its own address. `spoil`: ring 3 takes its own base away and finds it again after a switch.
static void use_block(uint64_t base, uint64_t index, bool spoil)
{
    *(volatile uint64_t *)base = base;
    for (;;) {
        if (at_fs(0) != base) shared->word[0]++;
        if (spoil) __asm__ volatile("mov %w0, %%fs" : : "r"(0x1b));
        struct message m = {.words = {child_now() + 200000}};
        op(index % 2 ? SYS_yield : SYS_recv, CHILD_OWN, &m);
        shared->count[index]++;
    }
}

static void use_first(uint64_t index) { use_block(BLOCK, index, false); }
static void use_other(uint64_t index) { use_block(OTHER, index, false); }
static void spoil_first(uint64_t index) { use_block(BLOCK, index, true); }

// Without a base: %fs:x is x.
static void use_none(uint64_t index)
{
    for (;;) {
        shared->word[index] = 0xfeed;
        if (at_fs((uint64_t)&shared->word[index]) != 0xfeed) shared->word[0]++;
        struct message m = {0};
        op(SYS_yield, 0, &m);
        shared->count[index]++;
    }
}

static void with_base(struct child *c, uint64_t base, void (*function)(uint64_t), uint64_t index)
{
    EXPECT(OK, thread_destroy(c->thread));
    EXPECT(OK, thread_create_tls(c->process, c->thread, (vaddr_t){USER_MESSAGE_PAGE}, NO_CAP, ENDPOINT, 5,
                                 (vaddr_t){base}));
    child_run(c, function, index);
}

static void each_thread_has_its_own_base_and_others_none(void)
{
    struct message m;
    struct thread_info info;
    child_make(&one, 5, NO_CAP, ENDPOINT);
    child_make(&two, 5, NO_CAP, ENDPOINT);
    child_make(&three, 5, NO_CAP, ENDPOINT);
    with_base(&one, BLOCK, use_first, 1);
    with_base(&two, OTHER, use_other, 2);
    child_run(&three, use_none, 3);
    EXPECT(OK, thread_info(one.thread, &info));
    EXPECT(BLOCK, info.tls.raw);
    EXPECT(ERR_TIMEOUT, ipc_recv(ENDPOINT, now() + 60 * MS, &m)); // nobody faults
    EXPECT(0, shared->word[0]);
    EXPECT(true, shared->count[1] > 100 && shared->count[2] > 100 && shared->count[3] > 100);
    child_end(&one);
    child_end(&two);
    child_end(&three);
}

static void a_base_that_ring_3_takes_away_comes_back(void)
{
    struct message m;
    child_make(&one, 5, NO_CAP, ENDPOINT);
    child_make(&three, 5, NO_CAP, ENDPOINT);
    with_base(&one, BLOCK, spoil_first, 1);
    child_run(&three, use_none, 3);
    EXPECT(ERR_TIMEOUT, ipc_recv(ENDPOINT, now() + 30 * MS, &m));
    EXPECT(0, shared->word[0]);
    EXPECT(true, shared->count[1] > 100);
    child_end(&one);
    child_end(&three);
}

static void call_with_base(uint64_t index)
{
    *(volatile uint64_t *)BLOCK = BLOCK;
    for (;;) {
        struct message m = {.words = {index}};
        op(SYS_call, CHILD_CALLS, &m);
        if (at_fs(0) != BLOCK || m.words[0] != index) shared->word[0]++;
        shared->count[index]++;
    }
}

static void serve_with_base(uint64_t index)
{
    struct message m = {.words = {FOREVER}};
    *(volatile uint64_t *)OTHER = OTHER;
    op(SYS_recv, CHILD_OWN, &m);
    for (;;) {
        if (at_fs(0) != OTHER) shared->word[0]++;
        shared->count[index]++;
        op(SYS_reply_recv, 0, &m);
    }
}

// All four pairs of caller and server, with and without.
static void messages_do_not_mix_bases(void)
{
    struct message m;
    for (int pair = 0; pair < 4; pair++) {
        child_make(&one, 5, NO_CAP, ENDPOINT);
        child_make(&two, 5, NO_CAP, ENDPOINT);
        child_calls(&one, two.endpoint);
        if (pair & 1)
            with_base(&two, OTHER, serve_with_base, 2);
        else
            child_run(&two, serve_for_ever, 2);
        with_base(&one, BLOCK, call_with_base, 1);
        if (pair & 2) EXPECT(OK, cap_copy(two.endpoint, one.process, CHILD_FREE, ALL));
        EXPECT(ERR_TIMEOUT, ipc_recv(ENDPOINT, now() + 10 * MS, &m));
        EXPECT(0, shared->word[0]);
        EXPECT(true, shared->count[1] > 100 && shared->count[2] > 100);
        child_end(&one);
        child_end(&two);
    }
}

// wrmsr would raise an exception in ring 0 for some of them.
static void a_base_lies_in_the_user_half(void)
{
    const uint64_t bases[] = {USER_TOP, 0x800000000000, 0xffff7fffffffffff, 0xffff800000000000, ~0ull};
    child_make(&one, 5, NO_CAP, NO_CAP);
    for (int i = 0; i < 5; i++)
        EXPECT(ERR_BAD_ADDRESS,
               thread_create_tls(one.process, empty_slot(), (vaddr_t){0}, NO_CAP, NO_CAP, 5, (vaddr_t){bases[i]}));
    child_end(&one);
}

// Any selector that ring 3 can load, in any data segment register, and then into the kernel by a call and by an exception.
static void try_selectors(uint64_t index)
{
    for (uint64_t selector = 0; selector < 65536; selector++) {
        if ((selector & ~3ull) != 0 && selector != 0x1b && selector != 0x23) continue; // others fault: see below
        __asm__ volatile("mov %w0, %%ds; mov %w0, %%es; mov %w0, %%fs; mov %w0, %%gs" : : "r"(selector));
        struct message m = {0};
        op(SYS_null, 0, &m);
        __asm__ volatile("int3");
        shared->count[index]++;
    }
    shared->word[7] = 1;
    run_for_ever(6);
}

static void load_selector(uint64_t selector)
{
    __asm__ volatile("mov %w0, %%ds" : : "r"(selector));
    shared->word[7] = 1;
    run_for_ever(6);
}

static void segments_of_ring_3_do_not_matter_to_ring_0(void)
{
    struct message m;
    child_make(&one, 5, NO_CAP, ENDPOINT);
    child_run(&one, try_selectors, 1);
    while (ipc_recv(ENDPOINT, now() + 20 * MS, &m) == OK) {
        EXPECT(3, m.words[FAULT_CAUSE]);
        EXPECT(OK, ipc_reply(&(struct message){.token = m.token}));
    }
    EXPECT(1, shared->word[7]);
    EXPECT(6, shared->count[1]); // 0 to 3, data, code
    child_end(&one);
}

// No other selector can be loaded: not of the kernel's segments, not of the TSS, not behind the GDT, not of an LDT.
static void no_other_selector_can_be_loaded(void)
{
    struct message m;
    child_make(&one, 5, NO_CAP, ENDPOINT);
    child_run(&one, load_selector, 4);
    for (uint64_t selector = 4; selector < 65536;) {
        EXPECT(OK, ipc_recv(ENDPOINT, now() + 20 * MS, &m));
        EXPECT(13, m.words[FAULT_CAUSE]);
        EXPECT(selector & ~3ull, m.words[FAULT_CODE]);
        EXPECT(0, shared->word[7]);
        do
            selector += selector < 256 ? 1 : 61;
        while ((selector & ~3ull) == 0x18 || (selector & ~3ull) == 0x20);
        struct registers *r = &((struct fault *)message_page()->body)->registers;
        r->rip = (uint64_t)load_selector;
        r->rdi = selector;
        r->rsp = USER_STACK_TOP - 8;
        EXPECT(OK, ipc_reply(&(struct message){.tag = TAG(0, OK, sizeof *r, 0), .token = m.token}));
    }
    child_end(&one);
}

const struct attack tls_attacks[] = {
    ATTACK(each_thread_has_its_own_base_and_others_none),
    ATTACK(a_base_that_ring_3_takes_away_comes_back),
    ATTACK(messages_do_not_mix_bases),
    ATTACK(a_base_lies_in_the_user_half),
    ATTACK(segments_of_ring_3_do_not_matter_to_ring_0),
    ATTACK(no_other_selector_can_be_loaded),
    {NULL, NULL},
};
