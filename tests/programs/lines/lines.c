// SPDX-License-Identifier: MIT
// The tutorial's tests of println, through messages: one line, two hundred lines, and a line that is read back.
#include "common/string.h"
#include "interfaces/vga.h"
#include "libsys/panic.h"
#include "libsys/start.h"
#include "libsys/stdio.h"

static void println_simple(void) { assert(printf("test_println_simple output\n") > 0); }

static void println_many(void)
{
    unsigned answered = 0;
    for (int i = 0; i < 200; i++)
        answered += printf("test_println_many output\n") > 0;
    assert(answered == 200);
    printf("println_many: %u replies\n", answered);
}

// The line that was just ended stands in the row above the last.
static void println_output(void)
{
    static const char text[] = "Some test string that fits on a single line";
    printf("%s\n", text);
    struct vga_read_cells_reply reply;
    assert(vga_read_cells(cap_named("vga"), 23, 0, sizeof text - 1, &reply) == OK);
    for (size_t i = 0; i < sizeof text - 1; i++)
        assert(reply.cells[2 * i] == (uint8_t)text[i]);
}

static int inner(void)
{
    printf("inner\n");
    return 7;
}

// Where printing holds a lock while its arguments are made, this never ends.
static void println_nested(void) { printf("outer %d\n", inner()); }

// All cells blank in the caller's colour, the writer in the last row, and the next line stands there.
static void clear_screen(void)
{
    const cap_t vga = cap_named("vga");
    const uint8_t colour = 0x1e;
    assert(vga_set_color(vga, colour) == OK && vga_clear(vga) == OK);
    struct vga_read_cells_reply reply;
    assert(vga_read_cells(vga, 0, 0, 25 * 80, &reply) == OK);
    for (size_t i = 0; i < 25ul * 80; i++)
        assert(reply.cells[2 * i] == ' ' && reply.cells[2 * i + 1] == colour);
    struct vga_cursor_reply cursor;
    assert(vga_cursor(vga, &cursor) == OK && cursor.row == 24 && cursor.column == 0);
    assert(vga_set_color(vga, 0x07) == OK);
    printf("clear_screen [ok]\n");
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "clear") == 0) {
        clear_screen();
        return 0;
    }
    if (argc > 1 && strcmp(argv[1], "nested") == 0) {
        println_nested();
        return 0;
    }
    println_simple();
    printf("test_println_simple [ok]\n");
    println_many();
    printf("test_println_many [ok]\n");
    println_output();
    printf("test_println_output [ok]\n");
    return 0;
}
