// SPDX-License-Identifier: MIT
#include "servers/vga/kept.h"

void kept_save(struct vga_kept *kept, const struct grid *grid, const struct colors *colors)
{
    kept->row = grid->row;
    kept->column = grid->column;
    kept->first = grid->first;
    __builtin_memset(kept->reserved, 0, sizeof kept->reserved);
    __builtin_memcpy(kept->cells, grid->cells, sizeof kept->cells);
    kept->colors = *colors;
}

bool kept_load(const struct vga_kept *kept, size_t length, struct grid *grid, volatile uint16_t *screen,
               struct colors *colors)
{
    if (length != sizeof *kept || kept->colors.count > COLOR_CLIENTS) return false;
    if (kept->row >= GRID_ROWS || kept->column > GRID_COLUMNS || kept->first >= GRID_ROWS) return false;
    grid->screen = screen;
    grid->row = kept->row;
    grid->column = kept->column;
    grid->first = kept->first;
    __builtin_memcpy(grid->cells, kept->cells, sizeof grid->cells);
    grid->stale_from = 0;
    grid->stale_to = GRID_CELLS;
    *colors = kept->colors;
    return true;
}
