// SPDX-License-Identifier: MIT
// Threads that others stop, look into and end.
#include "tests/programs/attack_init/matrix.h"

static void enter_suspended(void) { EXPECT(OK, thread_suspend((cap_t){RUNS})); }
static void leave_suspended(void) { EXPECT(OK, thread_resume((cap_t){RUNS})); }

static struct registers *body(void) { return (struct registers *)message_page()->body; }

static void an_instruction_pointer_outside_the_user_half_is_refused(void)
{
    const uint64_t places[] = {USER_TOP, 0x800000000000, 0xffff800000000000, 0xffffffff80100000, ~0ull};
    cap_t thread = empty_slot();
    EXPECT(OK, thread_create((cap_t){CHILD}, thread, (vaddr_t){0}, NO_CAP, NO_CAP, 1));
    EXPECT(OK, thread_suspend(thread));
    EXPECT(OK, thread_start(thread, (vaddr_t){(uint64_t)run_for_ever}, (vaddr_t){0}, 7));
    books_note();
    for (int i = 0; i < 5; i++) {
        struct registers r;
        EXPECT(OK, thread_read(thread, &r));
        EXPECT(7, r.rdi);
        r.rdi = 8;
        r.rip = places[i];
        EXPECT(ERR_BAD_ADDRESS, thread_write(thread, &r));
    }
    UNCHANGED();
    EXPECT(OK, thread_destroy(thread));
    cap_discard(thread);
}

static void without_a_page(uint32_t operation)
{
    enter_suspended();
    books_note();
    EXPECT(ERR_NO_PAGE, aside_once((struct step){.tag = operation, .slot = RUNS}, false));
    UNCHANGED();
    leave_suspended();
}
static void reading_registers_needs_a_page(void) { without_a_page(SYS_thread_read); }
static void writing_registers_needs_a_page(void) { without_a_page(SYS_thread_write); }

static void enter_valid_body(void)
{
    enter_suspended();
    *body() = (struct registers){.rip = (uint64_t)run_for_ever};
}
static void leave_valid_body(void) { leave_suspended(); }

static void protecting_goes_on_where_it_stopped(void)
{
    cap_t run = carve(130);
    EXPECT(OK, memory_map(run, (cap_t){CHILD}, (vaddr_t){PLACE_FREE}, 0, 130, RW));
    struct message m = {.words = {PLACE_FREE, 130, ACCESS_READ}};
    EXPECT(ERR_AGAIN, op(SYS_process_protect, CHILD, &m));
    uint64_t done = m.words[0];
    EXPECT(true, done > 0 && done < 130);
    struct mapping_info info = {0};
    for (uint64_t i = 0; i < 130; i++) {
        EXPECT(OK, process_query((cap_t){CHILD}, (vaddr_t){PLACE_FREE + i * PAGE_SIZE}, &info));
        EXPECT(i < done ? ACCESS_READ : RW, info.access);
    }
    EXPECT(OK, process_unmap((cap_t){CHILD}, (vaddr_t){PLACE_FREE}, 130));
}

// clang-format off
const struct cell stopped_cells[] = {
    //   operation        error             process         address                pages   access
    CELL(process_protect, ERR_BAD_SLOT,     BEYOND,         PLACE,                 1,      ACCESS_READ)
    CELL(process_protect, ERR_NO_CAP,       GONE,           PLACE,                 1,      ACCESS_READ)
    CELL(process_protect, ERR_WRONG_TYPE,   RUN,            PLACE,                 1,      ACCESS_READ)
    CELL(process_protect, ERR_NO_RIGHT,     CHILD_BARE,     PLACE,                 1,      ACCESS_READ)
    CELL(process_protect, ERR_NO_RIGHT,     BOOT_SLOT_SELF, PLACE,                 1,      ACCESS_READ | ACCESS_EXECUTE)
    CELL(process_protect, ERR_NO_RIGHT,     BOOT_SLOT_SELF, PLACE_CODE,            1,      RW)
    CELL(process_protect, ERR_BAD_ARGUMENT, BOOT_SLOT_SELF, PLACE,                 1,      0)
    CELL(process_protect, ERR_BAD_ARGUMENT, BOOT_SLOT_SELF, PLACE,                 1,      ACCESS_WRITE)
    CELL(process_protect, ERR_BAD_ARGUMENT, BOOT_SLOT_SELF, PLACE,                 1,      ACCESS_READ | ACCESS_CLEAR)
    CELL(process_protect, ERR_BAD_ARGUMENT, BOOT_SLOT_SELF, PLACE,                 1,      ACCESS_READ | 1ull << 32)
    CELL(process_protect, ERR_BAD_ADDRESS,  BOOT_SLOT_SELF, PLACE + 1,             1,      ACCESS_READ)
    CELL(process_protect, ERR_BAD_ADDRESS,  BOOT_SLOT_SELF, USER_TOP,              1,      ACCESS_READ)
    CELL(process_protect, ERR_BAD_ADDRESS,  BOOT_SLOT_SELF, USER_TOP - PAGE_SIZE,  2,      ACCESS_READ)
    CELL(process_protect, ERR_BAD_ADDRESS,  BOOT_SLOT_SELF, 0xffff800000100000,    1,      ACCESS_READ)
    CELL(process_protect, ERR_BAD_LENGTH,   BOOT_SLOT_SELF, PLACE,                 0,      ACCESS_READ)
    CELL(process_protect, ERR_BAD_LENGTH,   BOOT_SLOT_SELF, PLACE,                 ~0ull,  ACCESS_READ)
    CELL(process_protect, ERR_NOT_MAPPED,   BOOT_SLOT_SELF, PLACE_FREE,            1,      ACCESS_READ)
    CELL(process_protect, ERR_NOT_MAPPED,   BOOT_SLOT_SELF, PLACE,                 2,      ACCESS_READ)
    CELL(process_protect, ERR_MAPPED,       CHILD,          USER_MESSAGE_PAGE,     1,      ACCESS_READ)
    CELL_SCENE(process_protect, ERR_AGAIN, protecting_goes_on_where_it_stopped)

    //   operation        error             thread
    CELL(thread_suspend,  ERR_BAD_SLOT,     BEYOND,     0)
    CELL(thread_suspend,  ERR_NO_CAP,       EMPTY,      0)
    CELL(thread_suspend,  ERR_NO_CAP,       GONE,       0)
    CELL(thread_suspend,  ERR_WRONG_TYPE,   CHILD,      0)
    CELL(thread_suspend,  ERR_NO_RIGHT,     RUNS_BARE,  0)
    CELL_IN(suspended, thread_suspend, ERR_BAD_STATE, RUNS, 0)

    CELL(thread_resume,   ERR_BAD_SLOT,     BEYOND,     0)
    CELL(thread_resume,   ERR_NO_CAP,       EMPTY,      0)
    CELL(thread_resume,   ERR_WRONG_TYPE,   CHILD,      0)
    CELL(thread_resume,   ERR_NO_RIGHT,     RUNS_BARE,  0)
    CELL(thread_resume,   ERR_BAD_STATE,    RUNS,       0)
    CELL(thread_resume,   ERR_BAD_STATE,    NEW,        0)
    CELL(thread_resume,   ERR_BAD_STATE,    BOOT_SLOT_THREAD, 0)

    CELL(thread_read,     ERR_BAD_SLOT,     BEYOND,     0)
    CELL(thread_read,     ERR_NO_CAP,       EMPTY,      0)
    CELL(thread_read,     ERR_WRONG_TYPE,   CHILD,      0)
    CELL(thread_read,     ERR_NO_RIGHT,     RUNS_BARE,  0)
    CELL(thread_read,     ERR_BAD_STATE,    RUNS,       0)
    CELL(thread_read,     ERR_BAD_STATE,    NEW,        0)
    CELL(thread_read,     ERR_BAD_STATE,    BOOT_SLOT_THREAD, 0)
    CELL_SCENE(thread_read, ERR_NO_PAGE, reading_registers_needs_a_page)

    CELL(thread_write,    ERR_BAD_SLOT,     BEYOND,     0)
    CELL(thread_write,    ERR_NO_CAP,       EMPTY,      0)
    CELL(thread_write,    ERR_WRONG_TYPE,   CHILD,      0)
    CELL(thread_write,    ERR_NO_RIGHT,     RUNS_BARE,  0)
    CELL(thread_write,    ERR_BAD_STATE,    RUNS,       0)
    CELL(thread_write,    ERR_BAD_STATE,    NEW,        0)
    CELL_IN(valid_body, thread_write, ERR_BUSY, RUNS, 0)
    CELL_SCENE(thread_write, ERR_BAD_ADDRESS, an_instruction_pointer_outside_the_user_half_is_refused)
    CELL_SCENE(thread_write, ERR_NO_PAGE, writing_registers_needs_a_page)

    CELL(thread_priority, ERR_BAD_SLOT,     BEYOND,     5)
    CELL(thread_priority, ERR_NO_CAP,       EMPTY,      5)
    CELL(thread_priority, ERR_WRONG_TYPE,   CHILD,      5)
    CELL(thread_priority, ERR_NO_RIGHT,     RUNS_BARE,  5)
    CELL(thread_priority, ERR_BAD_ARGUMENT, RUNS,       0)
    CELL(thread_priority, ERR_BAD_ARGUMENT, RUNS,       INIT_PRIORITY + 1)
    CELL(thread_priority, ERR_BAD_ARGUMENT, RUNS,       31)
    CELL(thread_priority, ERR_BAD_ARGUMENT, RUNS,       64)
    CELL(thread_priority, ERR_BAD_ARGUMENT, RUNS,       1ull << 32 | 5)
    CELL(thread_priority, ERR_BAD_ARGUMENT, BOOT_SLOT_THREAD, INIT_PRIORITY + 1)

    CELL(thread_debug,    ERR_BAD_SLOT,     BEYOND,     OURS)
    CELL(thread_debug,    ERR_BAD_SLOT,     RUNS,       BEYOND)
    CELL(thread_debug,    ERR_NO_CAP,       EMPTY,      OURS)
    CELL(thread_debug,    ERR_NO_CAP,       RUNS,       GONE)
    CELL(thread_debug,    ERR_WRONG_TYPE,   CHILD,      OURS)
    CELL(thread_debug,    ERR_WRONG_TYPE,   RUNS,       RUN)
    CELL(thread_debug,    ERR_NO_RIGHT,     RUNS_BARE,  OURS)
    CELL(thread_debug,    ERR_NO_RIGHT,     RUNS,       OURS_BARE)

    CELL(thread_info,     ERR_BAD_SLOT,     BEYOND,     0)
    CELL(thread_info,     ERR_NO_CAP,       GONE,       0)
    CELL(thread_info,     ERR_WRONG_TYPE,   CHILD,      0)

    CELL(thread_destroy,  ERR_BAD_SLOT,     BEYOND,     0)
    CELL(thread_destroy,  ERR_NO_CAP,       EMPTY,      0)
    CELL(thread_destroy,  ERR_NO_CAP,       GONE,       0)
    CELL(thread_destroy,  ERR_WRONG_TYPE,   CHILD,      0)
    CELL(thread_destroy,  ERR_NO_RIGHT,     RUNS_BARE,  0)
    CELL(thread_destroy,  ERR_SELF,         BOOT_SLOT_THREAD, 0)
    END_OF_CELLS,
};
