// SPDX-License-Identifier: MIT
// What a hostile program tries with numbers alone: addresses, lengths, slots, tokens, badges, ports, machine code.
#include "common/mem.h"
#include "tests/programs/attack_init/attack.h"

static struct child one, two, three;

static void make(struct child *c, uint32_t priority) { child_make(c, priority, NO_CAP, NO_CAP); }

static uint32_t raw(uint64_t tag, cap_t cap, uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3, uint64_t w4)
{
    struct message m = {.words = {w0, w1, w2, w3, w4}};
    return op(tag, cap.slot, &m);
}

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

// --- addresses: every operation that takes one, and the lengths that would bring it around

static void hostile_addresses_are_refused_everywhere(void)
{
    static const uint64_t places[] = {
        0,
        1,
        8,
        PAGE_SIZE - 1,
        PAGE_SIZE,
        USER_BASE - PAGE_SIZE,
        USER_BASE - 1,
        USER_BASE + 1,
        USER_TOP - 1,
        USER_TOP,
        USER_TOP + 1,
        0x00007fffffffffff,
        0x0000800000000000,
        0x00008000deadbeef,
        0x7fffffffffffffff,
        0x8000000000000000,
        0xfff0000000000000,
        0xffff7fffffffffff,
        PHYSMAP_BASE,
        PHYSMAP_BASE + KERNEL_PHYS,
        FRAMES_BASE,
        KERNEL_BASE,
        0xfffffffffffff000,
        ~0ull,
    };
    static const uint64_t lengths[] = {1, 2, 511, 1ull << 35, 1ull << 52, (1ull << 52) - 1, 1ull << 63, ~0ull};
    cap_t run = carve(2), slot = empty_slot();
    struct process_info before, after;
    make(&one, 5);
    EXPECT(OK, process_info(one.process, &before));
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        for (size_t j = 0; j < sizeof lengths / sizeof *lengths; j++) {
            uint64_t at = places[i], pages = lengths[j];
            EXPECT(true, raw(SYS_memory_map, run, one.process.slot, at, 0, pages, RW) >= ERR_NO_CAP);
            EXPECT(true, raw(SYS_process_unmap, one.process, at, pages, 0, 0, 0) >= ERR_NO_CAP);
        }
        struct mapping_info info = {0}; // what is mapped in the kernel half is no secret to who may map
        if (process_query(one.process, (vaddr_t){places[i]}, &info) == OK)
            EXPECT(ACCESS_KERNEL, info.access & ACCESS_KERNEL);
        EXPECT(true, info.access == 0 || places[i] >= PHYSMAP_BASE);
        if (places[i]) EXPECT(true, raw(SYS_thread_create, one.process, slot.slot, places[i], 0, 0, 5) >= ERR_NO_CAP);
        if (places[i] < USER_BASE || places[i] >= USER_TOP)
            EXPECT(ERR_BAD_ADDRESS, raw(SYS_thread_start, one.thread, places[i], USER_STACK_TOP, 0, 0, 0));
    }
    EXPECT(OK, process_info(one.process, &after));
    EXPECT(before.mapped, after.mapped);
    EXPECT(before.pool_free, after.pool_free);
    EXPECT(before.threads, after.threads);
    child_end(&one);
}

// --- slots: a child that holds four capabilities and names a hundred thousand others

#define TRIES 100000

static void try_slots(uint64_t index)
{
    uint64_t state = 88172645463325252;
    for (uint64_t i = 0; i < TRIES; i++) {
        struct message m = {0};
        uint64_t random = next_random(&state);
        uint32_t slot = i < 4096 ? (uint32_t)i : (uint32_t)(random >> (random & 31));
        uint32_t held = slot == CHILD_CLOCK || slot == CHILD_CALLS || slot == CHILD_OWN;
        if ((op(SYS_cap_info, slot, &m) == OK) != held) shared->count[index]++;
        if (held) continue;
        static const uint8_t operations[] = {SYS_call,          SYS_send,           SYS_recv,          SYS_notify,
                                             SYS_cap_copy,      SYS_cap_mint,       SYS_cap_move,      SYS_memory_split,
                                             SYS_memory_map,    SYS_process_create, SYS_process_info,  SYS_irq_ack,
                                             SYS_process_unmap, SYS_thread_create,  SYS_thread_start,  SYS_ports_in,
                                             SYS_ports_out,     SYS_power,          SYS_endpoint_bind, SYS_log_read};
        m = (struct message){.words = {CHILD_OWN, CHILD_FREE, random, 1, 1}};
        uint32_t result = op(operations[random % sizeof operations], slot, &m);
        if (result != ERR_BAD_SLOT && result != ERR_NO_CAP) shared->count[index]++;
    }
    shared->word[index] = 1;
    run_for_ever(7);
}

static void slots_that_are_not_ones_own_name_nothing(void)
{
    make(&one, 5);
    child_calls(&one, ENDPOINT);
    child_run(&one, try_slots, 1);
    for (int i = 0; i < 500 && !shared->word[1]; i++)
        rest(20);
    EXPECT(1, shared->word[1]);
    EXPECT(0, shared->count[1]);
    child_end(&one);
}

// --- lengths

static void every_length_of_a_message_is_whole_or_refused(void)
{
    make(&two, 6);
    child_run(&two, serve_for_ever, 2);
    rest(2);
    for (uint64_t length = 0; length < 65536; length += length < 80 || length > 4000 ? 1 : 61) {
        struct message m = {0};
        uint32_t result = op(TAG(SYS_call, ~0u, length, 0), two.endpoint.slot, &m);
        EXPECT(length <= MESSAGE_MAX ? KIND_REPLY : ERR_BAD_MESSAGE, result);
    }
    child_end(&two);
}

// --- who one is

static void claim_to_be(uint64_t badge)
{
    struct message_page *page = (struct message_page *)USER_MESSAGE_PAGE;
    for (;;) {
        struct message m = {
            .badge = badge, .words = {badge, badge, badge, badge, badge, badge}, .token = badge, .bits = badge};
        memset(page->body, (int)badge, 64);
        op(TAG(SYS_call, badge, 64, 0), CHILD_CALLS, &m);
    }
}

static void nobody_says_who_it_is_but_its_capability(void)
{
    cap_t first = empty_slot(), second = empty_slot();
    struct message m;
    EXPECT(OK, cap_mint(ENDPOINT, NO_CAP, first.slot, RIGHT_SEND, 11));
    EXPECT(OK, cap_mint(ENDPOINT, NO_CAP, second.slot, RIGHT_SEND, 22));
    make(&one, 5);
    make(&two, 5);
    child_calls(&one, first);
    child_calls(&two, second);
    child_run(&one, claim_to_be, 22);
    child_run(&two, claim_to_be, 11);
    for (int i = 0; i < 20; i++) {
        EXPECT(OK, ipc_recv(ENDPOINT, now() + 20 * MS, &m));
        EXPECT(33 - m.words[0], m.badge);
        EXPECT(KIND_CALL, TAG_OPERATION(m.tag));
        EXPECT(OK, ipc_reply(&(struct message){.token = m.token}));
    }
    child_end(&one);
    child_end(&two);
}

static void send_slot(uint64_t slot)
{
    struct message m = {0};
    ((struct message_page *)USER_MESSAGE_PAGE)->send_slots[0] = (uint32_t)slot;
    shared->word[7] = op(TAG(SYS_call, 0, 0, 1), CHILD_CALLS, &m);
    run_for_ever(7);
}

// The number of a slot means what its sender holds there, and nothing that the receiver holds.
static void a_slot_of_the_receivers_is_not_sent(void)
{
    struct message m;
    struct cap_info info;
    cap_t into = empty_slot();
    make(&one, 5);
    child_calls(&one, ENDPOINT);
    EXPECT(OK, cap_info((cap_t){CHILD_FREE}, &info)); // this process has something there, and the child has not
    message_page()->receive_slots[0] = into.slot;
    child_run(&one, send_slot, CHILD_FREE);
    EXPECT(ERR_TIMEOUT, ipc_recv(ENDPOINT, now() + 5 * MS, &m));
    EXPECT(ERR_NO_CAP, shared->word[7]);
    EXPECT(ERR_NO_CAP, cap_info(into, &info));
    message_page()->receive_slots[0] = 0;
    child_end(&one);
}

// --- replies

static void reply_with(uint64_t index)
{
    for (uint64_t i = 0; i < 4096; i++) {
        struct message m = {.token = shared->word[0] + (i << 32), .words = {0xbad}};
        if (op(SYS_reply, 0, &m) == OK) shared->count[index]++;
    }
    struct message m = {.token = shared->word[0], .words = {0xbad}};
    shared->word[index] = op(SYS_reply, 0, &m);
    run_for_ever(7);
}

static void only_who_was_called_may_answer(void)
{
    struct message m;
    make(&two, 5);
    make(&one, 5);
    child_calls(&one, ENDPOINT);
    child_run(&one, call_once, 1);
    EXPECT(OK, ipc_recv(ENDPOINT, now() + 20 * MS, &m));
    shared->word[0] = m.token;
    child_run(&two, reply_with, 2);
    rest(20);
    EXPECT(ERR_NO_CALLER, shared->word[2]);
    EXPECT(0, shared->count[2]);
    EXPECT(OK, ipc_reply(&(struct message){.token = m.token, .words = {42}}));
    rest(2);
    EXPECT(42, shared->word[6]);
    child_end(&one);
    child_end(&two);
}

// --- calls in a circle

static void serve_by_calling(uint64_t index)
{
    struct message m = {.words = {FOREVER}};
    op(SYS_recv, CHILD_OWN, &m);
    shared->count[index]++;
    m = (struct message){0};
    shared->word[index] = op(SYS_call, CHILD_CALLS, &m);
    run_for_ever(index);
}

static void a_circle_of_calls_stops_its_members_and_nobody_else(void)
{
    make(&one, 5);
    make(&two, 5);
    make(&three, 4);
    child_calls(&one, two.endpoint);
    child_calls(&two, one.endpoint);
    child_run(&two, serve_by_calling, 2);
    child_run(&one, call_once, 1);
    child_run(&three, run_for_ever, 3);
    rest(30);
    EXPECT(1, shared->count[2]); // two was called and calls back
    EXPECT(0, shared->word[2]);
    EXPECT(0, shared->word[7]); // both wait
    EXPECT(true, shared->count[3] > 0);
    child_end(&two);
    rest(2);
    EXPECT(ERR_SERVER_DIED, shared->word[7]); // the circle is open
    child_end(&one);
    child_end(&three);
}

// --- ports: each of the 65,536, by a capability for eight of them, and by none

static void ports_outside_a_capability_are_refused(void)
{
    static const uint8_t only_zero[32] = {1};
    static const uint32_t widths[] = {1, 2, 4};
    cap_t ports = empty_slot();
    EXPECT(OK, ports_create((cap_t){BOOT_SLOT_PORTS}, ports, 0x2f8, 8, PORT_READ | PORT_WRITE, only_zero));
    for (uint64_t port = 0; port < 65536; port++)
        for (int i = 0; i < 3; i++) {
            bool inside = port >= 0x2f8 && port + widths[i] <= 0x300;
            if (inside) continue;
            EXPECT(ERR_PORT, raw(SYS_ports_in, ports, port, widths[i], 0, 0, 0));
            if (port % 3 != (uint64_t)i) continue; // the same check for the other direction
            EXPECT(ERR_PORT, raw(SYS_ports_out, ports, port, widths[i], 0, 0, 0));
            EXPECT(ERR_PORT, raw(SYS_ports_out, (cap_t){BOOT_SLOT_PORTS}, port, widths[i], 0, 0, 0));
        }
    for (uint64_t value = 1; value < 256; value++)
        EXPECT(ERR_PORT_VALUE, raw(SYS_ports_out, ports, 0x2f9, 1, value, 0, 0));
}

// All values to all ports of the keyboard's controller, as its driver holds them: one of them would reset the machine.
static void a_hostile_keyboard_driver_does_not_reset_the_machine(void)
{
    static const uint8_t values[32] = {[0x20 / 8] = 1, [0x60 / 8] = 1, [0xa8 / 8] = 0x41}; // 0xa8 and 0xae
    cap_t data = empty_slot(), command = empty_slot();
    cap_t root = {BOOT_SLOT_PORTS};
    EXPECT(OK, ports_create(root, data, 0x60, 1, PORT_READ | PORT_WRITE, NULL));
    EXPECT(OK, ports_create(root, command, 0x64, 1, PORT_READ | PORT_WRITE, values));
    for (uint64_t value = 0; value < 256; value++) {
        uint32_t expected = values[value / 8] >> value % 8 & 1 ? OK : ERR_PORT_VALUE;
        EXPECT(expected, raw(SYS_ports_out, command, 0x64, 1, value, 0, 0));
        EXPECT(OK, raw(SYS_ports_out, data, 0x60, 1, value, 0, 0));
    }
    EXPECT(ERR_PORT_VALUE, raw(SYS_ports_out, command, 0x64, 1, 0xfe, 0, 0)); // reset
    EXPECT(ERR_PORT_VALUE, raw(SYS_ports_out, command, 0x64, 1, 0xd1, 0, 0)); // the A20 line
}

static void every_port_that_the_kernel_keeps_is_kept(void)
{
    static const struct {
        uint16_t first, last;
    } kept[] = {{0x00, 0x0f}, {0x20, 0x21}, {0x40, 0x43},   {0x80, 0x8f},   {0x92, 0x92},  {0xa0, 0xa1},
                {0xc0, 0xdf}, {0x61, 0x61}, {0x3f8, 0x3ff}, {0x510, 0x51b}, {0xcf8, 0xcff}};
    cap_t to = empty_slot();
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        for (uint64_t port = kept[i].first; port <= kept[i].last; port++) {
            EXPECT(ERR_PORT, raw(SYS_ports_create, (cap_t){BOOT_SLOT_PORTS}, to.slot, port, 1, PORT_READ, 0));
            EXPECT(ERR_PORT, raw(SYS_ports_create, (cap_t){BOOT_SLOT_PORTS}, to.slot, port, 1, PORT_WRITE, 1));
        }
}

// --- stack pointers that are none: over operations, interrupts and a fault

static void run_on(uint64_t rsp)
{
    __asm__ volatile("mov %0, %%rsp\n\t"
                     "mov %1, %%rbp\n" // an operation leaves rsp and rbp alone
                     "1: xor %%eax, %%eax; xor %%edi, %%edi; syscall\n\t"
                     "incq (%%rbp)\n\t"
                     "mov $20000, %%ecx; 2: loop 2b; jmp 1b"
                     :
                     : "r"(rsp), "r"(SHARED)
                     : "memory");
}

static void the_kernel_needs_no_stack_of_ring_3s(void)
{
    static const uint64_t pointers[] = {0,
                                        1,
                                        PAGE_SIZE,
                                        PLACE + 3,
                                        USER_TOP,
                                        0x0000800000000000,
                                        0xdeadbeefdeadbeef,
                                        PHYSMAP_BASE + KERNEL_PHYS,
                                        KERNEL_BASE + KERNEL_PHYS,
                                        ~0ull};
    struct message m;
    for (size_t i = 0; i < sizeof pointers / sizeof *pointers; i++) {
        child_make(&one, 5, NO_CAP, ENDPOINT);
        make(&two, 5); // somebody to take turns with
        child_run(&two, run_for_ever, 3);
        child_run(&one, run_on, pointers[i]);
        EXPECT(ERR_TIMEOUT, ipc_recv(ENDPOINT, now() + 25 * MS, &m));
        EXPECT(true, shared->count[0] > 10 && shared->count[3] > 0);
        EXPECT(OK, process_unmap(one.process, (vaddr_t){SHARED}, 1)); // where it counts
        EXPECT(OK, ipc_recv(ENDPOINT, now() + 25 * MS, &m));
        EXPECT(14, m.words[FAULT_CAUSE]);
        EXPECT(pointers[i], m.words[FAULT_RSP]);
        child_end(&one);
        child_end(&two);
    }
}

const struct attack hostile_attacks[] = {
    ATTACK(hostile_addresses_are_refused_everywhere),
    ATTACK(slots_that_are_not_ones_own_name_nothing),
    ATTACK(every_length_of_a_message_is_whole_or_refused),
    ATTACK(nobody_says_who_it_is_but_its_capability),
    ATTACK(a_slot_of_the_receivers_is_not_sent),
    ATTACK(only_who_was_called_may_answer),
    ATTACK(a_circle_of_calls_stops_its_members_and_nobody_else),
    ATTACK(ports_outside_a_capability_are_refused),
    ATTACK(a_hostile_keyboard_driver_does_not_reset_the_machine),
    ATTACK(every_port_that_the_kernel_keeps_is_kept),
    ATTACK(the_kernel_needs_no_stack_of_ring_3s),
    {NULL, NULL},
};
