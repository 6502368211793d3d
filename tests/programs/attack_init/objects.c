// SPDX-License-Identifier: MIT
// Runs, processes, ports and interrupt lines.
#include "tests/programs/attack_init/attack.h"

static uint32_t raw(uint64_t tag, cap_t cap, uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3, uint64_t w4)
{
    struct message m = {.words = {w0, w1, w2, w3, w4}};
    return op(tag, cap.slot, &m);
}

static void a_run_splits_only_inside(void)
{
    cap_t run = carve(8), rest_of_it = empty_slot(), copy = empty_slot();
    const uint64_t bad[] = {0, 8, 9, 1ull << 32, (1ull << 32) + 1, ~0ull};
    struct cap_info info;
    for (int i = 0; i < 6; i++)
        EXPECT(ERR_BAD_LENGTH, raw(SYS_memory_split, run, bad[i], rest_of_it.slot, 0, 0, 0));
    EXPECT(ERR_BAD_SLOT, raw(SYS_memory_split, run, 4, 0, 0, 0, 0));
    EXPECT(ERR_SLOT_USED, raw(SYS_memory_split, run, 4, run.slot, 0, 0, 0));
    EXPECT(OK, cap_copy(run, NO_CAP, copy.slot, ALL));
    EXPECT(OK, memory_split(run, 4, rest_of_it));
    EXPECT(ERR_NO_CAP, cap_info(copy, &info));
    EXPECT(ERR_NOT_NEIGHBOUR, memory_join(rest_of_it, run));
    EXPECT(ERR_NOT_NEIGHBOUR, memory_join(run, run));
    EXPECT(OK, cap_copy(rest_of_it, NO_CAP, copy.slot, ALL));
    EXPECT(OK, memory_map(rest_of_it, SELF, (vaddr_t){PLACE}, 3, 1, ACCESS_READ));
    EXPECT(ERR_MAPPED, memory_join(run, rest_of_it));
    EXPECT(ERR_MAPPED, memory_split(rest_of_it, 2, empty_slot()));
    EXPECT(ERR_MAPPED, process_donate(SELF, rest_of_it));
    EXPECT(ERR_MAPPED, process_create(rest_of_it));
    EXPECT(OK, process_unmap(SELF, (vaddr_t){PLACE}, 1));
    EXPECT(OK, memory_join(run, rest_of_it));
    EXPECT(ERR_NO_CAP, cap_info(copy, &info));
    EXPECT(OK, memory_split(run, 4, rest_of_it)); // the same descriptor heads a run again
    EXPECT(ERR_NO_CAP, cap_info(copy, &info));
}

static void nothing_is_mapped_outside_its_bounds(void)
{
    cap_t run = carve(4);
    const uint64_t places[] = {0,
                               0x1000,
                               USER_BASE - PAGE_SIZE,
                               USER_TOP,
                               USER_TOP - PAGE_SIZE + 1,
                               0x800000000000,
                               0xffff800000000000,
                               0xffffffff80000000,
                               0xfffffffffffff000,
                               PLACE + 8};
    for (int i = 0; i < 10; i++) {
        EXPECT(ERR_BAD_ADDRESS, raw(SYS_memory_map, run, BOOT_SLOT_SELF, places[i], 0, 1, ACCESS_READ));
        EXPECT(ERR_BAD_ADDRESS, raw(SYS_process_unmap, SELF, places[i], 1, 0, 0, 0));
    }
    EXPECT(ERR_BAD_ADDRESS, raw(SYS_memory_map, run, BOOT_SLOT_SELF, USER_TOP - PAGE_SIZE, 0, 2, ACCESS_READ));
    const uint64_t lengths[] = {0, 1ull << 52, 1ull << 63, ~0ull, USER_TOP / PAGE_SIZE};
    for (int i = 0; i < 5; i++)
        EXPECT(ERR_BAD_LENGTH, raw(SYS_memory_map, run, BOOT_SLOT_SELF, PLACE, 0, lengths[i], ACCESS_READ));
    const uint64_t firsts[] = {4, 1ull << 32, ~0ull, (1ull << 52) + 1};
    for (int i = 0; i < 4; i++)
        EXPECT(ERR_BAD_LENGTH, raw(SYS_memory_map, run, BOOT_SLOT_SELF, PLACE, firsts[i], 1, ACCESS_READ));
    EXPECT(ERR_BAD_LENGTH, raw(SYS_memory_map, run, BOOT_SLOT_SELF, PLACE, 3, 2, ACCESS_READ));
    EXPECT(ERR_BAD_ARGUMENT, raw(SYS_memory_map, run, BOOT_SLOT_SELF, PLACE, 0, 1, ACCESS_READ | 1ull << 32));
    EXPECT(ERR_BAD_ARGUMENT, raw(SYS_memory_map, run, BOOT_SLOT_SELF, PLACE, 0, 1, ACCESS_WRITE));
    struct mapping_info info;
    EXPECT(ERR_NOT_MAPPED, process_query(SELF, (vaddr_t){PLACE}, &info));
    EXPECT(ERR_BAD_ADDRESS, process_query(SELF, (vaddr_t){0x800000000000}, &info));
}

static void no_frame_is_writable_and_executable_in_two_mappings(void)
{
    cap_t run = carve(2);
    EXPECT(ERR_WX, memory_map(run, SELF, (vaddr_t){PLACE}, 0, 1, RW | ACCESS_EXECUTE));
    EXPECT(OK, memory_map(run, SELF, (vaddr_t){PLACE}, 0, 1, RW));
    EXPECT(ERR_WX, memory_map(run, SELF, (vaddr_t){PLACE + PAGE_SIZE}, 0, 1, ACCESS_READ | ACCESS_EXECUTE));
    EXPECT(OK, memory_map(run, SELF, (vaddr_t){PLACE + 2 * PAGE_SIZE}, 1, 1, ACCESS_READ | ACCESS_EXECUTE));
    EXPECT(ERR_WX, memory_map(run, SELF, (vaddr_t){PLACE + 3 * PAGE_SIZE}, 1, 1, RW));
    EXPECT(ERR_MAPPED, memory_map(run, SELF, (vaddr_t){PLACE + 3 * PAGE_SIZE}, 0, 1, ACCESS_READ | ACCESS_CLEAR));
    EXPECT(OK, process_unmap(SELF, (vaddr_t){PLACE}, 4));
    EXPECT(OK, memory_map(run, SELF, (vaddr_t){PLACE}, 0, 1, ACCESS_READ | ACCESS_EXECUTE));
    EXPECT(OK, process_unmap(SELF, (vaddr_t){PLACE}, 1));
    cap_t screen = {BOOT_SLOT_SCREEN};
    EXPECT(ERR_NO_RIGHT, memory_map(screen, SELF, (vaddr_t){PLACE}, 0, 1, ACCESS_READ | ACCESS_EXECUTE));
    EXPECT(ERR_DEVICE, memory_map(screen, SELF, (vaddr_t){PLACE}, 0, 1, RW | ACCESS_CLEAR));
    EXPECT(ERR_DEVICE, memory_map(run, SELF, (vaddr_t){PLACE}, 0, 1, RW | ACCESS_UNCACHED));
    EXPECT(ERR_WRONG_TYPE, process_donate(SELF, screen));
}

// A run that is being cleared is neither memory nor process: only what clears it goes on.
static void a_run_being_cleared_is_nothing_else(void)
{
    cap_t run = carve(32), copy = empty_slot(), to = empty_slot();
    struct run_info info;
    struct process_info process;
    EXPECT(OK, cap_copy(run, NO_CAP, copy.slot, ALL));
    EXPECT(ERR_AGAIN, raw(SYS_process_create, run, 0, 0, 0, 0, 0));
    EXPECT(ERR_NO_CAP, raw(SYS_process_create, copy, 0, 0, 0, 0, 0));
    EXPECT(ERR_WRONG_TYPE, memory_info(run, &info));
    EXPECT(ERR_WRONG_TYPE, memory_split(run, 4, to));
    EXPECT(ERR_WRONG_TYPE, memory_join(run, run));
    EXPECT(ERR_NO_RIGHT, memory_map(run, SELF, (vaddr_t){PLACE}, 0, 1, ACCESS_READ));
    EXPECT(ERR_WRONG_TYPE, process_info(run, &process));
    EXPECT(ERR_WRONG_TYPE, process_donate(run, to));
    EXPECT(ERR_WRONG_TYPE, endpoint_create(run, to, SELF));
    EXPECT(ERR_WRONG_TYPE, cap_copy(SELF, run, 1, ALL));
    uint64_t pages = 0;
    EXPECT(OK, process_destroy(run, to, &pages)); // gives it back instead
    EXPECT(32, pages);
    EXPECT(OK, memory_info(to, &info));
    EXPECT(32, info.pages);
    EXPECT(0, info.mapped);
    EXPECT(OK, process_create(to));
    EXPECT(ERR_WRONG_TYPE, process_donate(SELF, to));
}

static void what_a_dying_process_was_made_of_comes_back_once(void)
{
    cap_t run = carve(40), to = empty_slot(), copy = empty_slot();
    struct process_info process;
    struct cap_info info;
    EXPECT(OK, process_create(run));
    EXPECT(OK, process_donate(run, carve(8)));
    EXPECT(OK, cap_copy(run, NO_CAP, copy.slot, ALL));
    EXPECT(ERR_SELF, raw(SYS_process_destroy, SELF, to.slot, 0, 0, 0, 0));
    EXPECT(ERR_SLOT_USED, raw(SYS_process_destroy, run, run.slot, 0, 0, 0, 0));
    EXPECT(ERR_AGAIN, raw(SYS_process_destroy, run, to.slot, 0, 0, 0, 0));
    EXPECT(ERR_NO_CAP, cap_info(copy, &info));
    EXPECT(ERR_WRONG_TYPE, process_info(run, &process));
    EXPECT(ERR_WRONG_TYPE, endpoint_create(run, empty_slot(), SELF));
    EXPECT(ERR_WRONG_TYPE, endpoint_create(SELF, empty_slot(), run));
    EXPECT(ERR_WRONG_TYPE, process_donate(run, carve(1)));
    EXPECT(ERR_WRONG_TYPE, process_create(run));
    EXPECT(ERR_WRONG_TYPE, thread_create(run, empty_slot(), (vaddr_t){0}, NO_CAP, NO_CAP, 1));
    EXPECT(OK, cap_copy(run, NO_CAP, copy.slot, ALL)); // both copies may go on
    uint64_t total = 0;
    for (int i = 0; i < 100; i++) {
        struct message m = {.words = {to.slot}};
        uint32_t err = op(SYS_process_destroy, (i & 1 ? copy : run).slot, &m);
        if (err == ERR_NO_CAP) continue;
        total += m.words[0];
        if (m.words[0]) cap_drop(to);
        if (err == OK) break;
        EXPECT(ERR_AGAIN, err);
    }
    EXPECT(48, total);
    EXPECT(ERR_NO_CAP, cap_info(run, &info));
    EXPECT(ERR_NO_CAP, cap_info(copy, &info));
}

// Frames that were kernel objects come back clear, and nothing of their former life is good for anything.
static void recycled_frames_carry_nothing(void)
{
    cap_t run = carve(3), pool = carve(8), to = empty_slot(), own = empty_slot(), endpoint = empty_slot(),
          thread = empty_slot(), pages_run = NO_CAP;
    struct cap_info info;
    EXPECT(OK, process_create(run));
    EXPECT(OK, process_donate(run, pool));
    EXPECT(OK, endpoint_create(run, endpoint, SELF));
    EXPECT(OK, thread_create(run, thread, (vaddr_t){0}, NO_CAP, NO_CAP, 3));
    EXPECT(OK, memory_map(carve(1), run, (vaddr_t){PLACE}, 0, 1, RW));
    uint64_t pages;
    EXPECT(ERR_AGAIN, process_destroy(run, to, &pages));
    EXPECT(8, pages);
    pages_run = to;
    EXPECT(OK, process_destroy(run, own, &pages));
    EXPECT(3, pages);
    EXPECT(ERR_NO_CAP, cap_info(endpoint, &info));
    EXPECT(ERR_NO_CAP, cap_info(thread, &info));
    EXPECT(ERR_NO_CAP, notify(endpoint, 1));
    EXPECT(OK, memory_map(pages_run, SELF, (vaddr_t){PLACE}, 0, 8, ACCESS_READ));
    EXPECT(OK, memory_map(own, SELF, (vaddr_t){PLACE + 8 * PAGE_SIZE}, 0, 3, ACCESS_READ));
    uint64_t left = 0;
    for (const uint64_t *word = (uint64_t *)PLACE; word < (uint64_t *)(PLACE + 11 * PAGE_SIZE); word++)
        left += *word != 0;
    EXPECT(0, left);
    EXPECT(OK, process_unmap(SELF, (vaddr_t){PLACE}, 11));
}

static void slots_and_capabilities_have_bounds(void)
{
    cap_t copy = empty_slot(), badged = empty_slot();
    struct cap_info info;
    const uint32_t slots[] = {2048, 2049, 0x7ffffff};
    for (int i = 0; i < 3; i++) {
        EXPECT(ERR_BAD_SLOT, cap_info((cap_t){slots[i]}, &info));
        EXPECT(ERR_BAD_SLOT, cap_copy(SELF, NO_CAP, slots[i], ALL));
        EXPECT(ERR_BAD_SLOT, cap_drop((cap_t){slots[i]}));
    }
    EXPECT(ERR_BAD_SLOT, raw(SYS_cap_copy, SELF, 1ull << 40, copy.slot, ALL, 0, 0));
    EXPECT(ERR_BAD_SLOT, raw(SYS_cap_copy, SELF, 0, 1ull << 32 | copy.slot, ALL, 0, 0));
    EXPECT(ERR_BAD_SLOT, raw(SYS_cap_copy, SELF, 0, 0, ALL, 0, 0));
    EXPECT(ERR_SLOT_USED, raw(SYS_cap_move, SELF, 0, BOOT_SLOT_SELF, 0, 0, 0));
    EXPECT(OK, cap_mint(ENDPOINT, NO_CAP, badged.slot, ALL, 4));
    EXPECT(ERR_BADGED, cap_mint(badged, NO_CAP, copy.slot, ALL, 8));
    EXPECT(OK, cap_copy(badged, NO_CAP, copy.slot, RIGHT_NOTIFY));
    EXPECT(ERR_NO_RIGHT, cap_mint(copy, NO_CAP, empty_slot().slot, ALL, 0));
    EXPECT(OK, notify(copy, ~0ull)); // only its own bit arrives
    struct message m = {0};
    EXPECT(KIND_NOTIFY, op(SYS_recv, BOOT_SLOT_ENDPOINT, &m));
    EXPECT(4, m.bits);
}

static void ports_that_are_kept_stay_kept(void)
{
    cap_t root = {BOOT_SLOT_PORTS}, to = empty_slot();
    const struct {
        uint64_t first, count, directions, error;
    } tries[] = {
        {0x60, 0, 3, ERR_PORT},          {0x10000, 1, 1, ERR_PORT},       {0xffff, 2, 1, ERR_PORT},
        {0x60, ~0ull, 1, ERR_PORT},      {~0ull, 2, 1, ERR_PORT},         {0, 65536, 1, ERR_PORT},
        {0x1f, 2, 1, ERR_PORT},          {0x3f0, 9, 1, ERR_PORT},         {0xcf0, 16, 2, ERR_PORT},
        {0x42, 1, 3, ERR_PORT},          {0x62, 3, 2, ERR_PORT_VALUE},    {0x4d0, 2, 2, ERR_PORT},
        {0x2f8, 8, 0, ERR_BAD_ARGUMENT}, {0x2f8, 8, 4, ERR_BAD_ARGUMENT},
    };
    for (size_t i = 0; i < sizeof tries / sizeof *tries; i++)
        EXPECT(tries[i].error,
               raw(SYS_ports_create, root, to.slot, tries[i].first, tries[i].count, tries[i].directions, 0));
    uint32_t value;
    EXPECT(ERR_PORT, ports_in(root, 0x60, 1, &value));
    EXPECT(OK, raw(SYS_ports_create, root, to.slot, 0x2f8, 8, PORT_READ, 0));
    EXPECT(ERR_NO_RIGHT, raw(SYS_ports_create, to, empty_slot().slot, 0x2f8, 8, PORT_READ, 0));
    EXPECT(ERR_PORT, raw(SYS_ports_in, to, 0x2ff, 2, 0, 0, 0));
    EXPECT(ERR_PORT, raw(SYS_ports_in, to, 0x2fe, 4, 0, 0, 0));
    EXPECT(ERR_PORT, raw(SYS_ports_in, to, 0x102f8, 1, 0, 0, 0));
    EXPECT(ERR_PORT, raw(SYS_ports_in, to, 0x2f8, 3, 0, 0, 0));
    EXPECT(ERR_PORT, raw(SYS_ports_out, to, 0x2ff, 1, 0, 0, 0));
}

// Whatever the boot loader's map says.
static void nothing_is_given_to_init_twice(void)
{
    const struct boot_info *info = boot_info();
    static struct boot_run all[BOOT_RUNS + BOOT_MODULES + BOOT_FIRMWARE + 1] = {{BOOT_SLOT_SCREEN, 32, 0xa0000}};
    uint32_t count = 1;
    for (uint32_t i = 0; i < info->run_count; i++)
        all[count++] = info->runs[i];
    for (uint32_t i = 0; i < info->firmware_count; i++)
        all[count++] = info->firmware[i];
    for (uint32_t i = 0; i < info->module_count; i++) {
        const struct boot_module *m = &info->modules[i];
        uint32_t pages = (uint32_t)((m->size + PAGE_SIZE - 1) / PAGE_SIZE);
        if (m->slot) all[count++] = (struct boot_run){m->slot, pages, m->address};
    }
    for (uint32_t i = 0; i < count; i++) {
        struct cap_info cap;
        EXPECT(OK, cap_info((cap_t){all[i].slot}, &cap));
        for (uint32_t j = 0; j < i; j++)
            EXPECT(true, all[i].address >= all[j].address + all[j].pages * PAGE_SIZE ||
                             all[j].address >= all[i].address + all[i].pages * PAGE_SIZE);
    }
}

const struct attack object_attacks[] = {
    ATTACK(nothing_is_given_to_init_twice),       ATTACK(a_run_splits_only_inside),
    ATTACK(nothing_is_mapped_outside_its_bounds), ATTACK(no_frame_is_writable_and_executable_in_two_mappings),
    ATTACK(a_run_being_cleared_is_nothing_else),  ATTACK(what_a_dying_process_was_made_of_comes_back_once),
    ATTACK(recycled_frames_carry_nothing),        ATTACK(slots_and_capabilities_have_bounds),
    ATTACK(ports_that_are_kept_stay_kept),        {NULL, NULL},
};
