// SPDX-License-Identifier: MIT
// The matrix: each operation of the kernel × each error that docs/syscalls.md lists for it. A cell is one call that
// must be refused with exactly that error, and after which nothing may have changed: what every slot names, every
// run's size and mappings, every process's pool, pages and threads, what is mapped where, and what the children have
// counted (matrix.c, "the books").
//
// A boot module named `matrix` beside this one makes attack_init run the matrix instead of the attacks. Each cell prints
// `ok OPERATION/ERROR` or `bad OPERATION/ERROR` and why; several lines with one name are one cell.
#pragma once

#include "tests/programs/attack_init/attack.h"

// What the cells work with: every kind of object, in slots that nothing else uses (world_make in matrix.c). NAME_BARE is
// a copy without any right.
enum world {
    WORLD = 320,
    EMPTY = WORLD, // nothing is there
    GONE,          // a capability whose object is gone
    BADGED,        // an endpoint of this process, with badge 4
    RUN,
    RUN_BARE, // 8 pages
    NEXT,
    NEXT_BARE,   // the 4 pages behind them
    APART,       // 4 pages that are no neighbour's
    MAPPED,      // 4 pages; page 0 mapped writable at PLACE, page 1 executable at PLACE_CODE
    MAPPED_NEXT, // 4 pages behind them, unmapped
    PINNED,      // page 1 is the child's message page, page 0 its stack
    TINY,
    BIG,
    HUGE, // 2, 515 and 65,536 pages
    HALF, // a run that is being cleared
    SCREEN,
    SCREEN_BARE,
    CHILD,
    CHILD_BARE, // a process: serves at CALLEE, with a message page
    POOR,       // a process without a pool
    DYING,      // a process that is being destroyed
    RUNS,
    RUNS_BARE, // the child's thread
    NEW,
    NEW_BARE, // a thread that was never started
    CALLEE,
    CALLEE_BARE, // the child receives there; at PAGELESS a thread without a message page
    PAGELESS,
    OURS,
    OURS_BARE, // an endpoint of this process
    LINE,
    LINE_BARE,
    ROOT,
    ROOT_BARE, // all ports
    PORT,
    PORT_BARE, // 0x2f8 to 0x2ff, writing with a value list: 0 only
    CLOCK,
    LOG,
    LOG_BARE,
    POWER,
    POWER_BARE,
    WORLD_END,
    BEYOND = 1 << 20, // no table has so many slots
};
#define PLACE_CODE (PLACE + 2 * PAGE_SIZE)
#define PLACE_FREE (PLACE + 16 * PAGE_SIZE)
#define CHILD_PAGE (PLACE + 480 * PAGE_SIZE) // the child's message page, seen from here

struct cell {
    const char *name; // OPERATION/ERROR
    int line;
    uint8_t operation, error;
    uint8_t caps;    // capabilities that the message takes along, all of slot sent
    uint16_t length; // of its body
    uint32_t slot, sent;
    uint64_t words[MESSAGE_WORDS];
    void (*enter)(void), (*leave)(void); // a state of the world that only this cell needs
    void (*scene)(void);                 // instead of all this: who must wait is not tried in one call
};

// clang-format off
#define CELL(OPERATION, ERROR, SLOT, ...) \
    {.name = #OPERATION "/" #ERROR, .line = __LINE__, .operation = SYS_##OPERATION, .error = ERROR, .slot = SLOT, .words = {__VA_ARGS__}},
// The same in a state: enter_STATE before, leave_STATE afterwards.
#define CELL_IN(STATE, OPERATION, ERROR, SLOT, ...) \
    {.name = #OPERATION "/" #ERROR, .line = __LINE__, .operation = SYS_##OPERATION, .error = ERROR, .slot = SLOT, .words = {__VA_ARGS__}, \
     .enter = enter_##STATE, .leave = leave_##STATE},
// A message with a body of LENGTH bytes and CAPS capabilities, all of slot SENT.
#define CELL_SENDS(STATE, OPERATION, ERROR, SLOT, LENGTH, CAPS, SENT) \
    {.name = #OPERATION "/" #ERROR, .line = __LINE__, .operation = SYS_##OPERATION, .error = ERROR, .slot = SLOT, .length = LENGTH, \
     .caps = CAPS, .sent = SENT, .enter = enter_##STATE, .leave = leave_##STATE},
#define END_OF_CELLS {.name = NULL}
#define CELL_SCENE(OPERATION, ERROR, SCENE) \
    {.name = #OPERATION "/" #ERROR, .line = __LINE__, .error = ERROR, .scene = SCENE},
// clang-format on

extern const struct cell capability_cells[], memory_cells[], process_cells[], thread_cells[], stopped_cells[],
    message_cells[], wait_cells[], device_cells[]; // a cell without a name ends each

// --- matrix.c

void matrix_run(void);
void rights_run(void); // matrix_rights.c: operation × type × rights

extern uint64_t matrix_token;  // what a cell's call holds in rbx
extern uint32_t matrix_result; // what it gave
uint32_t ask(uint64_t tag, uint32_t slot, uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3, uint64_t w4);
void books_note(void);        // how everything is
void books_compare(int line); // it is still so
#define UNCHANGED() books_compare(__LINE__)

static inline void enter_nothing(void) {}
static inline void leave_nothing(void) {}

void ending_an_endpoint_is_done_in_steps(void); // chains.c

// --- matrix_aside.c: threads of this process besides the one that asks

#define LAST (~0ull) // as a step's token: the one that came with the last message
struct step {
    uint64_t tag;
    uint32_t slot;
    uint64_t words[MESSAGE_WORDS];
    uint64_t token;
    uint32_t result; // out
    bool done;       // out
};
void aside_make(void);
// A thread takes these steps while this one rests. It has a message page or none; there are two of each kind.
void aside(struct step *steps, uint32_t count, bool with_page);
uint32_t aside_once(struct step step, bool with_page); // one step, and its result
extern uint32_t aside_first_result;                    // of a reply_recv before anything was received
