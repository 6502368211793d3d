// SPDX-License-Identifier: MIT
// `chorus LETTER LINES`: writes lines that fill a row with its letter, and after each looks at the whole screen: every
// line there, its own or another singer's, must be whole. Two of them at once show that vga tears nobody's line.
#include "common/string.h"
#include "interfaces/vga.h"
#include "libsys/log.h"
#include "libsys/start.h"
#include "libsys/stdio.h"
#include "libsys/stdlib.h"

#define CELLS (25u * 80u)
#define LENGTH 78u // of a line: "<A 0000 AAAA…A>"

static char screen[CELLS + 1];
static unsigned long torn, others;

static void make_line(char *out, char letter, unsigned long number)
{
    int head = snprintf(out, LENGTH + 2, "<%c %04lu ", letter, number);
    for (size_t i = (size_t)head; i < LENGTH - 1; i++)
        out[i] = letter;
    out[LENGTH - 1] = '>';
    out[LENGTH] = '\n';
}

// The screen is looked at as one long line: what was typed meanwhile may stand before a line, and then it wraps.
static bool is_whole(const char *line)
{
    char letter = line[1];
    if (line[2] != ' ' || line[7] != ' ' || line[LENGTH - 1] != '>') return false;
    for (size_t i = 8; i < LENGTH - 1; i++)
        if (line[i] != letter) return false;
    return true;
}

static void look(char letter)
{
    struct vga_read_cells_reply reply;
    if (vga_read_cells(cap_named("vga"), 0, 0, CELLS, &reply) != OK) return;
    for (size_t i = 0; i < CELLS; i++)
        screen[i] = (char)reply.cells[2 * i];
    for (size_t i = 0; i < CELLS; i++) {
        if (screen[i] != '<') continue;
        torn += i + LENGTH > CELLS || !is_whole(&screen[i]);
        others += screen[i + 1] != letter;
    }
}

int main(int argc, char **argv)
{
    char letter = argc > 1 ? argv[1][0] : 'A';
    unsigned long lines = argc > 2 ? strtoul(argv[2], NULL, 10) : 1000;
    char line[LENGTH + 1];
    unsigned long refused = 0;
    for (unsigned long i = 0; i < lines; i++) {
        make_line(line, letter, i % 10000);
        refused += vga_write(cap_named("vga"), line, sizeof line) != OK;
        look(letter);
    }
    // To the log too: on the screen another singer's lines may push it out before anybody has read it.
    char result[80];
    snprintf(result, sizeof result, "%c: %lu lines, %lu refused, %lu torn, others seen: %s", letter, lines, refused,
             torn, others > 0 ? "yes" : "no");
    printf("chorus %s\n", result);
    log_line(result);
    return torn + refused > 0;
}
