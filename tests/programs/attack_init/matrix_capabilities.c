// SPDX-License-Identifier: MIT
#include "tests/programs/attack_init/matrix.h"

// The slot of a child's table that is used.
#define TAKEN CHILD_OWN

static void mint_gives_no_badge_twice(void)
{
    books_note();
    EXPECT(ERR_BADGED, ask(SYS_cap_mint, BADGED, 0, EMPTY, ALL, 8, 0));
    EXPECT(ERR_BADGED, ask(SYS_cap_mint, BADGED, 0, EMPTY, ALL, 4, 0));
    EXPECT(ERR_BADGED, ask(SYS_cap_mint, BADGED, 0, EMPTY, ALL, 0, 0)); // nor is one taken away
    UNCHANGED();
}

// clang-format off
const struct cell capability_cells[] = {
    //   operation   error           source    process     slot        rights  badge
    CELL(cap_copy,   ERR_BAD_SLOT,   BEYOND,   0,          EMPTY,      ALL)
    CELL(cap_copy,   ERR_BAD_SLOT,   RUN,      BEYOND,     EMPTY,      ALL)
    CELL(cap_copy,   ERR_BAD_SLOT,   RUN,      1ull << 40, EMPTY,      ALL)
    CELL(cap_copy,   ERR_BAD_SLOT,   RUN,      0,          BEYOND,     ALL)
    CELL(cap_copy,   ERR_BAD_SLOT,   RUN,      0,          0,          ALL)
    CELL(cap_copy,   ERR_BAD_SLOT,   RUN,      0,          1ull << 32 | EMPTY, ALL)
    CELL(cap_copy,   ERR_BAD_SLOT,   RUN,      CHILD,      BEYOND,     ALL)
    CELL(cap_copy,   ERR_BAD_SLOT,   RUN,      CHILD,      0,          ALL)
    CELL(cap_copy,   ERR_NO_CAP,     EMPTY,    0,          EMPTY,      ALL)
    CELL(cap_copy,   ERR_NO_CAP,     GONE,     0,          EMPTY,      ALL)
    CELL(cap_copy,   ERR_NO_CAP,     0,        0,          EMPTY,      ALL)
    CELL(cap_copy,   ERR_NO_CAP,     RUN,      EMPTY,      EMPTY,      ALL)
    CELL(cap_copy,   ERR_NO_CAP,     RUN,      GONE,       EMPTY,      ALL)
    CELL(cap_copy,   ERR_WRONG_TYPE, RUN,      NEXT,       EMPTY,      ALL)
    CELL(cap_copy,   ERR_WRONG_TYPE, RUN,      DYING,      CHILD_FREE, ALL)
    CELL(cap_copy,   ERR_NO_RIGHT,   RUN,      CHILD_BARE, CHILD_FREE, ALL)
    CELL(cap_copy,   ERR_SLOT_USED,  RUN,      0,          NEXT,       ALL)
    CELL(cap_copy,   ERR_SLOT_USED,  RUN,      0,          RUN,        ALL)
    CELL(cap_copy,   ERR_SLOT_USED,  RUN,      CHILD,      TAKEN,      ALL)

    CELL(cap_mint,   ERR_BAD_SLOT,   BEYOND,   0,          EMPTY,      ALL,    1)
    CELL(cap_mint,   ERR_BAD_SLOT,   OURS,     BEYOND,     EMPTY,      ALL,    1)
    CELL(cap_mint,   ERR_BAD_SLOT,   OURS,     0,          BEYOND,     ALL,    1)
    CELL(cap_mint,   ERR_BAD_SLOT,   OURS,     0,          0,          ALL,    1)
    CELL(cap_mint,   ERR_NO_CAP,     EMPTY,    0,          EMPTY,      ALL,    1)
    CELL(cap_mint,   ERR_NO_CAP,     GONE,     0,          EMPTY,      ALL,    1)
    CELL(cap_mint,   ERR_NO_CAP,     OURS,     GONE,       EMPTY,      ALL,    1)
    CELL(cap_mint,   ERR_WRONG_TYPE, OURS,     RUNS,       EMPTY,      ALL,    1)
    CELL(cap_mint,   ERR_NO_RIGHT,   OURS_BARE, 0,         EMPTY,      ALL,    1)
    CELL(cap_mint,   ERR_NO_RIGHT,   OURS,     CHILD_BARE, CHILD_FREE, ALL,    1)
    CELL(cap_mint,   ERR_SLOT_USED,  OURS,     0,          NEXT,       ALL,    1)
    CELL(cap_mint,   ERR_SLOT_USED,  OURS,     CHILD,      TAKEN,      ALL,    1)
    CELL_SCENE(cap_mint, ERR_BADGED, mint_gives_no_badge_twice)

    CELL(cap_move,   ERR_BAD_SLOT,   BEYOND,   0,          EMPTY)
    CELL(cap_move,   ERR_BAD_SLOT,   RUN,      BEYOND,     EMPTY)
    CELL(cap_move,   ERR_BAD_SLOT,   RUN,      0,          BEYOND)
    CELL(cap_move,   ERR_BAD_SLOT,   RUN,      0,          0)
    CELL(cap_move,   ERR_NO_CAP,     EMPTY,    0,          EMPTY)
    CELL(cap_move,   ERR_NO_CAP,     GONE,     0,          EMPTY)
    CELL(cap_move,   ERR_NO_CAP,     RUN,      GONE,       EMPTY)
    CELL(cap_move,   ERR_WRONG_TYPE, RUN,      LINE,       EMPTY)
    CELL(cap_move,   ERR_NO_RIGHT,   RUN,      CHILD_BARE, CHILD_FREE)
    CELL(cap_move,   ERR_SLOT_USED,  RUN,      0,          NEXT)
    CELL(cap_move,   ERR_SLOT_USED,  RUN,      0,          RUN)
    CELL(cap_move,   ERR_SLOT_USED,  RUN,      CHILD,      TAKEN)

    CELL(cap_drop,   ERR_BAD_SLOT,   BEYOND)
    CELL(cap_info,   ERR_BAD_SLOT,   BEYOND)
    CELL(cap_info,   ERR_NO_CAP,     EMPTY)
    CELL(cap_info,   ERR_NO_CAP,     GONE)
    CELL(cap_info,   ERR_NO_CAP,     0)
    END_OF_CELLS,
};
