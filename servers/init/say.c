// SPDX-License-Identifier: MIT
#include "servers/init/say.h"

#include <stdarg.h>

#include "abi/boot.h"
#include "common/format.h"
#include "common/string.h"
#include "libsys/log.h"

#define SCREEN 0x0000400000000000 // where init sees the text screen's cells
#define SCREEN_FIRST 24           // page of the device memory: 0xb8000 − 0xa0000
#define SCREEN_PAGES 1
#define COLUMNS 80
#define ROWS 25
#define WHITE_ON_RED 0x4f00u

static volatile uint16_t *cells;
static uint32_t row;
static char kept[1024];

void say_start(bool has_screen)
{
    if (has_screen && memory_map((cap_t){BOOT_SLOT_SCREEN}, (cap_t){BOOT_SLOT_SELF}, (vaddr_t){SCREEN}, SCREEN_FIRST,
                                 SCREEN_PAGES, ACCESS_READ | ACCESS_WRITE | ACCESS_UNCACHED) == OK)
        cells = (volatile uint16_t *)SCREEN;
}

void say_on_screen(const char *text)
{
    if (!cells) return;
    for (uint32_t column = 0; *text && *text != '\n'; text++) {
        cells[row * COLUMNS + column] = WHITE_ON_RED | (unsigned char)*text;
        if (++column == COLUMNS) {
            column = 0;
            row = (row + 1) % ROWS;
        }
    }
    row = (row + 1) % ROWS;
}

void say(const char *fmt, ...)
{
    char text[LOG_LINE_MAX];
    va_list arguments;
    va_start(arguments, fmt);
    format_list(text, sizeof text, fmt, arguments);
    va_end(arguments);
    log_line(text);
    say_on_screen(text);
    size_t length = strlen(kept);
    format(kept + length, sizeof kept - length, "%s\n", text);
}

const char *boot_sentences(void) { return kept; }

noreturn void stop_system(const char *fmt, ...)
{
    char text[LOG_LINE_MAX];
    va_list arguments;
    va_start(arguments, fmt);
    format_list(text, sizeof text, fmt, arguments);
    va_end(arguments);
    exit_text(1, text, strlen(text));
}
