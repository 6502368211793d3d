// SPDX-License-Identifier: MIT
#include "tests/programs/attack_init/matrix.h"

#define READ ACCESS_READ
#define RX (ACCESS_READ | ACCESS_EXECUTE)
#define CLEAR (ACCESS_READ | ACCESS_CLEAR)

// --- a frame with as many writable, or executable, mappings as its books can count

#define CROWD 0x0000340000000000
#define MOST 32767ull

static cap_t pool;

static void crowd(uint32_t access)
{
    if (pool.slot == 0) {
        pool = carve(80);
        EXPECT(OK, process_donate(SELF, pool));
    }
    for (uint64_t i = 0; i < MOST; i++)
        EXPECT(OK, ask(SYS_memory_map, RUN, BOOT_SLOT_SELF, CROWD + i * PAGE_SIZE, 0, 1, access));
}
static void enter_writable_everywhere(void) { crowd(RW); }
static void leave_writable_everywhere(void) { EXPECT(OK, process_unmap(SELF, (vaddr_t){CROWD}, MOST)); }
static void enter_executable_everywhere(void) { crowd(RX); }
static void leave_executable_everywhere(void) { leave_writable_everywhere(); }

// --- work that is done in steps

// In the middle of what nobody has used since boot.
static void a_cut_waits_for_descriptors(void)
{
    struct run_info before, after;
    EXPECT(OK, memory_info((cap_t){HUGE}, &before));
    for (int i = 0; i < 3; i++)
        EXPECT(ERR_AGAIN, ask(SYS_memory_split, HUGE, before.pages / 2, EMPTY, 0, 0, 0));
    EXPECT(OK, memory_info((cap_t){HUGE}, &after));
    EXPECT(before.pages, after.pages);
    EXPECT(before.address.raw, after.address.raw);
    EXPECT(OK, memory_split((cap_t){HUGE}, before.pages / 2, (cap_t){EMPTY}));
    EXPECT(OK, memory_join((cap_t){HUGE}, (cap_t){EMPTY}));
    EXPECT(OK, memory_info((cap_t){HUGE}, &after));
    EXPECT(before.pages, after.pages);
}

// The table of the place is the one that is remembered: only the descriptors are missing.
static void mapping_waits_for_descriptors(void)
{
    struct run_info before, after;
    uint64_t waits = 0;
    EXPECT(OK, memory_info((cap_t){HUGE}, &before));
    EXPECT(OK, memory_map((cap_t){RUN}, SELF, (vaddr_t){PLACE_FREE + PAGE_SIZE}, 0, 1, RW));
    for (uint64_t quarter = 1; quarter < 4; quarter += 2) { // one end may have been reached by now
        struct message m = {.words = {BOOT_SLOT_SELF, PLACE_FREE, before.pages / 4 * quarter, 1, RW}};
        if (op(SYS_memory_map, HUGE, &m) == ERR_AGAIN) {
            waits++;
            EXPECT(0, m.words[0]);
        }
        EXPECT(OK, process_unmap(SELF, (vaddr_t){PLACE_FREE}, 1));
    }
    EXPECT(true, waits > 0);
    EXPECT(OK, process_unmap(SELF, (vaddr_t){PLACE_FREE + PAGE_SIZE}, 1));
    EXPECT(OK, memory_info((cap_t){HUGE}, &after));
    EXPECT(0, after.mapped);
}

static void mapping_goes_on_where_it_stopped(void)
{
    cap_t run = carve(200);
    struct message m = {.words = {BOOT_SLOT_SELF, PLACE_FREE, 0, 200, RW}};
    struct run_info info;
    EXPECT(ERR_AGAIN, op(SYS_memory_map, run.slot, &m));
    uint64_t done = m.words[0];
    EXPECT(true, done > 0 && done < 200);
    EXPECT(OK, memory_info(run, &info));
    EXPECT(done, info.mapped);                                                                 // exactly these
    EXPECT(ERR_MAPPED, ask(SYS_memory_map, run.slot, BOOT_SLOT_SELF, PLACE_FREE, 0, 200, RW)); // not from the start
    EXPECT(OK, memory_map(run, SELF, (vaddr_t){PLACE_FREE + done * PAGE_SIZE}, done, 200 - done, RW));
    m = (struct message){.words = {PLACE_FREE, 200}};
    EXPECT(ERR_AGAIN, op(SYS_process_unmap, BOOT_SLOT_SELF, &m));
    EXPECT(true, m.words[0] > 0 && m.words[0] < 200);
    EXPECT(OK, memory_info(run, &info));
    EXPECT(200 - m.words[0], info.mapped);
    EXPECT(OK, process_unmap(SELF, (vaddr_t){PLACE_FREE}, 200)); // what is gone is skipped
    EXPECT(OK, memory_info(run, &info));
    EXPECT(0, info.mapped);
}

// clang-format off
const struct cell memory_cells[] = {
    //   operation     error              run          pages        rest
    CELL(memory_split, ERR_BAD_SLOT,      BEYOND,      4,           EMPTY)
    CELL(memory_split, ERR_BAD_SLOT,      RUN,         4,           BEYOND)
    CELL(memory_split, ERR_BAD_SLOT,      RUN,         4,           0)
    CELL(memory_split, ERR_NO_CAP,        EMPTY,       4,           EMPTY)
    CELL(memory_split, ERR_NO_CAP,        GONE,        4,           EMPTY)
    CELL(memory_split, ERR_WRONG_TYPE,    CHILD,       4,           EMPTY)
    CELL(memory_split, ERR_WRONG_TYPE,    HALF,        4,           EMPTY)
    CELL(memory_split, ERR_WRONG_TYPE,    DYING,       1,           EMPTY)
    CELL(memory_split, ERR_NO_RIGHT,      RUN_BARE,    4,           EMPTY)
    CELL(memory_split, ERR_SLOT_USED,     RUN,         4,           NEXT)
    CELL(memory_split, ERR_SLOT_USED,     RUN,         4,           RUN)
    CELL(memory_split, ERR_BAD_LENGTH,    RUN,         0,           EMPTY)
    CELL(memory_split, ERR_BAD_LENGTH,    RUN,         8,           EMPTY)
    CELL(memory_split, ERR_BAD_LENGTH,    RUN,         9,           EMPTY)
    CELL(memory_split, ERR_BAD_LENGTH,    RUN,         1ull << 32,  EMPTY)
    CELL(memory_split, ERR_BAD_LENGTH,    RUN,         (1ull << 32) + 4, EMPTY)
    CELL(memory_split, ERR_BAD_LENGTH,    RUN,         ~0ull,       EMPTY)
    CELL(memory_split, ERR_MAPPED,        MAPPED,      2,           EMPTY)
    CELL(memory_split, ERR_MAPPED,        PINNED,      2,           EMPTY)
    CELL_SCENE(memory_split, ERR_AGAIN, a_cut_waits_for_descriptors)

    //   operation     error              lower        upper
    CELL(memory_join,  ERR_BAD_SLOT,      BEYOND,      NEXT)
    CELL(memory_join,  ERR_BAD_SLOT,      RUN,         BEYOND)
    CELL(memory_join,  ERR_NO_CAP,        EMPTY,       NEXT)
    CELL(memory_join,  ERR_NO_CAP,        RUN,         EMPTY)
    CELL(memory_join,  ERR_NO_CAP,        RUN,         GONE)
    CELL(memory_join,  ERR_WRONG_TYPE,    CHILD,       NEXT)
    CELL(memory_join,  ERR_WRONG_TYPE,    RUN,         CHILD)
    CELL(memory_join,  ERR_WRONG_TYPE,    RUN,         SCREEN)
    CELL(memory_join,  ERR_WRONG_TYPE,    RUN,         HALF)
    CELL(memory_join,  ERR_NO_RIGHT,      RUN_BARE,    NEXT)
    CELL(memory_join,  ERR_NO_RIGHT,      RUN,         NEXT_BARE)
    CELL(memory_join,  ERR_NOT_NEIGHBOUR, NEXT,        RUN)
    CELL(memory_join,  ERR_NOT_NEIGHBOUR, RUN,         RUN)
    CELL(memory_join,  ERR_NOT_NEIGHBOUR, RUN,         APART)
    CELL(memory_join,  ERR_NOT_NEIGHBOUR, APART,       RUN)
    CELL(memory_join,  ERR_MAPPED,        MAPPED,      MAPPED_NEXT)

    //   operation     error              run          process      address         first       pages       access
    CELL(memory_map,   ERR_BAD_SLOT,      BEYOND,      CHILD,       PLACE_FREE,     0,          1,          READ)
    CELL(memory_map,   ERR_BAD_SLOT,      RUN,         BEYOND,      PLACE_FREE,     0,          1,          READ)
    CELL(memory_map,   ERR_NO_CAP,        GONE,        CHILD,       PLACE_FREE,     0,          1,          READ)
    CELL(memory_map,   ERR_NO_CAP,        RUN,         EMPTY,       PLACE_FREE,     0,          1,          READ)
    CELL(memory_map,   ERR_WRONG_TYPE,    OURS,        CHILD,       PLACE_FREE,     0,          1,          0)
    CELL(memory_map,   ERR_WRONG_TYPE,    RUN,         RUNS,        PLACE_FREE,     0,          1,          READ)
    CELL(memory_map,   ERR_WRONG_TYPE,    RUN,         DYING,       PLACE_FREE,     0,          1,          READ)
    CELL(memory_map,   ERR_NO_RIGHT,      RUN_BARE,    CHILD,       PLACE_FREE,     0,          1,          READ)
    CELL(memory_map,   ERR_NO_RIGHT,      RUN,         CHILD_BARE,  PLACE_FREE,     0,          1,          READ)
    CELL(memory_map,   ERR_NO_RIGHT,      SCREEN,      CHILD,       PLACE_FREE,     0,          1,          RX)
    CELL(memory_map,   ERR_BAD_ARGUMENT,  RUN,         CHILD,       PLACE_FREE,     0,          1,          0)
    CELL(memory_map,   ERR_BAD_ARGUMENT,  RUN,         CHILD,       PLACE_FREE,     0,          1,          ACCESS_WRITE)
    CELL(memory_map,   ERR_BAD_ARGUMENT,  RUN,         CHILD,       PLACE_FREE,     0,          1,          READ | 32)
    CELL(memory_map,   ERR_BAD_ARGUMENT,  RUN,         CHILD,       PLACE_FREE,     0,          1,          READ | 1ull << 32)
    CELL(memory_map,   ERR_WX,            RUN,         CHILD,       PLACE_FREE,     0,          1,          RW | RX)
    CELL(memory_map,   ERR_WX,            MAPPED,      CHILD,       PLACE_FREE,     0,          1,          RX)
    CELL(memory_map,   ERR_WX,            MAPPED,      CHILD,       PLACE_FREE,     1,          1,          RW)
    CELL(memory_map,   ERR_WX,            MAPPED,      CHILD,       PLACE_FREE,     1,          3,          RW)
    CELL(memory_map,   ERR_DEVICE,        RUN,         CHILD,       PLACE_FREE,     0,          1,          READ | ACCESS_UNCACHED)
    CELL(memory_map,   ERR_DEVICE,        SCREEN,      CHILD,       PLACE_FREE,     0,          1,          CLEAR)
    CELL(memory_map,   ERR_BAD_ADDRESS,   RUN,         CHILD,       0,              0,          1,          READ)
    CELL(memory_map,   ERR_BAD_ADDRESS,   RUN,         CHILD,       USER_BASE - PAGE_SIZE, 0,   1,          READ)
    CELL(memory_map,   ERR_BAD_ADDRESS,   RUN,         CHILD,       PLACE_FREE + 8, 0,          1,          READ)
    CELL(memory_map,   ERR_BAD_ADDRESS,   RUN,         CHILD,       USER_TOP,       0,          1,          READ)
    CELL(memory_map,   ERR_BAD_ADDRESS,   RUN,         CHILD,       USER_TOP - PAGE_SIZE, 0,    2,          READ)
    CELL(memory_map,   ERR_BAD_ADDRESS,   RUN,         CHILD,       0xffff800000000000, 0,      1,          READ)
    CELL(memory_map,   ERR_BAD_ADDRESS,   RUN,         CHILD,       0xffffffff80000000, 0,      1,          READ)
    CELL(memory_map,   ERR_BAD_ADDRESS,   RUN,         CHILD,       0xfffffffffffff000, 0,      1,          READ)
    CELL(memory_map,   ERR_BAD_LENGTH,    RUN,         CHILD,       PLACE_FREE,     0,          0,          READ)
    CELL(memory_map,   ERR_BAD_LENGTH,    RUN,         CHILD,       PLACE_FREE,     0,          9,          READ)
    CELL(memory_map,   ERR_BAD_LENGTH,    RUN,         CHILD,       PLACE_FREE,     8,          1,          READ)
    CELL(memory_map,   ERR_BAD_LENGTH,    RUN,         CHILD,       PLACE_FREE,     7,          2,          READ)
    CELL(memory_map,   ERR_BAD_LENGTH,    RUN,         CHILD,       PLACE_FREE,     ~0ull,      1,          READ)
    CELL(memory_map,   ERR_BAD_LENGTH,    RUN,         CHILD,       PLACE_FREE,     ~0ull,      2,          READ)
    CELL(memory_map,   ERR_BAD_LENGTH,    RUN,         CHILD,       PLACE_FREE,     0,          1ull << 52, READ)
    CELL(memory_map,   ERR_BAD_LENGTH,    RUN,         CHILD,       PLACE_FREE,     0,          ~0ull,      READ)
    CELL(memory_map,   ERR_POOL_EMPTY,    RUN,         POOR,        PLACE_FREE,     0,          1,          READ)
    CELL(memory_map,   ERR_MAPPED,        RUN,         BOOT_SLOT_SELF, PLACE,       0,          1,          READ)
    CELL(memory_map,   ERR_MAPPED,        RUN,         BOOT_SLOT_SELF, PLACE + PAGE_SIZE, 0,    2,          READ)
    CELL(memory_map,   ERR_MAPPED,        MAPPED,      CHILD,       PLACE_FREE,     0,          1,          CLEAR)
    CELL(memory_map,   ERR_MAPPED,        PINNED,      BOOT_SLOT_SELF, PLACE_FREE,  1,          1,          CLEAR)
    CELL_IN(writable_everywhere,   memory_map, ERR_BUSY, RUN, CHILD, PLACE_FREE,    0,          1,          RW)
    CELL_IN(executable_everywhere, memory_map, ERR_BUSY, RUN, CHILD, PLACE_FREE,    0,          1,          RX)
    CELL_SCENE(memory_map,    ERR_AGAIN, mapping_waits_for_descriptors)
    CELL_SCENE(memory_map,    ERR_AGAIN, mapping_goes_on_where_it_stopped)
    CELL_SCENE(process_unmap, ERR_AGAIN, mapping_goes_on_where_it_stopped)

    CELL(memory_info,  ERR_BAD_SLOT,      BEYOND)
    CELL(memory_info,  ERR_NO_CAP,        EMPTY)
    CELL(memory_info,  ERR_NO_CAP,        GONE)
    CELL(memory_info,  ERR_WRONG_TYPE,    CHILD)
    CELL(memory_info,  ERR_WRONG_TYPE,    HALF)

    //   operation      error            process         address               pages
    CELL(process_unmap, ERR_BAD_SLOT,    BEYOND,         PLACE,                1)
    CELL(process_unmap, ERR_NO_CAP,      EMPTY,          PLACE,                1)
    CELL(process_unmap, ERR_NO_CAP,      GONE,           PLACE,                1)
    CELL(process_unmap, ERR_WRONG_TYPE,  RUN,            PLACE,                1)
    CELL(process_unmap, ERR_WRONG_TYPE,  DYING,          PLACE,                1)
    CELL(process_unmap, ERR_NO_RIGHT,    CHILD_BARE,     PLACE,                1)
    CELL(process_unmap, ERR_BAD_ADDRESS, BOOT_SLOT_SELF, PLACE + 1,            1)
    CELL(process_unmap, ERR_BAD_ADDRESS, BOOT_SLOT_SELF, 0,                    1)
    CELL(process_unmap, ERR_BAD_ADDRESS, BOOT_SLOT_SELF, USER_TOP,             1)
    CELL(process_unmap, ERR_BAD_ADDRESS, BOOT_SLOT_SELF, USER_TOP - PAGE_SIZE, 2)
    CELL(process_unmap, ERR_BAD_ADDRESS, BOOT_SLOT_SELF, 0xffffffff80100000,   1)
    CELL(process_unmap, ERR_BAD_LENGTH,  BOOT_SLOT_SELF, PLACE,                0)
    CELL(process_unmap, ERR_BAD_LENGTH,  BOOT_SLOT_SELF, PLACE,                1ull << 52)
    CELL(process_unmap, ERR_BAD_LENGTH,  BOOT_SLOT_SELF, PLACE,                ~0ull)
    CELL(process_unmap, ERR_MAPPED,      CHILD,          USER_MESSAGE_PAGE,    1)
    CELL(process_unmap, ERR_MAPPED,      CHILD,          USER_MESSAGE_PAGE - PAGE_SIZE, 3)

    CELL(process_query, ERR_BAD_SLOT,    BEYOND,         PLACE)
    CELL(process_query, ERR_NO_CAP,      GONE,           PLACE)
    CELL(process_query, ERR_NO_CAP,      EMPTY,          PLACE)
    CELL(process_query, ERR_WRONG_TYPE,  RUN,            PLACE)
    CELL(process_query, ERR_NO_RIGHT,    CHILD_BARE,     PLACE)
    CELL(process_query, ERR_BAD_ADDRESS, BOOT_SLOT_SELF, 0x800000000000)
    CELL(process_query, ERR_BAD_ADDRESS, BOOT_SLOT_SELF, 0xffff7fffffffffff)
    CELL(process_query, ERR_NOT_MAPPED,  BOOT_SLOT_SELF, 0)
    CELL(process_query, ERR_NOT_MAPPED,  BOOT_SLOT_SELF, USER_TOP)
    CELL(process_query, ERR_NOT_MAPPED,  BOOT_SLOT_SELF, PLACE_FREE)
    CELL(process_query, ERR_NOT_MAPPED,  CHILD,          PLACE_FREE)
    END_OF_CELLS,
};
