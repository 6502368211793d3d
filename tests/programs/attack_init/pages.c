// SPDX-License-Identifier: MIT
// Rights that are taken away from mapped pages, and what is said to be mapped.
#include "tests/programs/attack_init/attack.h"

#define TEXT 0xffffffff8010c000 // of the kernel
#define TABLE_SPAN 0x200000ull  // of one page table
#define RX (ACCESS_READ | ACCESS_EXECUTE)

static struct child one;

static void store_for_ever(uint64_t address)
{
    for (;;)
        *(volatile uint64_t *)address = ++shared->count[1];
}

static uint64_t access_at(cap_t process, uint64_t address)
{
    struct mapping_info info = {0};
    EXPECT(OK, process_query(process, (vaddr_t){address}, &info));
    return info.access;
}

static void a_protected_page_obeys_at_once(void)
{
    struct message m;
    child_make(&one, 5, NO_CAP, ENDPOINT);
    EXPECT(OK, memory_map(one.frames, one.process, (vaddr_t){PLACE}, 3, 1, RW | ACCESS_CLEAR));
    child_run(&one, store_for_ever, PLACE);
    rest(5);
    EXPECT(true, shared->count[1] > 0);
    EXPECT(OK, process_protect(one.process, (vaddr_t){PLACE}, 1, ACCESS_READ));
    EXPECT(OK, ipc_recv(ENDPOINT, now() + 20 * MS, &m));
    EXPECT(14, m.words[FAULT_CAUSE]);
    EXPECT(PF_PRESENT | PF_WRITE | PF_USER, m.words[FAULT_CODE]);
    EXPECT(PLACE, m.words[FAULT_ADDRESS]);
    child_end(&one);
}

// What a mapping of one's own has lost another one keeps. (That the next store faults is seen in a child that may end:
// a_changed_mapping_is_obeyed_by_the_next_instruction.)
static void ones_own_page_is_protected_and_no_other_mapping(void)
{
    static cap_t run;
    if (!run.slot) run = carve(1);
    child_make(&one, 5, NO_CAP, NO_CAP);
    EXPECT(OK, memory_map(run, SELF, (vaddr_t){PLACE}, 0, 1, RW | ACCESS_CLEAR));
    EXPECT(OK, memory_map(run, one.process, (vaddr_t){PLACE}, 0, 1, RW));
    *(volatile uint64_t *)PLACE = 7;
    EXPECT(OK, process_protect(SELF, (vaddr_t){PLACE}, 1, ACCESS_READ));
    EXPECT(7, *(volatile uint64_t *)PLACE);
    EXPECT(ACCESS_READ, access_at(SELF, PLACE));
    EXPECT(RW, access_at(one.process, PLACE)); // another mapping is another matter
    EXPECT(OK, process_unmap(SELF, (vaddr_t){PLACE}, 1));
    child_end(&one);
}

static void the_books_follow_what_is_taken_away(void)
{
    cap_t run = carve(1);
    child_make(&one, 5, NO_CAP, NO_CAP);
    EXPECT(OK, memory_map(run, one.process, (vaddr_t){PLACE}, 0, 1, RW | ACCESS_CLEAR));
    EXPECT(OK, memory_map(run, one.process, (vaddr_t){PLACE + PAGE_SIZE}, 0, 1, RW));
    EXPECT(ERR_WX, memory_map(run, SELF, (vaddr_t){PLACE}, 0, 1, RX));
    EXPECT(OK, process_protect(one.process, (vaddr_t){PLACE}, 1, ACCESS_READ));
    EXPECT(ERR_WX, memory_map(run, SELF, (vaddr_t){PLACE}, 0, 1, RX)); // one writable mapping is left
    EXPECT(OK, process_protect(one.process, (vaddr_t){PLACE}, 2, ACCESS_READ));
    EXPECT(OK, memory_map(run, SELF, (vaddr_t){PLACE}, 0, 1, RX));
    EXPECT(ERR_WX, memory_map(run, one.process, (vaddr_t){PLACE + 2 * PAGE_SIZE}, 0, 1, RW));
    EXPECT(OK, process_protect(SELF, (vaddr_t){PLACE}, 1, ACCESS_READ));
    EXPECT(OK, memory_map(run, one.process, (vaddr_t){PLACE + 2 * PAGE_SIZE}, 0, 1, RW));
    struct run_info info;
    EXPECT(OK, memory_info(run, &info));
    EXPECT(4, info.mapped);
    EXPECT(OK, process_unmap(SELF, (vaddr_t){PLACE}, 1));
    child_end(&one);
    EXPECT(OK, memory_info(run, &info));
    EXPECT(0, info.mapped);
}

static void protecting_only_takes_away(void)
{
    cap_t run = carve(130);
    struct cap_info cap;
    EXPECT(OK, memory_map(run, SELF, (vaddr_t){PLACE}, 0, 130, RW | ACCESS_CLEAR));
    EXPECT(ERR_BAD_ARGUMENT, process_protect(SELF, (vaddr_t){PLACE}, 1, 0));
    EXPECT(ERR_BAD_ARGUMENT, process_protect(SELF, (vaddr_t){PLACE}, 1, ACCESS_WRITE));
    EXPECT(ERR_BAD_ARGUMENT, process_protect(SELF, (vaddr_t){PLACE}, 1, RW | ACCESS_CLEAR));
    EXPECT(ERR_BAD_ARGUMENT, process_protect(SELF, (vaddr_t){PLACE}, 1, RW | ACCESS_UNCACHED));
    EXPECT(ERR_NO_RIGHT, process_protect(SELF, (vaddr_t){PLACE}, 1, RX));
    EXPECT(ERR_BAD_LENGTH, process_protect(SELF, (vaddr_t){PLACE}, 0, ACCESS_READ));
    EXPECT(ERR_BAD_LENGTH, process_protect(SELF, (vaddr_t){PLACE}, ~0ull, ACCESS_READ));
    const uint64_t places[] = {0,    1,        USER_BASE - PAGE_SIZE, PLACE + 1, USER_TOP, 0x800000000000, PHYSMAP_BASE,
                               TEXT, ~0xfffull};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++)
        EXPECT(ERR_BAD_ADDRESS, process_protect(SELF, (vaddr_t){places[i]}, 1, ACCESS_READ));
    EXPECT(ERR_NOT_MAPPED, process_protect(SELF, (vaddr_t){PLACE + 130 * PAGE_SIZE}, 1, ACCESS_READ));
    EXPECT(ERR_NOT_MAPPED, process_protect(SELF, (vaddr_t){PLACE + 129 * PAGE_SIZE}, 2, ACCESS_READ));
    EXPECT(RW, access_at(SELF, PLACE + 129 * PAGE_SIZE)); // nothing changed
    EXPECT(ERR_NOT_MAPPED, process_protect(SELF, (vaddr_t){PLACE + TABLE_SPAN}, 1, ACCESS_READ));
    EXPECT(ERR_MAPPED, process_protect(SELF, (vaddr_t){USER_MESSAGE_PAGE}, 1, ACCESS_READ));
    EXPECT(OK, process_protect(SELF, (vaddr_t){USER_MESSAGE_PAGE}, 1, RW));
    struct message m = {.words = {PLACE, 130, ACCESS_READ}};
    EXPECT(ERR_AGAIN, op(SYS_process_protect, BOOT_SLOT_SELF, &m)); // in steps
    EXPECT(true, m.words[0] > 0 && m.words[0] < 130);
    EXPECT(OK, process_protect(SELF, (vaddr_t){PLACE}, 130, ACCESS_READ));
    EXPECT(ACCESS_READ, access_at(SELF, PLACE + 129 * PAGE_SIZE));
    EXPECT(ERR_NO_RIGHT, process_protect(SELF, (vaddr_t){PLACE}, 1, RW));
    cap_t weak = empty_slot();
    EXPECT(OK, cap_copy(SELF, NO_CAP, weak.slot, ALL & ~RIGHT_MAP));
    EXPECT(ERR_NO_RIGHT, process_protect(weak, (vaddr_t){PLACE}, 1, ACCESS_READ));
    EXPECT(ERR_WRONG_TYPE, process_protect(run, (vaddr_t){PLACE}, 1, ACCESS_READ));
    EXPECT(OK, cap_drop(weak));
    EXPECT(ERR_NO_CAP, cap_info(weak, &cap));
    EXPECT(OK, process_unmap(SELF, (vaddr_t){PLACE}, 130));
}

static void device_memory_stays_uncached(void)
{
    EXPECT(OK, memory_map((cap_t){BOOT_SLOT_SCREEN}, SELF, (vaddr_t){PLACE}, 0x18, 1, RW | ACCESS_UNCACHED));
    EXPECT(OK, process_protect(SELF, (vaddr_t){PLACE}, 1, ACCESS_READ));
    EXPECT(ACCESS_READ | ACCESS_UNCACHED, access_at(SELF, PLACE));
    EXPECT(OK, process_unmap(SELF, (vaddr_t){PLACE}, 1));
}

static void a_query_knows_small_pages_large_ones_and_holes(void)
{
    cap_t run = carve(2);
    struct run_info frames;
    struct mapping_info info;
    EXPECT(OK, memory_info(run, &frames));
    EXPECT(OK, memory_map(run, SELF, (vaddr_t){PLACE}, 0, 2, RW | ACCESS_CLEAR));
    EXPECT(OK, process_query(SELF, (vaddr_t){PLACE + PAGE_SIZE + 0x123}, &info));
    EXPECT(frames.address.raw + PAGE_SIZE + 0x123, info.address.raw);
    EXPECT(RW, info.access);
    EXPECT(PAGE_SIZE, info.size);
    // The physical map, in pages of 2 MiB, below no right of ring 3's.
    EXPECT(OK, process_query(SELF, (vaddr_t){PHYSMAP_BASE + 0x654321}, &info));
    EXPECT(0x654321, info.address.raw);
    EXPECT(RW | ACCESS_KERNEL, info.access);
    EXPECT(TABLE_SPAN, info.size);
    EXPECT(OK, process_query(SELF, (vaddr_t){TEXT}, &info));
    EXPECT(TEXT - KERNEL_BASE, info.address.raw);
    EXPECT(PAGE_SIZE, info.size);
    EXPECT(ACCESS_KERNEL | ACCESS_READ, info.access & (RW | ACCESS_KERNEL));
    // Holes: a page, a table's worth, more.
    EXPECT(ERR_NOT_MAPPED, process_query(SELF, (vaddr_t){PLACE + 2 * PAGE_SIZE}, &info));
    EXPECT(PAGE_SIZE, info.size);
    EXPECT(ERR_NOT_MAPPED, process_query(SELF, (vaddr_t){PLACE + TABLE_SPAN}, &info));
    EXPECT(TABLE_SPAN, info.size);
    EXPECT(ERR_NOT_MAPPED, process_query(SELF, (vaddr_t){PLACE + TABLE_SPAN * 512}, &info));
    EXPECT(TABLE_SPAN * 512, info.size);
    EXPECT(ERR_NOT_MAPPED, process_query(SELF, (vaddr_t){USER_TOP}, &info));
    EXPECT(ERR_BAD_ADDRESS, process_query(SELF, (vaddr_t){0x800000000000}, &info));
    EXPECT(ERR_BAD_ADDRESS, process_query(SELF, (vaddr_t){0xffff7fffffffffff}, &info));
    EXPECT(ERR_NOT_MAPPED, process_query(SELF, (vaddr_t){~0ull}, &info));
    cap_t weak = empty_slot();
    EXPECT(OK, cap_copy(SELF, NO_CAP, weak.slot, ALL & ~RIGHT_MAP));
    EXPECT(ERR_NO_RIGHT, process_query(weak, (vaddr_t){PLACE}, &info));
    EXPECT(OK, cap_drop(weak));
    EXPECT(OK, process_unmap(SELF, (vaddr_t){PLACE}, 2));
}

const struct attack page_attacks[] = {
    ATTACK(a_protected_page_obeys_at_once),
    ATTACK(ones_own_page_is_protected_and_no_other_mapping),
    ATTACK(the_books_follow_what_is_taken_away),
    ATTACK(protecting_only_takes_away),
    ATTACK(device_memory_stays_uncached),
    ATTACK(a_query_knows_small_pages_large_ones_and_holes),
    {NULL, NULL},
};
