// SPDX-License-Identifier: MIT
// The kernel maps one page below the table that it remembers without the long way's questions in their order. What it
// refuses, and what it does, is the same.
#include "tests/programs/attack_init/attack.h"

#define BEYOND 0x7ffffffu // no table has that slot
#define RX (ACCESS_READ | ACCESS_EXECUTE)
#define READ ACCESS_READ

static cap_t target;

static cap_t copy_of(cap_t from, uint32_t rights)
{
    cap_t copy = empty_slot();
    EXPECT(OK, cap_copy(from, NO_CAP, copy.slot, rights));
    return copy;
}

static cap_t make_process(void)
{
    cap_t process = carve(3);
    EXPECT(OK, process_create(process));
    EXPECT(OK, process_donate(process, carve(16)));
    return process;
}

static uint64_t mapped(cap_t run)
{
    struct run_info info = {0};
    EXPECT(OK, memory_info(run, &info));
    return info.mapped;
}

static uint64_t pages_of(cap_t process)
{
    struct process_info info = {0};
    EXPECT(OK, process_info(process, &info));
    return info.mapped;
}

static uint64_t address_at(cap_t process, uint64_t at)
{
    struct mapping_info info = {0};
    return process_query(process, (vaddr_t){at}, &info) == OK ? info.address.raw : 0;
}

static uint64_t address_of(cap_t run)
{
    struct run_info info = {0};
    EXPECT(OK, memory_info(run, &info));
    return info.address.raw;
}

// The table of an address, which is there, is what the kernel remembers from here on.
static void look_at(uint64_t at) { EXPECT(OK, process_unmap(target, (vaddr_t){at}, 1)); }

static void map(cap_t run, uint64_t at, uint64_t first, uint32_t access)
{
    EXPECT(OK, memory_map(run, target, (vaddr_t){at}, first, 1, access));
}

static void unmap(uint64_t at) { EXPECT(OK, process_unmap(target, (vaddr_t){at}, 1)); }

static err_t ask(uint64_t run, uint64_t process, uint64_t at, uint64_t first, uint64_t pages, uint64_t access,
                 uint64_t *done)
{
    struct message m = {.words = {process, at, first, pages, access}};
    err_t err = op(SYS_memory_map, (uint32_t)run, &m);
    *done = m.words[0];
    return err;
}

// Maps up to eight pages of `whole`, looks at what became of it, and takes them away.
static void try_to_map(int line, cap_t whole, err_t result, uint64_t run, uint64_t process, uint64_t at, uint64_t first,
                       uint64_t pages, uint64_t access)
{
    uint64_t done, now = result == OK ? pages : 0;
    look_at(PLACE);
    expect_at(line, result, ask(run, process, at, first, pages, access, &done));
    expect_at(line, result == OK ? now : process, done);
    expect_at(line, now, mapped(whole));
    expect_at(line, now + 1, pages_of(target));
    expect_at(line, now ? address_of(whole) + first * PAGE_SIZE : 0, address_at(target, PLACE));
    EXPECT(OK, process_unmap(target, (vaddr_t){PLACE}, 8));
    expect_at(line, 0, mapped(whole));
}

static void what_the_long_way_refuses_the_short_one_does_not_do(void)
{
    target = make_process();
    const cap_t run = carve(8), cut = carve(2), stale = copy_of(cut, ALL), ended = make_process();
    const cap_t stale_process = copy_of(ended, ALL), readable = copy_of(run, RIGHT_READ), mute = copy_of(target, 0);
    EXPECT(OK, memory_split(cut, 1, empty_slot()));
    uint64_t pages;
    EXPECT(ERR_AGAIN, process_destroy(ended, empty_slot(), &pages)); // and dead it is
    map(cut, PLACE + 8 * PAGE_SIZE, 0, RW);                          // keeps the table
#define TRY_TO_MAP(RESULT, RUN, PROCESS, AT, FIRST, PAGES, ACCESS) \
    try_to_map(__LINE__, run, RESULT, RUN, PROCESS, AT, FIRST, PAGES, ACCESS)
    TRY_TO_MAP(OK, run.slot, target.slot, PLACE, 0, 1, READ);
    TRY_TO_MAP(OK, run.slot, target.slot, PLACE, 7, 1, RW | ACCESS_CLEAR);
    TRY_TO_MAP(OK, run.slot, target.slot, PLACE, 6, 1, RX);
    TRY_TO_MAP(OK, run.slot, target.slot, PLACE, 0, 2, RW);
    TRY_TO_MAP(OK, run.slot, target.slot, PLACE, 0, 8, RX);
    TRY_TO_MAP(OK, readable.slot, target.slot, PLACE, 0, 1, READ);
    TRY_TO_MAP(ERR_BAD_SLOT, BEYOND, target.slot, PLACE, 0, 1, RW);
    TRY_TO_MAP(ERR_BAD_SLOT, run.slot, BEYOND, PLACE, 0, 1, RW);
    TRY_TO_MAP(ERR_BAD_SLOT, run.slot, 1ull << 59 | target.slot, PLACE, 0, 1, RW);
    TRY_TO_MAP(ERR_NO_CAP, 0, target.slot, PLACE, 0, 1, RW);
    TRY_TO_MAP(ERR_NO_CAP, run.slot, 0, PLACE, 0, 1, RW);
    TRY_TO_MAP(ERR_NO_CAP, stale.slot, target.slot, PLACE, 0, 1, RW);
    TRY_TO_MAP(ERR_NO_CAP, run.slot, stale_process.slot, PLACE, 0, 1, RW);
    TRY_TO_MAP(ERR_NO_RIGHT, readable.slot, target.slot, PLACE, 0, 1, RW);
    TRY_TO_MAP(ERR_NO_RIGHT, readable.slot, target.slot, PLACE, 0, 1, RX);
    TRY_TO_MAP(ERR_NO_RIGHT, run.slot, mute.slot, PLACE, 0, 1, RW);
    TRY_TO_MAP(ERR_WRONG_TYPE, BOOT_SLOT_LOG, target.slot, PLACE, 0, 1, RW);
    TRY_TO_MAP(ERR_WRONG_TYPE, BOOT_SLOT_PORTS, target.slot, PLACE, 0, 1, RW);
    TRY_TO_MAP(ERR_WRONG_TYPE, target.slot, target.slot, PLACE, 0, 1, 0);
    TRY_TO_MAP(ERR_WRONG_TYPE, run.slot, run.slot, PLACE, 0, 1, RW);
    TRY_TO_MAP(ERR_WRONG_TYPE, run.slot, BOOT_SLOT_CLOCK, PLACE, 0, 1, RW);
    TRY_TO_MAP(ERR_WRONG_TYPE, run.slot, BOOT_SLOT_POWER, PLACE, 0, 1, RW);
    TRY_TO_MAP(ERR_BAD_ARGUMENT, run.slot, target.slot, PLACE, 0, 1, 0);
    TRY_TO_MAP(ERR_BAD_ARGUMENT, run.slot, target.slot, PLACE, 0, 1, ACCESS_WRITE);
    TRY_TO_MAP(ERR_BAD_ARGUMENT, run.slot, target.slot, PLACE, 0, 1, ACCESS_CLEAR);
    TRY_TO_MAP(ERR_BAD_ARGUMENT, run.slot, target.slot, PLACE, 0, 1, RW | 32);
    TRY_TO_MAP(ERR_BAD_ARGUMENT, run.slot, target.slot, PLACE, 0, 1, RW | 1ull << 32);
    TRY_TO_MAP(ERR_WX, run.slot, target.slot, PLACE, 0, 1, RW | RX);
    TRY_TO_MAP(ERR_DEVICE, run.slot, target.slot, PLACE, 0, 1, RW | ACCESS_UNCACHED);
    TRY_TO_MAP(ERR_DEVICE, BOOT_SLOT_SCREEN, target.slot, PLACE, 0, 1, RW | ACCESS_CLEAR);
    TRY_TO_MAP(ERR_BAD_ADDRESS, run.slot, target.slot, PLACE + 8, 0, 1, RW);
    TRY_TO_MAP(ERR_BAD_ADDRESS, run.slot, target.slot, PLACE | 1ull << 63, 0, 1, RW);
    TRY_TO_MAP(ERR_BAD_LENGTH, run.slot, target.slot, PLACE, 0, 0, RW);
    TRY_TO_MAP(ERR_BAD_LENGTH, run.slot, target.slot, PLACE, 7, 2, RW);
    TRY_TO_MAP(ERR_BAD_LENGTH, run.slot, target.slot, PLACE, 8, 1, RW);
    TRY_TO_MAP(ERR_BAD_LENGTH, run.slot, target.slot, PLACE, 1ull << 32, 1, RW);
    TRY_TO_MAP(ERR_BAD_LENGTH, run.slot, target.slot, PLACE, ~0ull, 1, RW);
    TRY_TO_MAP(ERR_MAPPED, run.slot, target.slot, PLACE + 8 * PAGE_SIZE, 0, 1, RW);
    unmap(PLACE + 8 * PAGE_SIZE);
}

static void a_frame_that_is_mapped_already_takes_the_long_way(void)
{
    const cap_t run = carve(3);
    uint64_t done;
    target = make_process();
    map(run, PLACE + PAGE_SIZE, 0, RX);
    map(run, PLACE + 2 * PAGE_SIZE, 1, RW);
    EXPECT(ERR_WX, ask(run.slot, target.slot, PLACE, 0, 1, RW, &done));
    EXPECT(ERR_WX, ask(run.slot, target.slot, PLACE, 1, 1, RX, &done));
    EXPECT(ERR_MAPPED, ask(run.slot, target.slot, PLACE, 0, 1, READ | ACCESS_CLEAR, &done));
    EXPECT(ERR_MAPPED, ask(run.slot, target.slot, PLACE, 1, 1, RW | ACCESS_CLEAR, &done));
    map(run, PLACE, 1, RW);
    EXPECT(3, mapped(run));
    unmap(PLACE + 2 * PAGE_SIZE);
    EXPECT(ERR_WX, ask(run.slot, target.slot, PLACE + 2 * PAGE_SIZE, 1, 1, RX, &done)); // one is left
    unmap(PLACE);
    map(run, PLACE, 1, RX);
    EXPECT(2, mapped(run));
    EXPECT(ERR_WX, ask(run.slot, target.slot, PLACE + 2 * PAGE_SIZE, 1, 1, RW, &done));
    unmap(PLACE);
    unmap(PLACE + PAGE_SIZE);
    EXPECT(0, mapped(run));
}

static void a_clear_page_is_clear_on_the_short_way_too(void)
{
    const cap_t run = carve(2);
    const uint64_t *words = (const uint64_t *)PLACE;
    uint64_t left = 0;
    target = SELF;
    map(run, PLACE + PAGE_SIZE, 0, RW);
    map(run, PLACE, 1, RW);
    for (size_t i = 0; i < PAGE_SIZE / 8; i++)
        ((volatile uint64_t *)PLACE)[i] = ~i;
    unmap(PLACE);
    map(run, PLACE, 1, READ);
    EXPECT(~7ull, words[7]); // nobody asked
    unmap(PLACE);
    map(run, PLACE, 1, RW | ACCESS_CLEAR);
    for (size_t i = 0; i < PAGE_SIZE / 8; i++)
        left |= words[i];
    EXPECT(0, left);
    unmap(PLACE);
    unmap(PLACE + PAGE_SIZE);
}

static void a_table_that_went_is_not_remembered(void)
{
    const cap_t run = carve(4);
    target = make_process();
    map(run, PLACE, 0, RW);
    unmap(PLACE); // and with it its tables
    map(run, PLACE, 1, RW);
    EXPECT(address_of(run) + PAGE_SIZE, address_at(target, PLACE));
    unmap(PLACE);
    // The same frames again; of these tables nothing is remembered.
    map(run, USER_TOP - PAGE_SIZE, 2, RW);
    map(run, PLACE, 0, RW);
    map(run, PLACE + PAGE_SIZE, 3, RW);
    EXPECT(address_of(run), address_at(target, PLACE));
    EXPECT(address_of(run) + 3 * PAGE_SIZE, address_at(target, PLACE + PAGE_SIZE));
    EXPECT(address_of(run) + 2 * PAGE_SIZE, address_at(target, USER_TOP - PAGE_SIZE));
    EXPECT(3, pages_of(target));
    unmap(USER_TOP - PAGE_SIZE);
    unmap(PLACE);
    unmap(PLACE + PAGE_SIZE);
    EXPECT(0, mapped(run));
}

static void the_user_half_ends_where_it_did(void)
{
    const cap_t run = carve(2);
    const uint64_t outside[] = {0, PAGE_SIZE, USER_TOP, KERNEL_BASE, KERNEL_BASE + 0x1ff000, PHYSMAP_BASE, ~0xfffull};
    uint64_t done;
    target = make_process();
    for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++) // nothing is remembered yet
        EXPECT(ERR_BAD_ADDRESS, ask(run.slot, target.slot, outside[i], 0, 1, RW, &done));
    map(run, USER_TOP - PAGE_SIZE, 0, RW);
    for (size_t i = 0; i < sizeof outside / sizeof outside[0]; i++)
        EXPECT(ERR_BAD_ADDRESS, ask(run.slot, target.slot, outside[i], 1, 1, RW, &done));
    EXPECT(1, pages_of(target));
    unmap(USER_TOP - PAGE_SIZE);
}

// Rights that say what an object is.
static void two_rights_are_of_one_type_each(void)
{
    for (uint32_t slot = 1; slot < 128; slot++) {
        struct cap_info info;
        if (cap_info((cap_t){slot}, &info) != OK) continue;
        if (info.rights & RIGHT_MAP) EXPECT(TYPE_PROCESS, info.type);
        if (info.rights & RIGHT_EXECUTE) EXPECT(TYPE_MEMORY, info.type);
    }
}

const struct attack short_way_attacks[] = {
    ATTACK(what_the_long_way_refuses_the_short_one_does_not_do),
    ATTACK(a_frame_that_is_mapped_already_takes_the_long_way),
    ATTACK(a_clear_page_is_clear_on_the_short_way_too),
    ATTACK(a_table_that_went_is_not_remembered),
    ATTACK(two_rights_are_of_one_type_each),
    ATTACK(the_user_half_ends_where_it_did),
    {NULL, NULL},
};
