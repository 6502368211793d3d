// SPDX-License-Identifier: MIT
// `screen WORD…`: calls vga as its arguments say, one after the other, so that a test can look at the screen from outside.
//   clear | color HEX | move ROW COLUMN | text HEX… as bytes of one write | repeat HEX TIMES | each FROM TO: one write
//   for each byte | runes FROM TO: one write for each character | attributes: a # in each of the 256 |
//   readback ROW: that row's cells, as vga reads them, in hexadecimal | refuse: what vga must not accept
#include "common/string.h"
#include "common/utf8.h"
#include "interfaces/vga.h"
#include "libsys/error.h"
#include "libsys/panic.h"
#include "libsys/start.h"
#include "libsys/stdio.h"
#include "libsys/stdlib.h"

static cap_t vga;
static char text[VGA_WRITE_TEXT_MAX];

static unsigned number(const char *word, int base)
{
    char *end;
    unsigned long value = strtoul(word, &end, base);
    assert(*word != 0 && *end == 0);
    return (unsigned)value;
}

static void write_hex(const char *hex)
{
    size_t length = strlen(hex) / 2;
    assert(length <= sizeof text);
    for (size_t i = 0; i < length; i++)
        text[i] = (char)number((char[]){hex[2 * i], hex[2 * i + 1], 0}, 16);
    assert(vga_write(vga, text, length) == OK);
}

static void repeat(unsigned byte, unsigned times)
{
    assert(times <= sizeof text);
    for (unsigned i = 0; i < times; i++)
        text[i] = (char)byte;
    assert(vga_write(vga, text, times) == OK);
}

static void each(unsigned from, unsigned to)
{
    for (unsigned byte = from; byte <= to; byte++)
        assert(vga_write(vga, (char[]){(char)byte}, 1) == OK);
}

static void runes(unsigned from, unsigned to)
{
    for (unsigned code = from; code <= to; code++)
        assert(vga_write(vga, text, utf8_encode(text, code)) == OK);
}

static void attributes(void)
{
    for (unsigned attribute = 0; attribute < 256; attribute++) {
        assert(vga_set_color(vga, (uint8_t)attribute) == OK);
        assert(vga_write(vga, "#", 1) == OK);
    }
    assert(vga_set_color(vga, 0x07) == OK);
}

static void readback(unsigned row)
{
    struct vga_read_cells_reply cells;
    assert(vga_read_cells(vga, (uint8_t)row, 0, 80, &cells) == OK && cells.cells_length == 160);
    for (unsigned i = 0; i < 160; i++)
        snprintf(text + 2 * i, 3, "%02x", cells.cells[i]); // makes no call: the reply lasts
    assert(vga_write(vga, text, 320) == OK);
}

// A message as no generated stub would send it.
static err_t raw_call(uint32_t method, uint16_t length, uint64_t word)
{
    struct message m = {.tag = TAG(0, method, length, 0), .words = {word, word, word, word, word, word}};
    return ipc_call(vga, &m);
}

static void refuse(void)
{
    struct vga_read_cells_reply cells;
    struct vga_cursor_reply before, after;
    unsigned wrong = 0;
    assert(vga_cursor(vga, &before) == OK);
    wrong += vga_move(vga, 25, 0) != ERR_RANGE;
    wrong += vga_move(vga, 0, 81) != ERR_RANGE;
    wrong += vga_move(vga, 255, 255) != ERR_RANGE;
    wrong += vga_read_cells(vga, 25, 0, 1, &cells) != ERR_RANGE;
    wrong += vga_read_cells(vga, 0, 80, 1, &cells) != ERR_RANGE;
    wrong += vga_read_cells(vga, 24, 79, 2, &cells) != ERR_RANGE;
    wrong += vga_read_cells(vga, 0, 0, 2001, &cells) != ERR_RANGE;
    wrong += vga_write(vga, text, VGA_WRITE_TEXT_MAX + 1) == OK;
    for (uint32_t method = 7; method < 300; method++)
        wrong += raw_call(method, 0, 0) != ERR_NO_METHOD;
    for (uint32_t method = 1; method <= 6; method++)
        for (uint16_t length = 0; length < 60; length += 3)
            wrong += raw_call(method, length, ~0ull) == ERR_SERVER_DIED;
    wrong += vga_read_cells(vga, 24, 79, 1, &cells) != OK || cells.cells_length != 2;
    wrong += vga_read_cells(vga, 3, 3, 0, &cells) != OK || cells.cells_length != 0;
    wrong += vga_cursor(vga, &after) != OK;
    printf("refuse: %u wrong\n", wrong);
}

int main(int argc, char **argv)
{
    vga = cap_named("vga");
    for (int i = 1; i < argc; i++) {
        const char *word = argv[i];
        int left = argc - i - 1;
        if (strcmp(word, "clear") == 0) {
            assert(vga_clear(vga) == OK);
        } else if (strcmp(word, "attributes") == 0) {
            attributes();
        } else if (strcmp(word, "refuse") == 0) {
            refuse();
        } else if (strcmp(word, "color") == 0 && left >= 1) {
            unsigned color = number(argv[++i], 16);
            assert(vga_set_color(vga, (uint8_t)color) == OK);
        } else if (strcmp(word, "readback") == 0 && left >= 1) {
            readback(number(argv[++i], 10));
        } else if (strcmp(word, "text") == 0 && left >= 1) {
            write_hex(argv[++i]);
        } else if (left >= 2) {
            unsigned first = number(argv[i + 1], strcmp(word, "move") == 0 ? 10 : 16);
            unsigned second = number(argv[i + 2], strcmp(word, "each") == 0 || strcmp(word, "runes") == 0 ? 16 : 10);
            i += 2;
            if (strcmp(word, "move") == 0)
                assert(vga_move(vga, (uint8_t)first, (uint8_t)second) == OK);
            else if (strcmp(word, "repeat") == 0)
                repeat(first, second);
            else if (strcmp(word, "each") == 0)
                each(first, second);
            else if (strcmp(word, "runes") == 0)
                runes(first, second);
            else
                panic("no such word: %s", word);
        } else {
            panic("no such word: %s", word);
        }
    }
    return 0;
}
