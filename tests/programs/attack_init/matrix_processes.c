// SPDX-License-Identifier: MIT
#include "tests/programs/attack_init/matrix.h"

// --- processes

static void creating_is_done_in_steps(void)
{
    cap_t run = carve(32);
    struct cap_info info;
    uint32_t calls = 0;
    EXPECT(ERR_AGAIN, ask(SYS_process_create, run.slot, 0, 0, 0, 0, 0));
    EXPECT(OK, cap_info(run, &info));
    EXPECT(TYPE_CLEARING, info.type); // no memory any more, and no process yet
    while (ask(SYS_process_create, run.slot, 0, 0, 0, 0, 0) == ERR_AGAIN)
        calls++;
    EXPECT(true, calls < 32);
    EXPECT(OK, cap_info(run, &info));
    EXPECT(TYPE_PROCESS, info.type);
}

static void donating_is_done_in_steps(void)
{
    cap_t run = carve(32);
    struct process_info before, after;
    EXPECT(OK, process_info(SELF, &before));
    EXPECT(ERR_AGAIN, ask(SYS_process_donate, BOOT_SLOT_SELF, run.slot, 0, 0, 0, 0));
    EXPECT(OK, process_info(SELF, &after));
    EXPECT(before.pool_total, after.pool_total); // all of it or nothing
    EXPECT(OK, process_donate(SELF, run));
    EXPECT(OK, process_info(SELF, &after));
    EXPECT(before.pool_total + 32, after.pool_total);
    EXPECT(before.pool_free + 32, after.pool_free);
}

static void destroying_is_done_in_steps(void)
{
    cap_t run = carve(32);
    struct cap_info info;
    EXPECT(OK, process_create(run));
    EXPECT(ERR_AGAIN, ask(SYS_process_destroy, run.slot, EMPTY, 0, 0, 0, 0));
    EXPECT(ERR_NO_CAP, cap_info((cap_t){EMPTY}, &info)); // nothing came yet
    EXPECT(OK, cap_info(run, &info));
    EXPECT(TYPE_DYING, info.type);
    uint64_t pages = 0;
    EXPECT(OK, process_destroy(run, (cap_t){EMPTY}, &pages));
    EXPECT(32, pages);
    cap_drop((cap_t){EMPTY});
}

// clang-format off
const struct cell process_cells[] = {
    //   operation        error            run or process  slot
    CELL(process_create,  ERR_BAD_SLOT,    BEYOND)
    CELL(process_create,  ERR_NO_CAP,      EMPTY)
    CELL(process_create,  ERR_NO_CAP,      GONE)
    CELL(process_create,  ERR_WRONG_TYPE,  CHILD)
    CELL(process_create,  ERR_WRONG_TYPE,  DYING)
    CELL(process_create,  ERR_WRONG_TYPE,  SCREEN)
    CELL(process_create,  ERR_WRONG_TYPE,  OURS)
    CELL(process_create,  ERR_NO_RIGHT,    RUN_BARE)
    CELL(process_create,  ERR_BAD_LENGTH,  TINY)
    CELL(process_create,  ERR_BAD_LENGTH,  BIG)
    CELL(process_create,  ERR_BAD_LENGTH,  HUGE)
    CELL(process_create,  ERR_MAPPED,      MAPPED)
    CELL(process_create,  ERR_MAPPED,      PINNED)
    CELL_SCENE(process_create, ERR_AGAIN,  creating_is_done_in_steps)

    CELL(process_donate,  ERR_BAD_SLOT,    BEYOND,         RUN)
    CELL(process_donate,  ERR_BAD_SLOT,    CHILD,          BEYOND)
    CELL(process_donate,  ERR_NO_CAP,      GONE,           RUN)
    CELL(process_donate,  ERR_NO_CAP,      CHILD,          EMPTY)
    CELL(process_donate,  ERR_NO_CAP,      CHILD,          GONE)
    CELL(process_donate,  ERR_WRONG_TYPE,  RUN,            NEXT)
    CELL(process_donate,  ERR_WRONG_TYPE,  DYING,          RUN)
    CELL(process_donate,  ERR_WRONG_TYPE,  CHILD,          SCREEN)
    CELL(process_donate,  ERR_WRONG_TYPE,  CHILD,          CHILD)
    CELL(process_donate,  ERR_WRONG_TYPE,  CHILD,          RUNS)
    CELL(process_donate,  ERR_NO_RIGHT,    CHILD_BARE,     RUN)
    CELL(process_donate,  ERR_NO_RIGHT,    CHILD,          RUN_BARE)
    CELL(process_donate,  ERR_BAD_LENGTH,  CHILD,          HUGE)
    CELL(process_donate,  ERR_MAPPED,      CHILD,          MAPPED)
    CELL(process_donate,  ERR_MAPPED,      CHILD,          PINNED)
    CELL_SCENE(process_donate, ERR_AGAIN,  donating_is_done_in_steps)

    CELL(process_destroy, ERR_BAD_SLOT,    BEYOND,         EMPTY)
    CELL(process_destroy, ERR_BAD_SLOT,    CHILD,          BEYOND)
    CELL(process_destroy, ERR_BAD_SLOT,    CHILD,          0)
    CELL(process_destroy, ERR_NO_CAP,      EMPTY,          EMPTY)
    CELL(process_destroy, ERR_NO_CAP,      GONE,           EMPTY)
    CELL(process_destroy, ERR_WRONG_TYPE,  RUN,            EMPTY)
    CELL(process_destroy, ERR_WRONG_TYPE,  RUNS,           EMPTY)
    CELL(process_destroy, ERR_NO_RIGHT,    CHILD_BARE,     EMPTY)
    CELL(process_destroy, ERR_SLOT_USED,   CHILD,          RUN)
    CELL(process_destroy, ERR_SLOT_USED,   CHILD,          CHILD)
    CELL(process_destroy, ERR_SELF,        BOOT_SLOT_SELF, EMPTY)
    CELL_SCENE(process_destroy, ERR_AGAIN, destroying_is_done_in_steps)

    CELL(process_info,    ERR_BAD_SLOT,    BEYOND)
    CELL(process_info,    ERR_NO_CAP,      EMPTY)
    CELL(process_info,    ERR_NO_CAP,      GONE)
    CELL(process_info,    ERR_WRONG_TYPE,  RUN)
    CELL(process_info,    ERR_WRONG_TYPE,  DYING)

    //   operation        error            payer           slot    receiver
    CELL(endpoint_create, ERR_BAD_SLOT,    BEYOND,         EMPTY,  CHILD)
    CELL(endpoint_create, ERR_BAD_SLOT,    CHILD,          0,      CHILD)
    CELL(endpoint_create, ERR_BAD_SLOT,    CHILD,          BEYOND, CHILD)
    CELL(endpoint_create, ERR_BAD_SLOT,    CHILD,          EMPTY,  BEYOND)
    CELL(endpoint_create, ERR_NO_CAP,      GONE,           EMPTY,  CHILD)
    CELL(endpoint_create, ERR_NO_CAP,      CHILD,          EMPTY,  EMPTY)
    CELL(endpoint_create, ERR_WRONG_TYPE,  RUN,            EMPTY,  CHILD)
    CELL(endpoint_create, ERR_WRONG_TYPE,  CHILD,          EMPTY,  DYING)
    CELL(endpoint_create, ERR_NO_RIGHT,    CHILD_BARE,     EMPTY,  CHILD)
    CELL(endpoint_create, ERR_NO_RIGHT,    CHILD,          EMPTY,  CHILD_BARE)
    CELL(endpoint_create, ERR_SLOT_USED,   CHILD,          RUN,    CHILD)
    CELL(endpoint_create, ERR_POOL_EMPTY,  POOR,           EMPTY,  CHILD)

    //   operation         error           endpoint        process
    CELL(endpoint_bind,    ERR_BAD_SLOT,   BEYOND,         CHILD)
    CELL(endpoint_bind,    ERR_BAD_SLOT,   CALLEE,         BEYOND)
    CELL(endpoint_bind,    ERR_NO_CAP,     GONE,           CHILD)
    CELL(endpoint_bind,    ERR_NO_CAP,     CALLEE,         EMPTY)
    CELL(endpoint_bind,    ERR_WRONG_TYPE, RUN,            CHILD)
    CELL(endpoint_bind,    ERR_WRONG_TYPE, CALLEE,         RUN)
    CELL(endpoint_bind,    ERR_NO_RIGHT,   CALLEE_BARE,    CHILD)
    CELL(endpoint_bind,    ERR_NO_RIGHT,   CALLEE,         CHILD_BARE)
    CELL(endpoint_bind,    ERR_BUSY,       CALLEE,         BOOT_SLOT_SELF)
    CELL(endpoint_bind,    ERR_BUSY,       OURS,           CHILD)

    CELL(endpoint_destroy, ERR_BAD_SLOT,   BEYOND)
    CELL(endpoint_destroy, ERR_NO_CAP,     EMPTY)
    CELL(endpoint_destroy, ERR_NO_CAP,     GONE)
    CELL(endpoint_destroy, ERR_WRONG_TYPE, CHILD)
    CELL(endpoint_destroy, ERR_NO_RIGHT,   CALLEE_BARE)
    CELL_SCENE(endpoint_destroy, ERR_AGAIN, ending_an_endpoint_is_done_in_steps)
    END_OF_CELLS,
};
