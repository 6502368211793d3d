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

static void put_row(const char *text, size_t length)
{
    if (row == ROWS) return; // the first lines say the most: what does not fit stands on the log
    volatile uint16_t *cells = (volatile uint16_t *)phys_ptr(TEXT_SCREEN) + row++ * COLUMNS;
    for (size_t i = 0; i < COLUMNS; i++)
        cells[i] = (uint16_t)(colour << 8 | (i < length ? (uint8_t)text[i] : ' '));
}

void screen_line(const char *text, size_t length)
{
    if (!usable) return;
    do {
        size_t now = length < COLUMNS ? length : COLUMNS;
        put_row(text, now);
        text += now;
        length -= now;
    } while (length > 0);
}
