// SPDX-License-Identifier: MIT
#include "servers/vga/grid.h"

#include "common/utf8.h"
#include "servers/vga/cp437.h"

// Four cells in one store. The screen is an array of cells for everybody else, hence may_alias.
typedef uint64_t __attribute__((may_alias)) four_cells;
_Static_assert(GRID_COLUMNS % 4 == 0, "a row is whole groups of four cells");

static uint16_t *row_of(struct grid *grid, uint32_t row)
{
    uint32_t i = grid->first + row;
    return grid->cells[i < GRID_ROWS ? i : i - GRID_ROWS];
}

static void mark(struct grid *grid, uint32_t from, uint32_t to)
{
    if (from < grid->stale_from) grid->stale_from = (uint16_t)from;
    if (to > grid->stale_to) grid->stale_to = (uint16_t)to;
}

static void blank_row(struct grid *grid, uint32_t row, uint8_t attribute)
{
    four_cells *groups = (four_cells *)row_of(grid, row);
    for (size_t i = 0; i < GRID_COLUMNS / 4; i++)
        groups[i] = CELL(' ', attribute) * 0x0001000100010001ull;
}

static void scroll(struct grid *grid, uint8_t attribute)
{
    grid->first = grid->first + 1 < GRID_ROWS ? (uint8_t)(grid->first + 1) : 0;
    blank_row(grid, GRID_ROWS - 1, attribute); // the ring's last row was the top one: it is lost here
    mark(grid, 0, GRID_CELLS);
}

static void new_line(struct grid *grid, uint8_t attribute)
{
    grid->column = 0;
    if (grid->row + 1 < GRID_ROWS)
        grid->row++;
    else
        scroll(grid, attribute);
}

static void put(struct grid *grid, uint8_t glyph, uint8_t attribute)
{
    if (grid->column == GRID_COLUMNS) new_line(grid, attribute);
    row_of(grid, grid->row)[grid->column] = CELL(glyph, attribute);
    uint32_t cell = grid->row * (uint32_t)GRID_COLUMNS + grid->column++;
    mark(grid, cell, cell + 1);
}

// To the next stop, or to the end of the row: a tab alone never wraps twice.
static void tab(struct grid *grid, uint8_t attribute)
{
    do
        put(grid, ' ', attribute);
    while (grid->column % GRID_TAB != 0);
}

static void back(struct grid *grid)
{
    if (grid->column > 0) {
        grid->column--;
    } else if (grid->row > 0) { // a line that wrapped can be erased backwards
        grid->row--;
        grid->column = GRID_COLUMNS - 1;
    }
}

// One control character or one that is not ASCII; returns the bytes it takes.
static size_t put_special(struct grid *grid, const char *text, size_t length, uint8_t attribute)
{
    uint32_t code;
    size_t taken = utf8_decode(text, length, &code);
    switch (code) {
    case '\n':
        new_line(grid, attribute);
        break;
    case '\r':
        grid->column = 0;
        break;
    case '\b':
        back(grid);
        break;
    case '\t':
        tab(grid, attribute);
        break;
    default: // UTF8_INVALID has no glyph either
        put(grid, cp437_from_unicode(code), attribute);
    }
    return taken;
}

static bool is_plain(char c) { return c >= ' ' && c < 0x7f; }

void grid_write(struct grid *grid, const char *text, size_t length, uint8_t attribute)
{
    for (const char *end = text + length; text < end;) {
        if (is_plain(*text))
            put(grid, (uint8_t)*text++, attribute);
        else
            text += put_special(grid, text, (size_t)(end - text), attribute);
    }
}

// One character in a row that has room, as typing brings them: straight to the screen. False: nothing was done.
static bool type(struct grid *grid, char c, uint8_t attribute)
{
    if (!is_plain(c) || grid->column == GRID_COLUMNS || grid->stale_to != 0) return false;
    const uint16_t cell = CELL(c, attribute);
    row_of(grid, grid->row)[grid->column] = cell;
    grid->screen[grid->row * (uint32_t)GRID_COLUMNS + grid->column++] = cell;
    return true;
}

void grid_show(struct grid *grid)
{
    uint32_t i = grid->stale_from;
    while (i < grid->stale_to) {
        uint32_t row = i / GRID_COLUMNS, start = row * GRID_COLUMNS, end = start + GRID_COLUMNS;
        const uint16_t *cells = row_of(grid, row);
        if (end > grid->stale_to) end = grid->stale_to;
        while (i < end) {
            if (i % 4 == 0 && i + 4 <= end) {
                *(volatile four_cells *)&grid->screen[i] = *(const four_cells *)&cells[i - start];
                i += 4;
            } else {
                grid->screen[i] = cells[i - start];
                i++;
            }
        }
    }
    grid->stale_from = GRID_CELLS;
    grid->stale_to = 0;
}

void grid_print(struct grid *grid, const char *text, size_t length, uint8_t attribute)
{
    if (length == 1 && type(grid, *text, attribute)) return;
    grid_write(grid, text, length, attribute);
    grid_show(grid);
}

void grid_clear(struct grid *grid, uint8_t attribute)
{
    for (uint32_t row = 0; row < GRID_ROWS; row++)
        blank_row(grid, row, attribute);
    mark(grid, 0, GRID_CELLS);
    grid->row = GRID_ROWS - 1;
    grid->column = 0;
}

void grid_adopt(struct grid *grid, volatile uint16_t *screen, uint8_t row, uint8_t column)
{
    grid->screen = screen;
    grid->first = 0;
    for (uint32_t i = 0; i < GRID_CELLS; i++)
        grid->cells[i / GRID_COLUMNS][i % GRID_COLUMNS] = screen[i];
    grid->row = row;
    grid->column = column;
    grid->stale_from = GRID_CELLS;
    grid->stale_to = 0;
}

void grid_read(const struct grid *grid, size_t first, size_t count, uint8_t *out)
{
    for (size_t i = 0; i < count; i++) {
        uint16_t cell = grid->screen[first + i];
        out[2 * i] = (uint8_t)cell;
        out[2 * i + 1] = (uint8_t)(cell >> 8);
    }
}

uint16_t grid_cursor_cell(const struct grid *grid)
{
    uint32_t column = grid->column < GRID_COLUMNS ? grid->column : GRID_COLUMNS - 1;
    return (uint16_t)(grid->row * (uint32_t)GRID_COLUMNS + column);
}
