// SPDX-License-Identifier: MIT
#include "tests/programs/attack_init/matrix.h"

#include "common/string.h"
#include "libsys/slots.h"

uint64_t matrix_token;
uint32_t matrix_result;

uint32_t ask(uint64_t tag, uint32_t slot, uint64_t w0, uint64_t w1, uint64_t w2, uint64_t w3, uint64_t w4)
{
    struct message m = {.words = {w0, w1, w2, w3, w4}, .token = matrix_token};
    return op(tag, slot, &m);
}

// --- the books: all that the kernel tells about what there is, a number for each slot and each address looked at

#define SLOTS WORLD_END
#define ADDRESSES 3

static uint64_t books[SLOTS + ADDRESSES + 1];

static uint64_t mix(uint64_t sum, const uint64_t *words, int count)
{
    for (int i = 0; i < count; i++)
        sum = (sum ^ words[i]) * 0x100000001b3 + 1;
    return sum;
}

static uint64_t slot_now(uint32_t slot)
{
    struct message m = {0};
    uint64_t sum = op(SYS_cap_info, slot, &m);
    if (sum != OK) return sum;
    uint64_t type = m.words[0];
    sum = mix(1, m.words, 3);
    m = (struct message){0};
    if (type == TYPE_MEMORY || type == TYPE_DEVICE) sum = mix(sum + op(SYS_memory_info, slot, &m), m.words, 4);
    if (type == TYPE_PROCESS) sum = mix(sum + op(SYS_process_info, slot, &m), m.words, 5); // all but the time
    return sum;
}

static uint64_t address_now(uint32_t process, uint64_t address)
{
    struct message m = {.words = {address}};
    return mix(op(SYS_process_query, process, &m), m.words, 3);
}

static uint64_t entry_now(uint32_t i)
{
    if (i < SLOTS) return slot_now(i);
    if (i == SLOTS + ADDRESSES) return mix(0, (const uint64_t *)SHARED, 16);
    const uint64_t places[ADDRESSES] = {PLACE, PLACE_CODE, PLACE_FREE};
    return address_now(BOOT_SLOT_SELF, places[i - SLOTS]) ^ address_now(CHILD, places[i - SLOTS]) << 1;
}

void books_note(void)
{
    for (uint32_t i = 1; i <= SLOTS + ADDRESSES; i++)
        books[i] = entry_now(i);
}

void books_compare(int line)
{
    for (uint32_t i = 1; i <= SLOTS + ADDRESSES; i++)
        if (books[i] != entry_now(i)) expect_at(line, 0, i); // "got": which entry has changed
}

// --- the world

static struct child server, pageless;

static void put(uint32_t slot, cap_t from) { EXPECT(OK, cap_move(from, NO_CAP, slot)); }

static void copy(uint32_t slot, uint32_t from, uint32_t bare)
{
    if (slot) EXPECT(OK, cap_copy((cap_t){from}, NO_CAP, slot, ALL));
    if (bare) EXPECT(OK, cap_copy((cap_t){from}, NO_CAP, bare, 0));
}

static void make_runs(void)
{
    put(RUN, carve(12));
    EXPECT(OK, memory_split((cap_t){RUN}, 8, (cap_t){NEXT}));
    carve(1); // what lies between them
    put(APART, carve(4));
    carve(1);
    put(MAPPED, carve(8));
    EXPECT(OK, memory_split((cap_t){MAPPED}, 4, (cap_t){MAPPED_NEXT}));
    EXPECT(OK, memory_map((cap_t){MAPPED}, SELF, (vaddr_t){PLACE}, 0, 1, RW));
    EXPECT(OK, memory_map((cap_t){MAPPED}, SELF, (vaddr_t){PLACE_CODE}, 1, 1, ACCESS_READ | ACCESS_EXECUTE));
    put(TINY, carve(2));
    put(BIG, carve(515));
    put(HUGE, carve(65536));
    put(HALF, carve(32));
    EXPECT(ERR_AGAIN, ask(SYS_process_create, HALF, 0, 0, 0, 0, 0));
    copy(0, RUN, RUN_BARE);
    copy(0, NEXT, NEXT_BARE);
    copy(SCREEN, BOOT_SLOT_SCREEN, SCREEN_BARE);
}

static void make_processes(void)
{
    child_make(&server, 6, NO_CAP, NO_CAP);
    child_run(&server, serve_for_ever, 0);
    copy(CHILD, server.process.slot, CHILD_BARE);
    copy(RUNS, server.thread.slot, RUNS_BARE);
    copy(CALLEE, server.endpoint.slot, CALLEE_BARE);
    copy(PINNED, server.frames.slot, 0);
    EXPECT(OK, memory_map(server.frames, SELF, (vaddr_t){CHILD_PAGE}, 1, 1, RW));
    EXPECT(OK, thread_create(server.process, (cap_t){NEW}, (vaddr_t){0}, NO_CAP, NO_CAP, 5));
    copy(0, NEW, NEW_BARE);
    child_make(&pageless, 6, NO_CAP, NO_CAP);
    cap_t thread = child_thread(&pageless, 1, 6);
    EXPECT(OK, thread_start(thread, (vaddr_t){(uint64_t)serve_for_ever},
                            (vaddr_t){USER_STACK_TOP - USER_STACK_STRIDE - 8}, 1));
    copy(PAGELESS, pageless.endpoint.slot, 0);
    put(POOR, carve(3));
    EXPECT(OK, process_create((cap_t){POOR}));
    put(DYING, carve(3));
    EXPECT(OK, process_create((cap_t){DYING}));
    EXPECT(ERR_AGAIN, ask(SYS_process_destroy, DYING, EMPTY, 0, 0, 0, 0));
}

static void make_devices(void)
{
    static const uint8_t only_zero[32] = {1};
    EXPECT(OK, endpoint_create(SELF, (cap_t){OURS}, SELF));
    copy(0, OURS, OURS_BARE);
    EXPECT(OK, cap_mint((cap_t){OURS}, NO_CAP, BADGED, ALL, 4));
    EXPECT(OK, endpoint_create(SELF, (cap_t){GONE}, SELF));
    cap_t gone = empty_slot();
    EXPECT(OK, cap_copy((cap_t){GONE}, NO_CAP, gone.slot, ALL));
    EXPECT(OK, endpoint_destroy(gone));
    copy(LINE, BOOT_SLOT_IRQ0 + 5, LINE_BARE); // nothing is behind this line
    copy(ROOT, BOOT_SLOT_PORTS, ROOT_BARE);
    EXPECT(OK, ports_create((cap_t){ROOT}, (cap_t){PORT}, 0x2f8, 8, PORT_READ | PORT_WRITE, only_zero));
    copy(0, PORT, PORT_BARE);
    copy(CLOCK, BOOT_SLOT_CLOCK, 0);
    copy(LOG, BOOT_SLOT_LOG, LOG_BARE);
    copy(POWER, BOOT_SLOT_POWER, POWER_BARE);
}

// --- running

static void run_cell(const struct cell *c)
{
    if (c->scene) {
        c->scene();
        return;
    }
    if (c->enter) c->enter();
    for (uint32_t i = 0; i < c->caps && i < MESSAGE_CAPS; i++)
        message_page()->send_slots[i] = c->sent;
    books_note();
    struct message m = {.token = matrix_token};
    for (int i = 0; i < MESSAGE_WORDS; i++)
        m.words[i] = c->words[i];
    matrix_result = op(TAG(c->operation, 0, c->length, c->caps), c->slot, &m);
    expect_at(c->line, c->error, matrix_result);
    books_compare(c->line);
    if (c->leave) c->leave();
}

static void run_cells(const struct cell *c)
{
    for (const char *name = NULL; c->name; c++) {
        if (!name || strcmp(name, c->name) != 0) attack_begin(c->name);
        name = c->name;
        run_cell(c);
        if (!c[1].name || strcmp(name, c[1].name) != 0) attack_end();
    }
}

void matrix_run(void)
{
    attack_begin("the_world_is_made");
    EXPECT(OK, slot_reserve(WORLD, WORLD_END - WORLD));
    make_runs();
    make_processes();
    make_devices();
    aside_make();
    rest(5);
    attack_end();
    run_cells(capability_cells);
    run_cells(memory_cells);
    run_cells(process_cells);
    run_cells(thread_cells);
    run_cells(stopped_cells);
    run_cells(message_cells);
    run_cells(wait_cells);
    run_cells(device_cells);
    rights_run();
}
