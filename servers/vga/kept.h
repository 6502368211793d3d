// SPDX-License-Identifier: MIT
// What vga leaves to its successor: cells, cursor, the clients' colours. Pure: libsys/keep.h says where it lies.
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "servers/vga/colors.h"
#include "servers/vga/grid.h"

#define VGA_KEEP_MAGIC 0x7065656b2d616776ull // "vga-keep"
#define VGA_KEEP_VERSION 1

struct vga_kept {
    uint8_t row, column, first; // as in struct grid
    uint8_t reserved[5];
    uint16_t cells[GRID_ROWS][GRID_COLUMNS];
    struct colors colors;
};

void kept_save(struct vga_kept *kept, const struct grid *grid, const struct colors *colors);

// Checks every bound, then takes it over: the whole screen is to be shown afresh, because the last life may have ended
// while it was showing. False: something cannot be, and nothing was changed.
bool kept_load(const struct vga_kept *kept, size_t length, struct grid *grid, volatile uint16_t *screen,
               struct colors *colors);
