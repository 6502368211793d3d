// SPDX-License-Identifier: MIT
#include "user/snake/screen.h"

#include "common/string.h"
#include "interfaces/vga.h"
#include "libsys/start.h"
#include "libsys/stdio.h"

#define TOP 1  // the row of the upper wall
#define EDGE 1 // the column of the left one
#define BOTTOM (TOP + FIELD_ROWS + 1)
#define LAST_ROW 24
#define PARKED 79 // the cursor's column while nobody else writes
#define BOX_COLUMNS 30
#define BOX_ROW (TOP + FIELD_ROWS / 2 - 1)
#define BOX_COLUMN ((80 - BOX_COLUMNS) / 2)

enum {
    GREY = 0x07,
    WALL = 0x08,
    TITLE = 0x0e,
    HEAD = 0x2f,
    BODY = 0x0a,
    APPLE = 0x0c,
    BOX = 0x70,
};

static bool failed; // a call since the last drawing

static void note(err_t error) { failed |= error != OK; }

static void write_at(uint8_t row, uint8_t column, uint8_t attribute, const char *text)
{
    static int colour = -1; // ours as vga knows it
    const cap_t vga = cap_named("vga");
    if (failed || colour != attribute) note(vga_set_color(vga, attribute));
    colour = attribute;
    note(vga_move(vga, row, column));
    note(vga_write(vga, text, strlen(text)));
}

static void put(uint16_t cell, uint8_t attribute, const char *two)
{
    write_at((uint8_t)(TOP + 1 + cell / FIELD_COLUMNS), (uint8_t)(EDGE + 1 + 2 * (cell % FIELD_COLUMNS)), attribute,
             two);
}

// The cursor cannot be hidden: it waits in the corner.
static void park(void) { note(vga_move(cap_named("vga"), LAST_ROW, PARKED)); }

static void draw_head(const struct game *game)
{
    static const char *const faces[] = {[RIGHT] = " :", [DOWN] = "..", [LEFT] = ": ", [UP] = "''"};
    put(game_head(game), HEAD, faces[game->facing]);
}

static void draw_apple(const struct game *game)
{
    if (game->apple != NO_CELL) put(game->apple, APPLE, "()");
}

static void draw_score(const struct game *game, uint32_t best)
{
    char text[80];
    snprintf(text, sizeof text, "score %-5u best %-5u", game->score, best > game->score ? best : game->score);
    write_at(0, EDGE + 2 * FIELD_COLUMNS - 20, TITLE, text);
}

static void draw_wall(int row, const char *left, const char *middle, const char *right)
{
    char text[3 * (2 * FIELD_COLUMNS + 2) + 1]; // three bytes a character
    size_t used = (size_t)snprintf(text, sizeof text, "%s", left);
    for (int i = 0; i < 2 * FIELD_COLUMNS; i++)
        used += (size_t)snprintf(text + used, sizeof text - used, "%s", middle);
    snprintf(text + used, sizeof text - used, "%s", right);
    write_at((uint8_t)row, EDGE, WALL, text);
}

void screen_draw(const struct game *game, uint32_t best)
{
    failed = false;
    note(vga_set_color(cap_named("vga"), GREY));
    note(vga_clear(cap_named("vga")));
    write_at(0, EDGE, TITLE, "SNAKE");
    draw_wall(TOP, "╔", "═", "╗");
    for (int row = TOP + 1; row < BOTTOM; row++)
        draw_wall(row, "║", " ", "║");
    draw_wall(BOTTOM, "╚", "═", "╝");
    write_at(LAST_ROW, EDGE, GREY, "arrows or w a s d: turn   p: pause   r: new game   q: back to the shell");
    for (uint32_t i = 0; i + 1 < game->length; i++)
        put(game->cells[(game->tail + i) % FIELD_CELLS], BODY, "██");
    draw_head(game);
    draw_apple(game);
    draw_score(game, best);
    park();
}

bool screen_is_whole(void)
{
    struct vga_cursor_reply at;
    return !failed && vga_cursor(cap_named("vga"), &at) == OK && at.row == LAST_ROW && at.column == PARKED;
}

void screen_step(const struct game *game, const struct step *step, uint32_t best)
{
    if (step->freed != NO_CELL && step->freed != step->head) put(step->freed, GREY, "  ");
    put(step->neck, BODY, "██");
    draw_head(game);
    if (step->ate) {
        draw_apple(game);
        draw_score(game, best);
    }
    park();
}

void screen_box(const char *first, const char *second)
{
    const char *const lines[] = {"", first, second, ""};
    char text[BOX_COLUMNS + 1];
    for (uint8_t i = 0; i < 4; i++) {
        int before = (BOX_COLUMNS - (int)strlen(lines[i])) / 2;
        snprintf(text, sizeof text, "%*s%-*s", before, "", BOX_COLUMNS - before, lines[i]);
        write_at(BOX_ROW + i, BOX_COLUMN, BOX, text);
    }
    park();
}

void screen_leave(void)
{
    note(vga_set_color(cap_named("vga"), GREY));
    note(vga_clear(cap_named("vga")));
}
