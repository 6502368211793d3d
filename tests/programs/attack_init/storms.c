// SPDX-License-Identifier: MIT
// Interrupts, and processes that end at moments that nobody chose.
#include "tests/programs/attack_init/attack.h"

#define CLOCK_PORTS 0x70
#define REGISTER_B 0x0b // bit 6: periodic interrupt

static struct child one, two, three;

static cap_t rtc_ports(void)
{
    static cap_t ports;
    static const uint8_t values[32] = {[REGISTER_B / 8] = 0x18, [0x02 / 8] = 0x04, [0x42 / 8] = 0x04};
    if (ports.slot) return ports;
    ports = empty_slot();
    EXPECT(OK, ports_create((cap_t){BOOT_SLOT_PORTS}, ports, CLOCK_PORTS, 2, PORT_READ | PORT_WRITE, values));
    return ports;
}

uint32_t rtc_read(uint8_t number)
{
    uint32_t value = 0;
    EXPECT(OK, ports_out(rtc_ports(), CLOCK_PORTS, 1, number));
    EXPECT(OK, ports_in(rtc_ports(), CLOCK_PORTS + 1, 1, &value));
    return value;
}

void rtc_periodic(bool on)
{
    rtc_read(REGISTER_B);
    EXPECT(OK, ports_out(rtc_ports(), CLOCK_PORTS + 1, 1, on ? 0x42 : 0x02));
    rtc_read(REGISTER_C);
}

static uint64_t bits_within(uint64_t ms)
{
    struct message m = {0};
    return ipc_recv(ENDPOINT, now() + ms * MS, &m) == OK ? m.bits : 0;
}

static void a_line_waits_for_its_driver_and_for_the_next_one(void)
{
    cap_t line = {BOOT_SLOT_IRQ0 + CLOCK_LINE}, badged = empty_slot(), other = empty_slot(), again = empty_slot();
    EXPECT(OK, cap_mint(ENDPOINT, NO_CAP, badged.slot, ALL, 4));
    EXPECT(ERR_BAD_ARGUMENT, irq_bind(line, badged, 0));
    EXPECT(ERR_BAD_ARGUMENT, irq_bind(line, badged, 3)); // none of them may be set
    EXPECT(ERR_WRONG_TYPE, irq_bind(line, SELF, 4));
    EXPECT(ERR_WRONG_TYPE, irq_ack(SELF));
    EXPECT(OK, irq_bind(line, badged, 6));
    rtc_periodic(true);
    EXPECT(0, bits_within(5)); // masked until it is acknowledged
    EXPECT(OK, irq_ack(line));
    EXPECT(4, bits_within(20));
    rtc_read(REGISTER_C);
    EXPECT(0, bits_within(5));
    EXPECT(OK, endpoint_create(SELF, other, SELF));
    EXPECT(OK, irq_bind(line, other, 1));
    EXPECT(OK, endpoint_destroy(other));
    EXPECT(OK, endpoint_create(SELF, again, SELF)); // in the same frame
    rtc_read(REGISTER_C);
    EXPECT(OK, irq_ack(line)); // fires for nobody
    EXPECT(0, bits_within(5));
    EXPECT(ERR_TIMEOUT, ipc_recv(again, 0, &(struct message){0}));
    EXPECT(OK, endpoint_destroy(again));
    EXPECT(OK, irq_bind(line, ENDPOINT, 8));
    rtc_read(REGISTER_C);
    EXPECT(OK, irq_ack(line));
    EXPECT(8, bits_within(20));
    rtc_periodic(false);
}

static void sleep_and_call(uint64_t us)
{
    for (;;) {
        struct message m = {.words = {child_now() + us * 1000}};
        op(SYS_recv, CHILD_OWN, &m);
        m = (struct message){.words = {us}};
        op(SYS_call, CHILD_CALLS, &m);
        shared->count[5]++;
    }
}

static void call_for_ever(uint64_t index)
{
    for (;;) {
        struct message m = {.words = {index}};
        op(SYS_call, CHILD_CALLS, &m);
        shared->count[4]++;
    }
}

static uint64_t random(uint64_t most)
{
    static uint64_t state = 88172645463325252;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state % most;
}

static void rest_us(uint64_t us)
{
    struct message m = {.words = {now() + us * 1000}};
    op(SYS_recv, BOOT_SLOT_ENDPOINT, &m);
}

static void who_ends_at_any_moment_leaves_nothing_behind(void)
{
    struct child *const all[] = {&one, &two, &three};
    uint64_t calls = 0;
    for (int round = 0; round < 40; round++) {
        child_make(&two, 4 + (uint32_t)random(3), NO_CAP, NO_CAP);
        child_make(&one, 5, NO_CAP, NO_CAP);
        child_make(&three, 5, NO_CAP, NO_CAP);
        child_calls(&one, two.endpoint);
        child_calls(&three, two.endpoint);
        child_run(&two, serve_for_ever, 2);
        child_run(&one, call_for_ever, 1);
        child_run(&three, sleep_and_call, random(300));
        rest_us(random(1500));
        calls += shared->count[4] + shared->count[5];
        uint64_t first = random(3), step = 1 + random(2);
        for (uint64_t i = 0; i < 3; i++) {
            child_end(all[(first + i * step) % 3]);
            rest_us(random(300));
        }
    }
    EXPECT(true, calls > 1000);
}

const struct attack storm_attacks[] = {
    ATTACK(a_line_waits_for_its_driver_and_for_the_next_one),
    ATTACK(who_ends_at_any_moment_leaves_nothing_behind),
    {NULL, NULL},
};
