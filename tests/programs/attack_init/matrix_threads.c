// SPDX-License-Identifier: MIT
#include "tests/programs/attack_init/matrix.h"

#define CODE ((uint64_t)run_for_ever)
#define STACK (USER_STACK_TOP - 8)

static void enter_device_mapped(void)
{
    EXPECT(OK, memory_map((cap_t){SCREEN}, (cap_t){CHILD}, (vaddr_t){PLACE_FREE}, 0, 1, RW | ACCESS_UNCACHED));
}
static void leave_device_mapped(void) { EXPECT(OK, process_unmap((cap_t){CHILD}, (vaddr_t){PLACE_FREE}, 1)); }

static void enter_read_only_mapped(void)
{
    EXPECT(OK, memory_map((cap_t){RUN}, (cap_t){CHILD}, (vaddr_t){PLACE_FREE}, 0, 1, ACCESS_READ));
}
static void leave_read_only_mapped(void) { leave_device_mapped(); }

// clang-format off
const struct cell thread_cells[] = {
    //   operation      error             process      slot    message page        pager        supervisor  priority
    CELL(thread_create, ERR_BAD_SLOT,     BEYOND,      EMPTY,  0,                  0,           0,          5)
    CELL(thread_create, ERR_BAD_SLOT,     CHILD,       BEYOND, 0,                  0,           0,          5)
    CELL(thread_create, ERR_BAD_SLOT,     CHILD,       0,      0,                  0,           0,          5)
    CELL(thread_create, ERR_BAD_SLOT,     CHILD,       EMPTY,  0,                  BEYOND,      0,          5)
    CELL(thread_create, ERR_BAD_SLOT,     CHILD,       EMPTY,  0,                  0,           BEYOND,     5)
    CELL(thread_create, ERR_NO_CAP,       GONE,        EMPTY,  0,                  0,           0,          5)
    CELL(thread_create, ERR_NO_CAP,       CHILD,       EMPTY,  0,                  GONE,        0,          5)
    CELL(thread_create, ERR_NO_CAP,       CHILD,       EMPTY,  0,                  0,           EMPTY,      5)
    CELL(thread_create, ERR_WRONG_TYPE,   RUN,         EMPTY,  0,                  0,           0,          5)
    CELL(thread_create, ERR_WRONG_TYPE,   DYING,       EMPTY,  0,                  0,           0,          5)
    CELL(thread_create, ERR_WRONG_TYPE,   CHILD,       EMPTY,  0,                  RUN,         0,          5)
    CELL(thread_create, ERR_WRONG_TYPE,   CHILD,       EMPTY,  0,                  0,           CHILD,      5)
    CELL(thread_create, ERR_NO_RIGHT,     CHILD_BARE,  EMPTY,  0,                  0,           0,          5)
    CELL(thread_create, ERR_NO_RIGHT,     CHILD,       EMPTY,  0,                  OURS_BARE,   0,          5)
    CELL(thread_create, ERR_NO_RIGHT,     CHILD,       EMPTY,  0,                  0,           OURS_BARE,  5)
    CELL(thread_create, ERR_SLOT_USED,    CHILD,       RUN,    0,                  0,           0,          5)
    CELL(thread_create, ERR_BAD_ARGUMENT, CHILD,       EMPTY,  0,                  0,           0,          0)
    CELL(thread_create, ERR_BAD_ARGUMENT, CHILD,       EMPTY,  0,                  0,           0,          31)
    CELL(thread_create, ERR_BAD_ARGUMENT, CHILD,       EMPTY,  0,                  0,           0,          1ull << 32 | 5)
    CELL(thread_create, ERR_BAD_ARGUMENT, CHILD,       EMPTY,  0,                  0,           0,          ~0ull)
    CELL(thread_create, ERR_POOL_EMPTY,   POOR,        EMPTY,  0,                  0,           0,          5)
    CELL(thread_create, ERR_BAD_ADDRESS,  CHILD,       EMPTY,  USER_MESSAGE_PAGE + 8, 0,        0,          5)
    CELL(thread_create, ERR_BAD_ADDRESS,  CHILD,       EMPTY,  PAGE_SIZE,          0,           0,          5)
    CELL(thread_create, ERR_BAD_ADDRESS,  CHILD,       EMPTY,  USER_TOP,           0,           0,          5)
    CELL(thread_create, ERR_BAD_ADDRESS,  CHILD,       EMPTY,  0xffff800000100000, 0,           0,          5)
    CELL(thread_create, ERR_NOT_MAPPED,   CHILD,       EMPTY,  PLACE_FREE,         0,           0,          5)
    CELL_IN(read_only_mapped, thread_create, ERR_NOT_MAPPED, CHILD, EMPTY, PLACE_FREE, 0,       0,          5)
    CELL(thread_create, ERR_BUSY,         CHILD,       EMPTY,  USER_MESSAGE_PAGE,  0,           0,          5)
    CELL_IN(device_mapped, thread_create, ERR_BUSY, CHILD, EMPTY, PLACE_FREE,      0,           0,          5)

    //   operation      error             thread       instruction pointer         stack        argument
    CELL(thread_start,  ERR_BAD_SLOT,     BEYOND,      CODE,                       STACK,       0)
    CELL(thread_start,  ERR_NO_CAP,       EMPTY,       CODE,                       STACK,       0)
    CELL(thread_start,  ERR_NO_CAP,       GONE,        CODE,                       STACK,       0)
    CELL(thread_start,  ERR_WRONG_TYPE,   CHILD,       CODE,                       STACK,       0)
    CELL(thread_start,  ERR_NO_RIGHT,     NEW_BARE,    CODE,                       STACK,       0)
    CELL(thread_start,  ERR_BAD_STATE,    RUNS,        CODE,                       STACK,       0)
    CELL(thread_start,  ERR_BAD_STATE,    BOOT_SLOT_THREAD, CODE,                  STACK,       0)
    CELL(thread_start,  ERR_BAD_ADDRESS,  NEW,         0,                          STACK,       0)
    CELL(thread_start,  ERR_BAD_ADDRESS,  NEW,         USER_BASE - 1,              STACK,       0)
    CELL(thread_start,  ERR_BAD_ADDRESS,  NEW,         USER_TOP,                   STACK,       0)
    CELL(thread_start,  ERR_BAD_ADDRESS,  NEW,         0x800000000000,             STACK,       0)
    CELL(thread_start,  ERR_BAD_ADDRESS,  NEW,         0xffffffff80100000,         STACK,       0)
    CELL(thread_start,  ERR_BAD_ADDRESS,  NEW,         ~0ull,                      STACK,       0)
    END_OF_CELLS,
};
