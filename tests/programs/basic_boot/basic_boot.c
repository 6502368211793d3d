// SPDX-License-Identifier: MIT
// A test image of its own: kernel, init, memory, vga, and this in the place of testd. It prints before it does anything
// else, and its verdict alone decides.
#include "common/string.h"
#include "interfaces/vga.h"
#include "libsys/log.h"
#include "libsys/start.h"
#include "libsys/stdio.h"
#include "libsys/time.h"

static const char text[] = "test_println output";

static bool stands_on_the_screen(void)
{
    struct vga_cursor_reply cursor;
    struct vga_read_cells_reply cells;
    cap_t vga = cap_named("vga");
    if (vga_cursor(vga, &cursor) != OK || cursor.column != 0) return false;
    if (vga_read_cells(vga, (uint8_t)(cursor.row - 1), 0, sizeof text - 1, &cells) != OK) return false;
    for (uint32_t i = 0; i < sizeof text - 1; i++)
        if (cells.cells[2 * i] != (uint8_t)text[i]) return false;
    return true;
}

int main(void)
{
    printf("%s\n", text);
    bool is_good = stands_on_the_screen();
    log_line(is_good ? "test_println... [ok]" : "test_println... [failed]");
    sleep_for(100 * NS_PER_MS);
    ports_out(cap_named("portsf4"), 0xf4, 1, is_good ? 0x10 : 0x11);
    return 0;
}
