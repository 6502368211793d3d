// SPDX-License-Identifier: MIT
// The kernel's longest work, in every shape that ring 3 can ask for. Each of these is only asked for here, and its outcome
// looked at; how long the kernel was at it is counted from outside (tools/plugins/entries.c).
#include "common/mem.h"
#include "libsys/log.h"
#include "libsys/slots.h"
#include "tests/programs/attack_init/crowd.h"

#define MANY 1000u
#define PAGES_OF_A_PROCESS 10000u
#define LARGE 40000u // frames of a run
#define BIG_PLACE 0x0000340000000000

static struct crowd crowd;
static struct child one, two, three;

static uint64_t threads_of(const struct child *c)
{
    struct process_info info = {0};
    EXPECT(OK, process_info(c->process, &info));
    return info.threads;
}

static void destroy(cap_t process)
{
    uint64_t pages;
    cap_t into = empty_slot();
    err_t err;
    while ((err = process_destroy(process, into, &pages)) == ERR_AGAIN)
        EXPECT(OK, cap_drop(into));
    EXPECT(OK, err);
    cap_drop(into);
    slot_free(into);
}

// --- memory

static void a_large_run_is_cut_joined_mapped_protected_and_unmapped(void)
{
    static cap_t run, upper;
    if (run.slot == 0) run = carve(LARGE), upper = empty_slot();
    for (uint64_t cut = 1; cut < LARGE; cut += LARGE / 7) {
        EXPECT(OK, memory_split(run, cut, upper));
        EXPECT(OK, memory_join(run, upper));
    }
    vaddr_t at = {BIG_PLACE + 77 * PAGE_SIZE};
    EXPECT(OK, memory_map(run, SELF, at, 0, 3000, RW));
    EXPECT(OK, process_protect(SELF, at, 3000, ACCESS_READ));
    EXPECT(OK, process_unmap(SELF, at, 3000));
    EXPECT(OK, memory_map(run, SELF, at, 3000, 200, RW | ACCESS_CLEAR));
    EXPECT(OK, process_unmap(SELF, (vaddr_t){at.raw - PAGE_SIZE}, 202));
}

// Pages in a row; pages that have a table each, in as many tables of the next level as may be; and a pool that has been
// used up to its end.
static void a_process_of_ten_thousand_pages_comes_apart(void)
{
    static cap_t run, process, pool, endpoint;
    if (run.slot == 0) run = carve(PAGES_OF_A_PROCESS), endpoint = empty_slot();
    process = carve(514);
    pool = carve(6000);
    EXPECT(OK, process_create(process));
    EXPECT(OK, process_donate(process, pool));
    EXPECT(OK, process_donate(process, carve(3000))); // never used
    EXPECT(OK, memory_map(run, process, (vaddr_t){BIG_PLACE}, 0, PAGES_OF_A_PROCESS - 300, RW));
    for (uint64_t i = 0; i < 300; i++) {
        vaddr_t apart = {(1ull << 40) + ((i % 150) << 39) + ((i / 150 + 1) << 30)};
        EXPECT(OK, memory_map(run, process, apart, PAGES_OF_A_PROCESS - 300 + i, 1, ACCESS_READ));
    }
    while (endpoint_create(process, endpoint, process) == OK)
        cap_drop(endpoint);
    struct run_info info;
    EXPECT(OK, memory_info(run, &info));
    EXPECT(PAGES_OF_A_PROCESS, info.mapped);
    destroy(process);
    EXPECT(OK, memory_info(run, &info));
    EXPECT(0, info.mapped);
}

// --- many who wait

static void call_and_count(uint64_t slot)
{
    struct message m = {0};
    uint32_t result = op(SYS_call, (uint32_t)slot, &m);
    shared->count[result == ERR_GONE ? 1 : result == ERR_SERVER_DIED ? 2 : 0]++;
    op(SYS_exit, 0, &m);
}

static void begin_callers(void)
{
    crowd_make(&crowd, MANY);
    child_make(&two, 6, NO_CAP, NO_CAP);
    child_calls(&crowd.child, two.endpoint);
    for (uint32_t i = 0; i < MANY; i++)
        crowd_begin(&crowd, i, 5, call_and_count, CHILD_CALLS);
    rest(100);
}

static void a_thousand_callers_lose_their_endpoint(void)
{
    begin_callers();
    EXPECT(OK, endpoint_destroy(two.endpoint));
    rest(100);
    EXPECT(MANY, shared->count[1]);
    EXPECT(1, threads_of(&crowd.child));
    child_end(&two);
    crowd_end(&crowd);
}

static void a_thousand_callers_lose_the_pool_that_pays_for_their_endpoint(void)
{
    crowd_make(&crowd, MANY);
    child_make(&two, 6, NO_CAP, NO_CAP);
    cap_t paid = empty_slot();
    EXPECT(OK, endpoint_create(two.process, paid, SELF));
    child_calls(&crowd.child, paid);
    for (uint32_t i = 0; i < MANY; i++)
        crowd_begin(&crowd, i, 5, call_and_count, CHILD_CALLS);
    rest(100);
    // Whoever destroys the endpoint stops half-way: the rest of it goes with the process.
    EXPECT(ERR_AGAIN, op(SYS_endpoint_destroy, paid.slot, &(struct message){0}));
    EXPECT(OK, cap_drop(paid));
    child_end(&two);
    rest(100);
    EXPECT(MANY, shared->count[1]);
    crowd_end(&crowd);
    slot_free(paid);
}

static void receive_and_owe(uint64_t count)
{
    for (;;) {
        struct message m = {.words = {FOREVER}};
        op(SYS_recv, CHILD_OWN, &m);
        shared->count[count]++;
    }
}

static void a_thousand_callers_lose_their_server(void)
{
    begin_callers();
    child_run(&two, receive_and_owe, 4);
    rest(50);
    EXPECT(MANY, shared->count[4]);
    child_end(&two);
    rest(100);
    EXPECT(MANY, shared->count[2]);
    crowd_end(&crowd);
}

static void a_thousand_threads_end_with_their_process(void)
{
    begin_callers();
    child_end(&two);
    crowd_end(&crowd);
}

static void sleep_until_told(uint64_t slot)
{
    struct message m = {.words = {shared->word[0]}};
    uint32_t result = op(SYS_recv, (uint32_t)slot, &m);
    uint64_t woken = child_now();
    shared->count[result == ERR_TIMEOUT && woken >= shared->word[0]]++;
    shared->word[1] = woken; // of the last
    op(SYS_exit, 0, &m);
}

static void a_thousand_deadlines_pass_at_one_tick(void)
{
    cap_t endpoint = empty_slot();
    crowd_make(&crowd, MANY);
    shared->word[0] = now() + 400 * MS;
    for (uint32_t i = 0; i < MANY; i++) {
        EXPECT(OK, endpoint_create(crowd.child.process, endpoint, crowd.child.process));
        EXPECT(OK, cap_copy(endpoint, crowd.child.process, CHILD_FREE + i, ALL));
        EXPECT(OK, cap_drop(endpoint));
        crowd_begin(&crowd, i, 5, sleep_until_told, CHILD_FREE + i);
    }
    rest(100);
    EXPECT(0, shared->count[0] + shared->count[1]);
    EXPECT(true, now() < shared->word[0]);
    rest((shared->word[0] - now()) / MS + 100);
    EXPECT(MANY, shared->count[1]); // none early, none lost
    EXPECT(true, shared->word[1] < shared->word[0] + 20 * MS);
    crowd_end(&crowd);
    slot_free(endpoint);
}

// --- messages

static force_inline void send_all_i_have(uint32_t send)
{
    struct message_page *page = (struct message_page *)USER_MESSAGE_PAGE;
    for (uint32_t i = 0; i < MESSAGE_CAPS; i++) {
        page->send_slots[i] = send;
        page->receive_slots[i] = CHILD_FREE + 10 + i;
        op(SYS_cap_drop, CHILD_FREE + 10 + i, &(struct message){0});
    }
}

static void call_with_everything(uint64_t count)
{
    for (;;) {
        send_all_i_have(CHILD_CLOCK);
        struct message m = {0};
        uint32_t result = op(TAG(SYS_call, 0, MESSAGE_MAX, MESSAGE_CAPS), CHILD_CALLS, &m);
        if (result == KIND_REPLY && TAG_LENGTH(m.tag) == MESSAGE_MAX && TAG_CAPS(m.tag) == MESSAGE_CAPS)
            shared->count[count]++;
    }
}

static void answer_with_everything(uint64_t count)
{
    struct message m = {.words = {FOREVER}};
    send_all_i_have(CHILD_CLOCK);
    for (op(SYS_recv, CHILD_OWN, &m);; op(TAG(SYS_reply_recv, 0, MESSAGE_MAX, MESSAGE_CAPS), 0, &m)) {
        if (TAG_CAPS(m.tag) == MESSAGE_CAPS) shared->count[count]++;
        send_all_i_have(CHILD_CLOCK);
        op(SYS_yield, 0, &(struct message){0}); // the other caller's message comes before the answer to this one
    }
}

// The last of four capabilities is none: everything was looked up for nothing.
static void call_with_one_too_few(uint64_t count)
{
    struct message_page *page = (struct message_page *)(PAGE_SIZE * (uint64_t)count + 0x0000330000000000);
    for (uint32_t i = 0; i < MESSAGE_CAPS; i++)
        page->send_slots[i] = i < 3 ? CHILD_CLOCK : CHILD_FREE + 20;
    struct message m = {0};
    uint32_t result = op(TAG(SYS_call, 0, MESSAGE_MAX, MESSAGE_CAPS), CHILD_CALLS, &m);
    shared->count[result == ERR_NO_CAP ? 6 : 7]++;
    op(SYS_exit, 0, &m);
}

static void the_largest_messages_meet_in_one_entry(void)
{
    crowd_make(&crowd, MANY);
    child_make(&one, 5, NO_CAP, NO_CAP);
    child_make(&two, 5, NO_CAP, NO_CAP);
    child_make(&three, 5, NO_CAP, NO_CAP);
    child_calls(&one, two.endpoint);
    child_calls(&three, two.endpoint);
    child_calls(&crowd.child, two.endpoint);
    child_run(&two, answer_with_everything, 2);
    child_run(&one, call_with_everything, 1);
    child_run(&three, call_with_everything, 3);
    rest(20);
    for (uint32_t i = 0; i < 60; i++)
        crowd_begin(&crowd, i, 5, call_with_one_too_few, i);
    rest(50);
    EXPECT(60, shared->count[6]);
    EXPECT(0, shared->count[7]);
    EXPECT(true, shared->count[1] > 10 && shared->count[3] > 10 && shared->count[2] > 20);
    child_end(&one);
    child_end(&two);
    child_end(&three);
    crowd_end(&crowd);
}

// --- faults and the log

// Frame pointers that lead through sixteen pages, and a text.
static void end_with_a_long_story(uint64_t i)
{
    const uint64_t first = 0x0000320000000000 + (uint64_t)MANY / 2 * PAGE_SIZE;
    for (uint64_t k = 0; k < 20; k++) {
        uint64_t *frame = (uint64_t *)(first + k * PAGE_SIZE);
        frame[0] = first + (k + 1) * PAGE_SIZE;
        frame[1] = 0x400000 + k + i;
    }
    struct message m = {.words = {i}};
    uint64_t tag = TAG(SYS_exit, 0, LOG_LINE_MAX, 0);
    __asm__ volatile("mov %0, %%rbp; syscall" : : "r"(first), "a"(tag), "S"(m.words[0]) : "rcx", "r11", "memory");
}

static void faults_with_long_stories_are_told_one_by_one(void)
{
    static cap_t thread;
    if (thread.slot == 0) thread = empty_slot();
    crowd_make(&crowd, MANY);
    for (uint32_t i = 0; i < 30; i++) {
        crowd_add(&crowd, i, thread, 5, NO_CAP, ENDPOINT);
        crowd_run(thread, i, end_with_a_long_story, i);
        cap_drop(thread);
    }
    struct message m;
    EXPECT(OK, ipc_recv(ENDPOINT, now() + 100 * MS, &m));
    for (uint32_t i = 0; i < 30; i++) {
        const struct fault *fault = (const struct fault *)message_page()->body;
        EXPECT(KIND_FAULT, TAG_OPERATION(m.tag));
        EXPECT(FAULT_BACKTRACE, fault->backtrace_length);
        EXPECT(LOG_LINE_MAX, fault->text_length);
        struct message answer = {.tag = TAG(0, ERR_BROKEN, 0, 0), .token = m.token};
        if (i == 29)
            EXPECT(OK, ipc_reply(&answer));
        else
            EXPECT(OK, ipc_reply_recv(&answer));
        m = answer;
    }
    rest(5);
    EXPECT(1, threads_of(&crowd.child));
    crowd_end(&crowd);
}

// The supervisor's receiver waits when the fault comes, and its own fault's handler too: a chain of ends in one entry.
static void lines_of_the_log_are_long_and_full_of_what_is_no_text(void)
{
    struct message m;
    for (int round = 0; round < 40; round++) {
        memset(message_page()->body, round % 2 ? 0x01 : 'x', LOG_LINE_MAX);
        m = (struct message){0};
        EXPECT(OK, op(TAG(SYS_log_write, 0, LOG_LINE_MAX, 0), BOOT_SLOT_LOG, &m));
    }
    uint64_t position = 0;
    char text[LOG_LINE_MAX];
    size_t length;
    for (int i = 0; i < 8; i++)
        EXPECT(OK, log_read((cap_t){BOOT_SLOT_LOG}, &position, text, sizeof text, &length));
    rest(50);
}

const struct attack stress_attacks[] = {
    ATTACK(a_large_run_is_cut_joined_mapped_protected_and_unmapped),
    ATTACK(a_process_of_ten_thousand_pages_comes_apart),
    ATTACK(a_thousand_callers_lose_their_endpoint),
    ATTACK(a_thousand_callers_lose_the_pool_that_pays_for_their_endpoint),
    ATTACK(a_thousand_callers_lose_their_server),
    ATTACK(a_thousand_threads_end_with_their_process),
    ATTACK(a_thousand_deadlines_pass_at_one_tick),
    ATTACK(the_largest_messages_meet_in_one_entry),
    ATTACK(faults_with_long_stories_are_told_one_by_one),
    ATTACK(lines_of_the_log_are_long_and_full_of_what_is_no_text),
    {NULL, NULL},
};
