// SPDX-License-Identifier: MIT
// Mappings, and the way from an interrupt to its driver.
#include "tests/programs/attack_init/measure.h"

#define INTERRUPTS 8

static uint64_t map_once(cap_t run, uint64_t pages, bool raw)
{
    uint64_t start = instructions();
    if (raw) {
        struct message m = {.tag = SYS_memory_map, .words = {SELF.slot, PLACE, 0, pages, RW}};
        trap(run, &m);
        EXPECT(OK, m.tag);
    } else {
        EXPECT(OK, memory_map(run, SELF, (vaddr_t){PLACE}, 0, pages, RW));
    }
    return instructions() - start;
}

static uint64_t unmap_once(uint64_t pages)
{
    uint64_t start = instructions();
    EXPECT(OK, process_unmap(SELF, (vaddr_t){PLACE}, pages));
    return instructions() - start;
}

// The pages beside them stay mapped, so that no page table comes and goes.
void measure_mappings(void)
{
    static const uint16_t sizes[] = {1, 4, 16, 64, 256};
    char name[32];
    cap_t run = carve(256), beside = carve(1);
    uint64_t page = ~0ull, without = ~0ull;
    EXPECT(OK, memory_map(beside, SELF, (vaddr_t){PLACE + 256 * PAGE_SIZE}, 0, 1, RW));
    for (uint64_t i = 0; i < ROUNDS; i++) {
        least(&page, map_once(run, 1, true));
        unmap_once(1);
        uint64_t start = instructions();
        struct message m = {.tag = SYS_memory_map, .words = {SELF.slot, PLACE, 0, 1, RW}};
        no_trap(run, &m);
        EXPECT(SYS_memory_map, m.tag);
        least(&without, instructions() - start);
    }
    measured("map_page", page - without);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        uint64_t map = ~0ull, unmap = ~0ull;
        for (uint64_t round = 0; round < ROUNDS; round++) {
            least(&map, map_once(run, sizes[i], false));
            least(&unmap, unmap_once(sizes[i]));
        }
        snprintf(name, sizeof name, "map_%u_pages", sizes[i]);
        measured(name, map);
        snprintf(name, sizeof name, "unmap_%u_pages", sizes[i]);
        measured(name, unmap);
    }
    EXPECT(OK, process_unmap(SELF, (vaddr_t){PLACE + 256 * PAGE_SIZE}, 1));
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
