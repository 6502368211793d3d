// SPDX-License-Identifier: MIT
#include "kernel/x86/screen.h"

#include "kernel/frame.h"

#define COLUMNS 80
#define ROWS 25
#define TEXT_SCREEN ((paddr_t){0xb8000})

static bool usable;
static uint32_t row;
static uint8_t colour;

void screen_init(bool text_mode) { usable = text_mode; }

void screen_begin(uint8_t attribute)
{
    row = 0;
    colour = attribute;
}

void screen_line(const char *text, size_t length)
{
    volatile uint16_t *cells = phys_ptr(TEXT_SCREEN);
    // A long line goes on in the next row. The first rows say the most: what does not fit stands on the log.
    for (size_t at = 0; usable && row < ROWS && (at == 0 || at < length); row++)
        for (size_t column = 0; column < COLUMNS; column++, at++)
            cells[row * COLUMNS + column] = (uint16_t)(colour << 8 | (at < length ? (uint8_t)text[at] : ' '));
}
