// SPDX-License-Identifier: MIT
#include "servers/vga/crtc.h"

#include "libsys/start.h"
#include "libsys/syscall.h"

#define CRTC_INDEX 0x3d4 // and the chosen register's value at 0x3d5
#define CRTC_VALUE 0x3d5

enum crtc_register {
    CURSOR_START = 0x0a, // bits 4–0: the cursor's first scan line; bit 5: hidden
    CURSOR_END = 0x0b,   // bits 4–0: its last scan line
    START_HIGH = 0x0c,   // the first cell shown
    START_LOW = 0x0d,
    CURSOR_HIGH = 0x0e, // the cell with the cursor
    CURSOR_LOW = 0x0f,
};

// The font's cells have 16 scan lines; the last two make an underline.
#define UNDERLINE_FIRST 14
#define UNDERLINE_LAST 15

static cap_t ports;
static uint16_t cursor; // what the registers hold

// Index and value are neighbours, so that one 16-bit write sets both.
static void set(enum crtc_register number, uint8_t value)
{
    ports_out(ports, CRTC_INDEX, 2, (uint32_t)value << 8 | number);
}

static uint8_t get(enum crtc_register number)
{
    uint32_t value = 0;
    ports_out(ports, CRTC_INDEX, 1, number);
    return ports_in(ports, CRTC_VALUE, 1, &value) == OK ? (uint8_t)value : 0xff;
}

bool crtc_present(void) { return ports.slot != 0; }

uint16_t crtc_start(void)
{
    ports = cap_named("ports3d4");
    if (!crtc_present()) return 0xffff;
    set(START_HIGH, 0);
    set(START_LOW, 0);
    set(CURSOR_START, UNDERLINE_FIRST);
    set(CURSOR_END, UNDERLINE_LAST);
    cursor = (uint16_t)(get(CURSOR_HIGH) << 8 | get(CURSOR_LOW));
    return cursor;
}

void crtc_move_cursor(uint16_t cell)
{
    uint16_t changed = cell ^ cursor;
    if (!crtc_present() || changed == 0) return;
    if (changed >> 8 != 0) set(CURSOR_HIGH, (uint8_t)(cell >> 8));
    if ((changed & 0xff) != 0) set(CURSOR_LOW, (uint8_t)cell);
    cursor = cell;
}
