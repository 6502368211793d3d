// SPDX-License-Identifier: MIT
// The rules of the game, without clock, keys and screen: the host tests play it a million steps.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define FIELD_COLUMNS 38
#define FIELD_ROWS 21
#define FIELD_CELLS (FIELD_COLUMNS * FIELD_ROWS)
#define START_LENGTH 4
#define TURNS 2 // that are remembered: a quick left-left is a U-turn, whatever the clock does in between

enum direction { RIGHT, DOWN, LEFT, UP };

enum game_state { PLAYING, LOST, WON };

// What a step has changed, for whoever draws.
struct step {
    uint16_t head;  // the new one
    uint16_t neck;  // where the head was
    uint16_t freed; // the cell that the tail has left; NO_CELL: it grew
    bool ate;
};

#define NO_CELL 0xffffu

struct game {
    enum game_state state;
    uint32_t score;
    uint64_t random; // libsys/random.h
    uint16_t apple;  // NO_CELL: no place is left for one
    // the snake: cells[tail] … cells[tail + length − 1], the head last, in a ring
    uint16_t cells[FIELD_CELLS];
    uint16_t tail, length;
    bool taken[FIELD_CELLS]; // by the snake
    enum direction facing;
    enum direction turns[TURNS];
    uint8_t turn_count;
};

// A new game; the random numbers go on from where they are.
void game_start(struct game *game);

// Asks for a turn at the next step. Backwards, or the way that it goes already, is no turn.
void game_turn(struct game *game, enum direction way);

// One step. Nothing moves when the game is over.
struct step game_step(struct game *game);

uint16_t game_head(const struct game *game);
