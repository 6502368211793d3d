// SPDX-License-Identifier: MIT
// Writes of any bytes, cut anywhere, with the cursor moved in between, against the plain model.
// sources: servers/vga/grid.c servers/vga/cp437.c common/utf8.c
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "servers/vga/grid.h"
#include "tests/host/vga_model.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct grid grid;
static _Alignas(8) uint16_t screen[GRID_CELLS];
static struct model model;

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    grid_adopt(&grid, screen, 0, 0);
    grid_clear(&grid, 0x07);
    model_start(&model);
    while (size >= 2) {
        uint8_t length = data[0], attribute = data[1];
        data += 2;
        size -= 2;
        if (length == 0xff) {
            grid.row = model.row = attribute % GRID_ROWS;
            grid.column = model.column = attribute % (GRID_COLUMNS + 1);
            continue;
        }
        size_t taken = length < size ? length : size;
        grid_write(&grid, (const char *)data, taken, attribute);
        model_write(&model, (const char *)data, taken, attribute);
        data += taken;
        size -= taken;
    }
    grid_show(&grid);
    if (memcmp(screen, model.cells, sizeof screen) != 0 || grid.row != model.row || grid.column != model.column)
        abort();
    return 0;
}
