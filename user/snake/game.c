// SPDX-License-Identifier: MIT
#include "user/snake/game.h"

#include "libsys/random.h"

static uint16_t *cell_at(struct game *game, uint32_t place) { return &game->cells[(game->tail + place) % FIELD_CELLS]; }

uint16_t game_head(const struct game *game) { return game->cells[(game->tail + game->length - 1u) % FIELD_CELLS]; }

// Each free cell is equally likely.
static void put_apple(struct game *game)
{
    uint64_t skip = random_below(&game->random, FIELD_CELLS - game->length);
    game->apple = NO_CELL;
    for (uint16_t cell = 0; cell < FIELD_CELLS && game->apple == NO_CELL; cell++)
        if (!game->taken[cell] && skip-- == 0) game->apple = cell;
}

static void grow(struct game *game, uint16_t cell)
{
    *cell_at(game, game->length++) = cell;
    game->taken[cell] = true;
}

void game_start(struct game *game)
{
    *game = (struct game){.random = game->random, .facing = RIGHT};
    const uint16_t first = FIELD_ROWS / 2 * FIELD_COLUMNS + FIELD_COLUMNS / 4;
    for (uint16_t i = 0; i < START_LENGTH; i++)
        grow(game, (uint16_t)(first + i));
    put_apple(game);
}

void game_turn(struct game *game, enum direction way)
{
    if (game->turn_count == TURNS) return;
    enum direction before = game->turn_count > 0 ? game->turns[game->turn_count - 1] : game->facing;
    // Left and right differ by two, and so do up and down.
    if ((before & 1) != (way & 1)) game->turns[game->turn_count++] = way;
}

static void take_turn(struct game *game)
{
    if (game->turn_count == 0) return;
    game->facing = game->turns[0];
    game->turns[0] = game->turns[1];
    game->turn_count--;
}

// The cell ahead; NO_CELL: the wall.
static uint16_t ahead(const struct game *game)
{
    uint16_t head = game_head(game), column = head % FIELD_COLUMNS;
    switch (game->facing) {
    case RIGHT:
        return column + 1 < FIELD_COLUMNS ? (uint16_t)(head + 1) : NO_CELL;
    case LEFT:
        return column > 0 ? (uint16_t)(head - 1) : NO_CELL;
    case DOWN:
        return head + FIELD_COLUMNS < FIELD_CELLS ? (uint16_t)(head + FIELD_COLUMNS) : NO_CELL;
    case UP:
        return head >= FIELD_COLUMNS ? (uint16_t)(head - FIELD_COLUMNS) : NO_CELL;
    }
    return NO_CELL;
}

struct step game_step(struct game *game)
{
    struct step step = {.head = game_head(game), .neck = game_head(game), .freed = NO_CELL};
    if (game->state != PLAYING) return step;
    take_turn(game);
    uint16_t to = ahead(game), end = *cell_at(game, 0);
    // The tail moves on in the same step: its cell is free for the head.
    if (to == NO_CELL || (game->taken[to] && to != end)) {
        game->state = LOST;
        return step;
    }
    step.head = to;
    step.ate = to == game->apple;
    if (!step.ate) {
        step.freed = end;
        game->taken[end] = false;
        game->tail = (uint16_t)((game->tail + 1) % FIELD_CELLS);
        game->length--;
    }
    grow(game, to);
    if (step.ate) {
        game->score++;
        put_apple(game);
        if (game->apple == NO_CELL) game->state = WON;
    }
    return step;
}
