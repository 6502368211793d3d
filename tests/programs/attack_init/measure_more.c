// SPDX-License-Identifier: MIT
// Mappings, and the way from an interrupt to its driver.
#include "tests/programs/attack_init/measure.h"

#define INTERRUPTS 8

// The page beside it stays mapped, so that no page table comes and goes.
void measure_mapping(void)
{
    cap_t run = carve(1), beside = carve(1);
    uint64_t seen = ~0ull, twin = time_of_twin();
    EXPECT(OK, memory_map(beside, SELF, (vaddr_t){PLACE + PAGE_SIZE}, 0, 1, RW));
    for (uint64_t i = 0; i < ROUNDS; i++) {
        struct message m = {.tag = SYS_memory_map, .words = {SELF.slot, PLACE, 0, 1, RW}};
        struct times times;
        timed_trap(run, &m, &times);
        EXPECT(OK, m.tag);
        least(&seen, times.after - times.before - twin);
        EXPECT(OK, process_unmap(SELF, (vaddr_t){PLACE}, 1));
    }
    measured("map_page", seen);
    EXPECT(OK, process_unmap(SELF, (vaddr_t){PLACE + PAGE_SIZE}, 1));
}

static void note_for_ever(uint64_t unused)
{
    (void)unused;
    for (;;)
        shared->count[0] = instructions();
}

// A thread of lower priority notes the time all along: from its last note, at most a turn of its loop before the interrupt,
// to the driver's first instruction.
void measure_interrupt(void)
{
    static struct child clock;
    cap_t line = {BOOT_SLOT_IRQ0 + CLOCK_LINE};
    uint64_t seen = ~0ull;
    child_make(&clock, 5, NO_CAP, NO_CAP);
    child_run(&clock, note_for_ever, 0);
    EXPECT(OK, irq_bind(line, ENDPOINT, 1));
    rtc_periodic(true);
    for (int i = 0; i < INTERRUPTS; i++) {
        rtc_read(REGISTER_C);
        EXPECT(OK, irq_ack(line));
        struct message m = {.tag = SYS_recv, .words = {FOREVER}};
        struct times times;
        timed_trap(ENDPOINT, &m, &times);
        EXPECT(1, m.bits);
        uint64_t twin = time_of_twin();
        least(&seen, times.after - shared->count[0] - twin / 2);
    }
    rtc_periodic(false);
    measured("irq_to_driver", seen);
    child_end(&clock);
}
