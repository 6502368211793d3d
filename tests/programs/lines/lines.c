// SPDX-License-Identifier: MIT
// The tutorial's tests of println, through messages: one line, two hundred lines, and a line that is read back. `lines numbered`: twelve lines, one
// after the other.
#include "common/string.h"
#include "interfaces/vga.h"
#include "libsys/panic.h"
#include "libsys/start.h"
#include "libsys/stdio.h"
#include "libsys/time.h"

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

// Slowly, so that the screen's server can be killed in between.
static void println_numbered(void)
{
    for (int i = 1; i <= 12; i++) {
        printf("numbered line %d.\n", i);
        assert(sleep_for(60 * NS_PER_MS) == OK);
    }
}

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "numbered") == 0) {
        println_numbered();
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
