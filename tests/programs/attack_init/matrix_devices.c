// SPDX-License-Identifier: MIT
#include "tests/programs/attack_init/matrix.h"

#define IN PORT_READ
#define OUT PORT_WRITE
#define BOTH (PORT_READ | PORT_WRITE)

// --- this process without a free frame

static cap_t eaten[256];
static uint32_t eaten_count;

static void enter_pool_used_up(void)
{
    for (eaten_count = 0; eaten_count < 256; eaten_count++) {
        if (eaten[eaten_count].slot == 0) eaten[eaten_count] = empty_slot();
        if (endpoint_create(SELF, eaten[eaten_count], SELF) == ERR_POOL_EMPTY) break;
    }
    EXPECT(true, eaten_count < 256);
}
static void leave_pool_used_up(void)
{
    while (eaten_count-- > 0)
        EXPECT(OK, endpoint_destroy(eaten[eaten_count]));
}

// --- threads without a message page

static void without_a_page(struct step step)
{
    books_note();
    EXPECT(ERR_NO_PAGE, aside_once(step, false));
    UNCHANGED();
}
static void ports_need_a_page_for_values(void)
{
    without_a_page((struct step){.tag = SYS_ports_create, .slot = ROOT, .words = {EMPTY, 0x64, 1, BOTH, 1}});
}
static void writing_needs_a_page(void)
{
    without_a_page((struct step){.tag = TAG(SYS_log_write, 0, 8, 0), .slot = LOG});
}
static void reading_needs_a_page(void) { without_a_page((struct step){.tag = SYS_log_read, .slot = LOG}); }

// clang-format off
const struct cell device_cells[] = {
    //   operation    error             line         endpoint     bits
    CELL(irq_bind,    ERR_BAD_SLOT,     BEYOND,      OURS,        1)
    CELL(irq_bind,    ERR_BAD_SLOT,     LINE,        BEYOND,      1)
    CELL(irq_bind,    ERR_NO_CAP,       BOOT_SLOT_IRQ0 + 0, OURS, 1) // the kernel's
    CELL(irq_bind,    ERR_NO_CAP,       BOOT_SLOT_IRQ0 + 2, OURS, 1)
    CELL(irq_bind,    ERR_NO_CAP,       BOOT_SLOT_IRQ0 + 4, OURS, 1)
    CELL(irq_bind,    ERR_NO_CAP,       LINE,        GONE,        1)
    CELL(irq_bind,    ERR_WRONG_TYPE,   OURS,        OURS,        1)
    CELL(irq_bind,    ERR_WRONG_TYPE,   LINE,        CHILD,       1)
    CELL(irq_bind,    ERR_NO_RIGHT,     LINE_BARE,   OURS,        1)
    CELL(irq_bind,    ERR_NO_RIGHT,     LINE,        OURS_BARE,   1)
    CELL(irq_bind,    ERR_BAD_ARGUMENT, LINE,        OURS,        0)
    CELL(irq_bind,    ERR_BAD_ARGUMENT, LINE,        BADGED,      ~4ull) // none of them is the badge's

    CELL(irq_ack,     ERR_BAD_SLOT,     BEYOND)
    CELL(irq_ack,     ERR_NO_CAP,       EMPTY)
    CELL(irq_ack,     ERR_NO_CAP,       BOOT_SLOT_IRQ0 + 0)
    CELL(irq_ack,     ERR_NO_CAP,       BOOT_SLOT_IRQ0 + 2)
    CELL(irq_ack,     ERR_NO_CAP,       BOOT_SLOT_IRQ0 + 4)
    CELL(irq_ack,     ERR_WRONG_TYPE,   OURS)
    CELL(irq_ack,     ERR_NO_RIGHT,     LINE_BARE)

    //   operation     error             root         slot    first    count   directions  values?
    CELL(ports_create, ERR_BAD_SLOT,     BEYOND,      EMPTY,  0x2f8,   8,      IN)
    CELL(ports_create, ERR_BAD_SLOT,     ROOT,        BEYOND, 0x2f8,   8,      IN)
    CELL(ports_create, ERR_BAD_SLOT,     ROOT,        0,      0x2f8,   8,      IN)
    CELL(ports_create, ERR_NO_CAP,       GONE,        EMPTY,  0x2f8,   8,      IN)
    CELL(ports_create, ERR_WRONG_TYPE,   LINE,        EMPTY,  0x2f8,   8,      IN)
    CELL(ports_create, ERR_NO_RIGHT,     ROOT_BARE,   EMPTY,  0x2f8,   8,      IN)
    CELL(ports_create, ERR_NO_RIGHT,     PORT,        EMPTY,  0x2f8,   8,      IN) // only the root makes others
    CELL(ports_create, ERR_SLOT_USED,    ROOT,        RUN,    0x2f8,   8,      IN)
    CELL(ports_create, ERR_BAD_ARGUMENT, ROOT,        EMPTY,  0x2f8,   8,      0)
    CELL(ports_create, ERR_BAD_ARGUMENT, ROOT,        EMPTY,  0x2f8,   8,      4)
    CELL(ports_create, ERR_BAD_ARGUMENT, ROOT,        EMPTY,  0x2f8,   8,      IN | 1ull << 32)
    CELL(ports_create, ERR_PORT,         ROOT,        EMPTY,  0x2f8,   0,      IN)
    CELL(ports_create, ERR_PORT,         ROOT,        EMPTY,  0x10000, 1,      IN)
    CELL(ports_create, ERR_PORT,         ROOT,        EMPTY,  0xffff,  2,      IN)
    CELL(ports_create, ERR_PORT,         ROOT,        EMPTY,  0x2f8,   ~0ull,  IN)
    CELL(ports_create, ERR_PORT,         ROOT,        EMPTY,  ~0ull,   2,      IN)
    CELL(ports_create, ERR_PORT,         ROOT,        EMPTY,  0,       1,      IN) // DMA: the first of those kept
    CELL(ports_create, ERR_PORT,         ROOT,        EMPTY,  0xcff,   1,      OUT) // PCI: and the last
    CELL(ports_create, ERR_PORT,         ROOT,        EMPTY,  0x10,    0x11,   IN) // up to the PIC
    CELL(ports_create, ERR_PORT_VALUE,   ROOT,        EMPTY,  0x64,    1,      OUT)
    CELL(ports_create, ERR_PORT_VALUE,   ROOT,        EMPTY,  0x62,    3,      BOTH)
    CELL(ports_create, ERR_PORT_VALUE,   ROOT,        EMPTY,  0x70,    1,      OUT)
    CELL(ports_create, ERR_PORT_VALUE,   ROOT,        EMPTY,  0x71,    1,      OUT)
    CELL_IN(pool_used_up, ports_create, ERR_POOL_EMPTY, ROOT, EMPTY, 0x2f8, 8, IN)
    CELL_SCENE(ports_create, ERR_NO_PAGE, ports_need_a_page_for_values)

    //   operation    error             ports        port         width        value
    CELL(ports_in,    ERR_BAD_SLOT,     BEYOND,      0x2f8,       1)
    CELL(ports_in,    ERR_NO_CAP,       EMPTY,       0x2f8,       1)
    CELL(ports_in,    ERR_NO_CAP,       GONE,        0x2f8,       1)
    CELL(ports_in,    ERR_WRONG_TYPE,   LOG,         0x2f8,       1)
    CELL(ports_in,    ERR_NO_RIGHT,     PORT_BARE,   0x2f8,       1)
    CELL(ports_in,    ERR_PORT,         ROOT,        0x2f8,       1) // it only makes others
    CELL(ports_in,    ERR_PORT,         PORT,        0x2f7,       1)
    CELL(ports_in,    ERR_PORT,         PORT,        0x300,       1)
    CELL(ports_in,    ERR_PORT,         PORT,        0x2ff,       2)
    CELL(ports_in,    ERR_PORT,         PORT,        0x2fd,       4)
    CELL(ports_in,    ERR_PORT,         PORT,        0x2f8,       0)
    CELL(ports_in,    ERR_PORT,         PORT,        0x2f8,       3)
    CELL(ports_in,    ERR_PORT,         PORT,        0x2f8,       8)
    CELL(ports_in,    ERR_PORT,         PORT,        0x102f8,     1)
    CELL(ports_in,    ERR_PORT,         PORT,        ~0ull,       1)

    CELL(ports_out,   ERR_BAD_SLOT,     BEYOND,      0x2f9,       1,           0)
    CELL(ports_out,   ERR_NO_CAP,       EMPTY,       0x2f9,       1,           0)
    CELL(ports_out,   ERR_NO_CAP,       GONE,        0x2f9,       1,           0)
    CELL(ports_out,   ERR_WRONG_TYPE,   CLOCK,       0x2f9,       1,           0)
    CELL(ports_out,   ERR_NO_RIGHT,     PORT_BARE,   0x2f9,       1,           0)
    CELL(ports_out,   ERR_PORT,         ROOT,        0x2f9,       1,           0)
    CELL(ports_out,   ERR_PORT,         PORT,        0x2f7,       1,           0)
    CELL(ports_out,   ERR_PORT,         PORT,        0x300,       1,           0)
    CELL(ports_out,   ERR_PORT,         PORT,        0x2ff,       2,           0)
    CELL(ports_out,   ERR_PORT,         PORT,        0x2f9,       5,           0)
    CELL(ports_out,   ERR_PORT_VALUE,   PORT,        0x2f9,       1,           1) // not in its list
    CELL(ports_out,   ERR_PORT_VALUE,   PORT,        0x2f9,       1,           256) // no byte
    CELL(ports_out,   ERR_PORT_VALUE,   PORT,        0x2f9,       1,           ~0ull)
    CELL(ports_out,   ERR_PORT_VALUE,   PORT,        0x2f8,       2,           0) // with a list only bytes
    CELL(ports_out,   ERR_PORT_VALUE,   PORT,        0x2f8,       4,           0)

    CELL(clock_read,  ERR_BAD_SLOT,     BEYOND)
    CELL(clock_read,  ERR_NO_CAP,       EMPTY)
    CELL(clock_read,  ERR_NO_CAP,       GONE)
    CELL(clock_read,  ERR_WRONG_TYPE,   LOG)

    CELL_SENDS(nothing, log_write, ERR_BAD_SLOT,   BEYOND,   8,   0, 0)
    CELL_SENDS(nothing, log_write, ERR_NO_CAP,     EMPTY,    8,   0, 0)
    CELL_SENDS(nothing, log_write, ERR_NO_CAP,     GONE,     8,   0, 0)
    CELL_SENDS(nothing, log_write, ERR_WRONG_TYPE, CLOCK,    8,   0, 0)
    CELL_SENDS(nothing, log_write, ERR_NO_RIGHT,   LOG_BARE, 8,   0, 0)
    CELL_SENDS(nothing, log_write, ERR_BAD_LENGTH, LOG,      257, 0, 0)
    CELL_SENDS(nothing, log_write, ERR_BAD_LENGTH, LOG,      0xffff, 0, 0)
    CELL_SCENE(log_write, ERR_NO_PAGE, writing_needs_a_page)

    CELL(log_read,    ERR_BAD_SLOT,     BEYOND,      0)
    CELL(log_read,    ERR_NO_CAP,       EMPTY,       0)
    CELL(log_read,    ERR_NO_CAP,       GONE,        0)
    CELL(log_read,    ERR_WRONG_TYPE,   CLOCK,       0)
    CELL(log_read,    ERR_NO_RIGHT,     LOG_BARE,    0)
    CELL(log_read,    ERR_EMPTY,        LOG,         ~0ull)
    CELL_SCENE(log_read, ERR_NO_PAGE, reading_needs_a_page)

    CELL(power,       ERR_BAD_SLOT,     BEYOND,      3)
    CELL(power,       ERR_NO_CAP,       EMPTY,       POWER_OFF)
    CELL(power,       ERR_NO_CAP,       GONE,        POWER_OFF)
    CELL(power,       ERR_WRONG_TYPE,   LOG,         POWER_OFF)
    CELL(power,       ERR_NO_RIGHT,     POWER_BARE,  POWER_OFF)
    CELL(power,       ERR_NO_RIGHT,     POWER_BARE,  POWER_REBOOT)
    CELL(power,       ERR_NO_RIGHT,     POWER_BARE,  POWER_METHOD, 0x604,      0x2000)
    CELL(power,       ERR_BAD_ARGUMENT, POWER,       3)
    CELL(power,       ERR_BAD_ARGUMENT, POWER,       ~0ull)
    CELL(power,       ERR_PORT_VALUE,   POWER,       POWER_METHOD, 0x10604,    0x2000)
    CELL(power,       ERR_PORT_VALUE,   POWER,       POWER_METHOD, 0x604,      0x12000)
    CELL(power,       ERR_PORT_VALUE,   POWER,       POWER_METHOD, 0x604,      0x2000, 0x604, 1ull << 63)
    END_OF_CELLS,
};
