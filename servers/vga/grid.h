// SPDX-License-Identifier: MIT
// The screen as a grid of cells with a cursor. Pure: main.c gives it the screen's memory, the host tests an array.
//
// Writing changes a copy in ordinary memory and notes what became different; grid_show brings that to the screen. So a
// whole write appears at once, reading the slow screen back is never needed, and scrolling moves no cell: the rows of
// the copy are a ring.
#pragma once

#include <stddef.h>
#include <stdint.h>

#define GRID_ROWS 25
#define GRID_COLUMNS 80
#define GRID_CELLS (GRID_ROWS * GRID_COLUMNS)
#define GRID_TAB 8

// A cell is what the VGA wants: the character in the low byte, the attribute in the high one.
#define CELL(CHARACTER, ATTRIBUTE) ((uint16_t)((uint32_t)(ATTRIBUTE) << 8 | (uint8_t)(CHARACTER)))

struct grid {
    // set at the start, never changed
    volatile uint16_t *screen; // GRID_CELLS cells, aligned to 8 bytes
    // the cursor: where the next character goes
    uint8_t row;    // < GRID_ROWS
    uint8_t column; // ≤ GRID_COLUMNS: behind a full row, it wraps only when another character comes
    // the copy: screen row r is cells[(first + r) % GRID_ROWS]
    uint8_t first;
    _Alignas(8) uint16_t cells[GRID_ROWS][GRID_COLUMNS];
    // the part of the screen that is not shown yet: cells from stale_from up to, not including, stale_to
    uint16_t stale_from, stale_to;
};

// Takes over a screen as it is: what it shows stays.
void grid_adopt(struct grid *grid, volatile uint16_t *screen, uint8_t row, uint8_t column);

// Blanks everything in a colour; the cursor goes to the start of the last row.
void grid_clear(struct grid *grid, uint8_t attribute);

// Writes text, any bytes: see the interface for what each does.
void grid_write(struct grid *grid, const char *text, size_t length, uint8_t attribute);

// Stores what became different to the screen.
void grid_show(struct grid *grid);

// Both.
void grid_print(struct grid *grid, const char *text, size_t length, uint8_t attribute);

// Reads `count` cells from the screen itself: two bytes each, character first. The run must lie within the screen.
void grid_read(const struct grid *grid, size_t first, size_t count, uint8_t *out);

// Where the hardware cursor belongs: it cannot stand behind the last column.
uint16_t grid_cursor_cell(const struct grid *grid);
