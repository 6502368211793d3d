// SPDX-License-Identifier: MIT
// The text screen's server. Nobody else holds the screen's memory or the CRT controller, and one message is served at a
// time: so a write is whole, whoever else writes.
#include "abi/types.h"
#include "interfaces/vga.h"
#include "libsys/keep.h"
#include "libsys/log.h"
#include "libsys/panic.h"
#include "libsys/serve.h"
#include "libsys/start.h"
#include "servers/vga/colors.h"
#include "servers/vga/crtc.h"
#include "servers/vga/grid.h"
#include "servers/vga/kept.h"

static struct grid grid;
static struct colors colors;
static struct keep keep;

// What a successor goes on with, from this instant: before it the call has not happened, whatever was shown already,
// because the successor shows what it finds here.
static void commit(void)
{
    struct vga_kept *kept = keep_begin(&keep);
    if (kept == NULL) return;
    kept_save(kept, &grid, &colors);
    keep_commit(&keep, sizeof *kept);
}

// The text came first: it is what somebody waits for.
static void follow(void)
{
    crtc_move_cursor(grid_cursor_cell(&grid));
    commit();
}

static void show(void)
{
    grid_show(&grid);
    follow();
}

static err_t do_write(struct caller *from, const struct vga_write *in)
{
    grid_print(&grid, (const char *)in->text, in->text_length, colors_get(&colors, from->badge));
    follow();
    return OK;
}

static err_t do_set_color(struct caller *from, const struct vga_set_color *in)
{
    colors_set(&colors, from->badge, in->attribute);
    commit();
    return OK;
}

static err_t do_clear(struct caller *from)
{
    grid_clear(&grid, colors_get(&colors, from->badge));
    show();
    return OK;
}

static err_t do_read_cells(struct caller *from, const struct vga_read_cells *in, struct vga_read_cells_reply *out)
{
    static uint8_t cells[2 * GRID_CELLS];
    (void)from;
    uint32_t first = in->row * (uint32_t)GRID_COLUMNS + in->column;
    if (in->row >= GRID_ROWS || in->column >= GRID_COLUMNS || in->count > GRID_CELLS - first) return ERR_RANGE;
    grid_read(&grid, first, in->count, cells);
    out->cells = cells;
    out->cells_length = 2 * (uint32_t)in->count;
    return OK;
}

static err_t do_move(struct caller *from, const struct vga_move *in)
{
    (void)from;
    if (in->row >= GRID_ROWS || in->column > GRID_COLUMNS) return ERR_RANGE;
    grid.row = in->row;
    grid.column = in->column;
    show();
    return OK;
}

static err_t do_cursor(struct caller *from, struct vga_cursor_reply *out)
{
    (void)from;
    out->row = grid.row;
    out->column = grid.column;
    return OK;
}

// What the life before this one left. False: this is the first, or what is there cannot be trusted.
static bool inherit(volatile uint16_t *screen)
{
    uint64_t size = 0;
    size_t length;
    const char *lost;
    void *region = region_named("keep", &size);
    const struct keep_format format = {VGA_KEEP_MAGIC, VGA_KEEP_VERSION, sizeof(struct vga_kept)};
    const struct vga_kept *kept = keep_open(&keep, format, region, size, &length, &lost);
    if (kept != NULL && !kept_load(kept, length, &grid, screen, &colors)) lost = "bounds";
    if (lost != NULL) log_printf("what the last life left is thrown away: wrong %s", lost);
    return kept != NULL && lost == NULL;
}

// The first vga of a boot starts with an empty screen, as the firmware leaves it full of its own talk. A successor goes
// on where the dead one stood; if what that one left cannot be trusted, the screen's memory and the cursor's registers
// still tell all but the clients' colours.
static void start(volatile uint16_t *screen)
{
    uint16_t cell = crtc_start();
    if (inherit(screen)) {
        show();
        return;
    }
    if (cell >= GRID_CELLS) cell = GRID_CELLS - GRID_COLUMNS;
    grid_adopt(&grid, screen, (uint8_t)(cell / GRID_COLUMNS), (uint8_t)(cell % GRID_COLUMNS));
    colors_start(&colors);
    if (start_page()->generation <= 1) grid_clear(&grid, COLOR_DEFAULT);
    show();
}

int main(void)
{
    uint64_t size;
    volatile uint16_t *screen = region_named("screen", &size);
    if (screen == NULL || size < sizeof(uint16_t) * GRID_CELLS) panic("vga was given no screen memory");
    start(screen);
    log_printf("text screen of %u by %u cells, code page 437%s", GRID_COLUMNS, GRID_ROWS,
               crtc_present() ? "" : ", no port to move the cursor");
    static const struct vga_server server = {
        .write = do_write,
        .set_color = do_set_color,
        .clear = do_clear,
        .read_cells = do_read_cells,
        .move = do_move,
        .cursor = do_cursor,
    };
    err_t error = vga_serve(cap_named("self"), &server);
    panic("vga cannot receive: error %u", (unsigned)error);
}
