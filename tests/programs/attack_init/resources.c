// SPDX-License-Identifier: MIT
// Who takes what: frames, processor time, bits, and what registers and pages give away.
#include "common/mem.h"
#include "tests/programs/attack_init/attack.h"

static struct child one, two, three;

static void make(struct child *c, uint32_t priority) { child_make(c, priority, NO_CAP, NO_CAP); }

static uint64_t free_frames(cap_t process)
{
    struct process_info info = {0};
    EXPECT(OK, process_info(process, &info));
    return info.pool_free;
}

// --- creating without end

#define CHILD_SELF (CHILD_FREE + 1)

// Everything that costs a frame, until each is refused. It holds full rights on its own process.
static void create_without_end(uint64_t index)
{
    for (uint32_t slot = CHILD_SELF + 1; slot < 120; slot++) {
        struct message m = {.words = {slot, CHILD_SELF}};
        uint32_t result = op(slot % 2 ? SYS_endpoint_create : SYS_thread_create, CHILD_SELF, &m);
        if (slot % 2 == 0) {
            m = (struct message){.words = {slot, 0, 0, 0, 5}};
            result = op(SYS_thread_create, CHILD_SELF, &m);
        }
        shared->word[index] = result;
        if (result == OK) shared->count[index]++;
    }
    run_for_ever(7);
}

static void who_creates_without_end_empties_its_own_pool(void)
{
    struct message m;
    make(&two, 6);
    child_run(&two, serve_for_ever, 2);
    make(&one, 5);
    EXPECT(OK, cap_copy(one.process, one.process, CHILD_SELF, ALL));
    uint64_t ours = free_frames(SELF), theirs = free_frames(two.process), its = free_frames(one.process);
    child_run(&one, create_without_end, 1);
    rest(10);
    EXPECT(ERR_POOL_EMPTY, shared->word[1]);
    EXPECT(its, shared->count[1]);
    EXPECT(0, free_frames(one.process));
    EXPECT(ours, free_frames(SELF));
    EXPECT(theirs, free_frames(two.process));
    EXPECT(ERR_POOL_EMPTY, memory_map(one.frames, one.process, (vaddr_t){PLACE}, 2, 1, RW));
    m = (struct message){0};
    EXPECT(KIND_REPLY, op(SYS_call, two.endpoint.slot, &m)); // the others work on
    EXPECT(OK, endpoint_create(SELF, empty_slot(), SELF));
    child_end(&one);
    child_end(&two);
}

// A mapping needs up to three page tables: with fewer frames it takes none.
static void a_mapping_takes_all_its_page_tables_or_none(void)
{
    cap_t run = carve(1), process = carve(3);
    EXPECT(OK, process_create(process));
    for (uint64_t frames = 0; frames < 3; frames++) {
        EXPECT(frames, free_frames(process));
        EXPECT(ERR_POOL_EMPTY, memory_map(run, process, (vaddr_t){PLACE}, 0, 1, RW));
        EXPECT(frames, free_frames(process));
        struct mapping_info info;
        EXPECT(ERR_NOT_MAPPED, process_query(process, (vaddr_t){PLACE}, &info));
        EXPECT(OK, process_donate(process, carve(1)));
    }
    EXPECT(OK, memory_map(run, process, (vaddr_t){PLACE}, 0, 1, RW));
    EXPECT(0, free_frames(process));
    EXPECT(OK, process_unmap(process, (vaddr_t){PLACE}, 1));
    EXPECT(3, free_frames(process));
}

// --- the processor

static void notify_for_ever(uint64_t index)
{
    for (;;) {
        struct message m = {.words = {~0ull}};
        op(SYS_notify, CHILD_CALLS, &m);
        shared->count[index]++;
    }
}

static void receive_for_ever(uint64_t index)
{
    for (;;) {
        struct message m = {.words = {FOREVER}};
        op(SYS_recv, CHILD_OWN, &m);
        shared->count[index]++;
    }
}

// Bits, and no queue: who is flooded has one notification at a time, and the others their share of the processor.
static void a_flood_of_notifications_takes_no_more_than_its_share(void)
{
    make(&two, 5);
    make(&one, 5);
    make(&three, 5);
    child_calls(&one, two.endpoint);
    child_run(&two, receive_for_ever, 2);
    child_run(&one, notify_for_ever, 1);
    child_run(&three, run_for_ever, 3);
    uint64_t free = free_frames(SELF) + free_frames(one.process) + free_frames(two.process);
    rest(120);
    struct process_info info;
    EXPECT(true, shared->count[1] > 1000);
    EXPECT(true, shared->count[2] > 0);
    EXPECT(OK, process_info(three.process, &info));
    EXPECT(true, info.time > 30 * MS); // of three that want it
    EXPECT(free, free_frames(SELF) + free_frames(one.process) + free_frames(two.process));
    uint64_t start = now();
    rest(1);
    EXPECT(true, now() - start < 3 * MS); // a higher priority does not notice
    child_end(&one);
    child_end(&two);
    child_end(&three);
}

// The low one has called a server; the high one calls it too; the middle one computes.
static void a_middle_one_does_not_keep_the_high_one_from_its_server(void)
{
    make(&two, 10);
    child_run(&two, serve_for_ever, 2);
    make(&one, 3);
    make(&three, 5);
    child_calls(&one, two.endpoint);
    child_run(&one, call_once, 1);
    child_run(&three, run_for_ever, 3);
    rest(20);
    EXPECT(true, shared->count[3] > 0);
    for (int i = 0; i < 10; i++) {
        struct message m = {0};
        uint64_t start = now();
        EXPECT(KIND_REPLY, op(SYS_call, two.endpoint.slot, &m));
        EXPECT(true, now() - start < MS);
        rest(1);
    }
    child_end(&one);
    child_end(&two);
    child_end(&three);
}

// --- what comes back in registers

struct registers_after {
    uint64_t rax, rdi, rsi, rdx, r8, r9, r10, r12, rbx, r13, r14, r15, rcx, r11, rbp;
};

// Everything holds a pattern before; rdi a capability that is none, unless it is given.
static never_inline void enter_with_patterns(uint64_t tag, uint64_t slot, struct registers_after *out)
{
    __asm__ volatile("push %%rbp; push %[out]\n\t"
                     "mov %[pattern], %%rbx; mov %%rbx, %%rsi; mov %%rbx, %%rdx; mov %%rbx, %%r8; mov %%rbx, %%r9\n\t"
                     "mov %%rbx, %%r10; mov %%rbx, %%r12; mov %%rbx, %%r13; mov %%rbx, %%r14; mov %%rbx, %%r15\n\t"
                     "mov %%rbx, %%rbp; mov %%rbx, %%rcx; mov %%rbx, %%r11\n\t"
                     "syscall\n\t"
                     "push %%rcx; mov 8(%%rsp), %%rcx\n\t"
                     "mov %%rax, 0(%%rcx); mov %%rdi, 8(%%rcx); mov %%rsi, 16(%%rcx); mov %%rdx, 24(%%rcx)\n\t"
                     "mov %%r8, 32(%%rcx); mov %%r9, 40(%%rcx); mov %%r10, 48(%%rcx); mov %%r12, 56(%%rcx)\n\t"
                     "mov %%rbx, 64(%%rcx); mov %%r13, 72(%%rcx); mov %%r14, 80(%%rcx); mov %%r15, 88(%%rcx)\n\t"
                     "pop %%rax; mov %%rax, 96(%%rcx); mov %%r11, 104(%%rcx); mov %%rbp, 112(%%rcx)\n\t"
                     "pop %%rcx; pop %%rbp"
                     : "+a"(tag), "+D"(slot)
                     : [out] "c"(out), [pattern] "i"(0x5a5a5a5a)
                     : "rsi", "rdx", "r8", "r9", "r10", "r12", "rbx", "r13", "r14", "r15", "r11", "cc", "memory");
}

static void nothing_of_the_kernels_comes_back_in_registers(void)
{
    struct registers_after r;
    make(&two, INIT_PRIORITY); // not below this process: the fast path goes there
    child_run(&two, serve_for_ever, 2);
    rest(2);
    const struct {
        uint64_t tag, slot;
    } calls[] = {
        {SYS_null, 0},
        {SYS_cap_info, BOOT_SLOT_SELF},
        {SYS_cap_info, 999},
        {SYS_clock_read, BOOT_SLOT_CLOCK},
        {SYS_memory_info, BOOT_SLOT_SCREEN},
        {SYS_process_info, BOOT_SLOT_SELF},
        {SYS_cap_copy, BOOT_SLOT_SELF},
        {SYS_memory_map, BOOT_SLOT_SCREEN},
        {SYS_notify, 999},
        {SYS_call, 999},
        {SYS_call, two.endpoint.slot},
        {SYS_send, BOOT_SLOT_SELF},
        {SYS_reply, 0},
        {200, 0},
        {SYS_process_query, BOOT_SLOT_SELF},
        {SYS_yield, 0},
        {TAG(SYS_call, 0, 8, 0), two.endpoint.slot},
    };
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++) {
        enter_with_patterns(calls[i].tag, calls[i].slot * 32, &r);
        const uint64_t *all = (const uint64_t *)&r;
        for (size_t j = 0; j < sizeof r / 8; j++)
            EXPECT(true, all[j] < USER_TOP); // no address of the kernel's half
        EXPECT(0, r.r14);
        EXPECT(0, r.r15);
        EXPECT(0x202, r.r11 & ~0xcd5ull); // flags: no more than ring 3 may choose
        EXPECT(true, r.rcx > USER_BASE && r.rcx < USER_TOP);
        EXPECT(0x5a5a5a5a, r.rbp);
        EXPECT(true, r.rdi == 0);
        EXPECT(true, (uint32_t)r.rax < 256);
    }
    for (uint64_t bits = 1; bits < 32; bits++) { // below the slot's number: they mean nothing
        enter_with_patterns(SYS_call, two.endpoint.slot * 32 + bits, &r);
        EXPECT(KIND_REPLY, (uint8_t)r.rax);
    }
    child_end(&two);
}

// --- pages that are mapped and unmapped at random, against a model

#define WINDOW 64 // pages at PLACE
#define FRAMES_OF_RUN 8

static void random_mappings_are_those_of_a_model(void)
{
    static uint8_t model[WINDOW]; // 1 + frame, and 0x80: writable
    uint64_t state = 88172645463325252, count = 0;
    cap_t run = carve(FRAMES_OF_RUN);
    struct process_info before, after;
    EXPECT(OK, process_info(SELF, &before));
    for (uint32_t i = 0; i < FRAMES_OF_RUN; i++) { // each frame says which it is
        EXPECT(OK, memory_map(run, SELF, (vaddr_t){PLACE}, i, 1, RW | ACCESS_CLEAR));
        *(volatile uint64_t *)PLACE = i + 1;
        EXPECT(OK, process_unmap(SELF, (vaddr_t){PLACE}, 1));
    }
    for (int round = 0; round < 20000; round++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        uint32_t page = state % WINDOW, frame = (uint32_t)(state >> 20) % FRAMES_OF_RUN;
        bool writable = state >> 40 & 1, map = state >> 50 & 1;
        vaddr_t at = {PLACE + page * PAGE_SIZE};
        if (map) {
            err_t err = memory_map(run, SELF, at, frame, 1, writable ? RW : ACCESS_READ);
            EXPECT(model[page] ? ERR_MAPPED : OK, err);
            if (err == OK) model[page] = (uint8_t)(frame + 1) | (writable ? 0x80 : 0), count++;
        } else {
            EXPECT(OK, process_unmap(SELF, at, 1));
            count -= model[page] != 0;
            model[page] = 0;
        }
        page = (uint32_t)(state >> 30) % WINDOW;
        if (model[page]) EXPECT(model[page] & 0x7f, *(volatile uint64_t *)(PLACE + page * PAGE_SIZE));
        if (round % 512 == 0) {
            struct run_info info = {0};
            EXPECT(OK, memory_info(run, &info));
            EXPECT(count, info.mapped);
            EXPECT(OK, process_info(SELF, &after));
            EXPECT(before.mapped + count, after.mapped);
        }
    }
    EXPECT(OK, process_unmap(SELF, (vaddr_t){PLACE}, WINDOW));
    EXPECT(OK, process_info(SELF, &after));
    EXPECT(before.mapped, after.mapped);
    EXPECT(before.pool_free, after.pool_free);
}

// --- a message that its sender's other thread rewrites

static void rewrite_for_ever(uint64_t index)
{
    struct message_page *page = (struct message_page *)USER_MESSAGE_PAGE;
    for (uint32_t i = 0;; i++) {
        page->send_slots[0] = i % 3 ? CHILD_CLOCK : 1000000 + i;
        page->send_slots[1] = i % 5 ? CHILD_OWN : 0;
        page->receive_slots[0] = i;
        memset(page->body, (int)i, 64);
        shared->count[index] = i;
    }
}

static void send_for_ever(uint64_t index)
{
    for (;;) {
        struct message m = {0};
        uint32_t result = op(TAG(SYS_call, 0, 64, 2), CHILD_CALLS, &m);
        if (result == KIND_REPLY)
            shared->count[index]++;
        else if (result == ERR_NO_CAP || result == ERR_BAD_SLOT)
            shared->count[index + 1]++;
        else
            shared->word[index] = result;
    }
}

static void a_message_that_changes_while_it_waits_is_whole_or_refused(void)
{
    cap_t first = empty_slot(), second = empty_slot();
    struct message m;
    make(&one, 5);
    child_calls(&one, ENDPOINT);
    cap_t other = child_thread(&one, 1, 5);
    EXPECT(OK, thread_start(other, (vaddr_t){(uint64_t)rewrite_for_ever},
                            (vaddr_t){USER_STACK_TOP - USER_STACK_STRIDE - 8}, 3));
    child_run(&one, send_for_ever, 1);
    for (uint64_t i = 0; i < 14; i++) {
        cap_t waits = {BOOT_SLOT_ENDPOINT};
        message_page()->receive_slots[0] = first.slot;
        message_page()->receive_slots[1] = second.slot;
        if (ipc_recv(waits, now() + 15 * MS, &m) != OK) continue;
        struct cap_info a, b;
        EXPECT(OK, cap_info(first, &a));
        EXPECT(OK, cap_info(second, &b));
        EXPECT(TYPE_CLOCK, a.type);
        EXPECT(TYPE_ENDPOINT, b.type);
        EXPECT(64, TAG_LENGTH(m.tag)); // the tag was taken once
        cap_drop(first);
        cap_drop(second);
        EXPECT(OK, ipc_reply(&(struct message){.token = m.token}));
        rest(1 + i % 7);
    }
    memset(message_page()->receive_slots, 0, sizeof message_page()->receive_slots);
    EXPECT(true, shared->count[1] > 0);
    EXPECT(true, shared->count[3] > 0);
    EXPECT(0, shared->word[1]);
    child_end(&one);
}

// --- machine code that nobody wrote

#define BLOBS 200
#define CODE PLACE

static void random_machine_code_harms_only_who_runs_it(void)
{
    cap_t run = carve(1);
    uint64_t state = 88172645463325252, faults = 0;
    struct message m;
    uint64_t ours = free_frames(SELF);
    child_make(&one, 5, NO_CAP, ENDPOINT);
    for (int blob = 0; blob < BLOBS; blob++) {
        EXPECT(OK, memory_map(run, SELF, (vaddr_t){PLACE}, 0, 1, RW));
        for (uint64_t *word = (uint64_t *)PLACE; word < (uint64_t *)(PLACE + 512); word++) {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            *word = state;
        }
        if (blob % 4 == 0) *(uint16_t *)(PLACE + 8) = 0x050f; // a syscall among it
        EXPECT(OK, process_unmap(SELF, (vaddr_t){PLACE}, 1));
        EXPECT(OK, memory_map(run, one.process, (vaddr_t){CODE}, 0, 1, ACCESS_READ | ACCESS_EXECUTE));
        EXPECT(OK, thread_start(one.thread, (vaddr_t){CODE}, (vaddr_t){USER_STACK_TOP - 8}, state));
        if (ipc_recv(ENDPOINT, now() + 2 * MS, &m) == OK) faults++;
        child_end(&one);
        child_make(&one, 5, NO_CAP, ENDPOINT);
    }
    child_end(&one);
    EXPECT(true, faults > BLOBS / 2);
    EXPECT(ours, free_frames(SELF));
}

const struct attack resource_attacks[] = {
    ATTACK(who_creates_without_end_empties_its_own_pool),
    ATTACK(a_mapping_takes_all_its_page_tables_or_none),
    ATTACK(a_flood_of_notifications_takes_no_more_than_its_share),
    ATTACK(a_middle_one_does_not_keep_the_high_one_from_its_server),
    ATTACK(nothing_of_the_kernels_comes_back_in_registers),
    ATTACK(random_mappings_are_those_of_a_model),
    ATTACK(a_message_that_changes_while_it_waits_is_whole_or_refused),
    ATTACK(random_machine_code_harms_only_who_runs_it),
    {NULL, NULL},
};
