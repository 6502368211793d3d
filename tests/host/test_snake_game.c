// SPDX-License-Identifier: MIT
// The rules of snake.
// sources: user/snake/game.c libsys/random.c
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "user/snake/game.h"

static struct game started(uint64_t seed)
{
    struct game game = {.random = seed};
    game_start(&game);
    return game;
}

static uint16_t cell_of(const struct game *game, uint32_t place)
{
    return game->cells[(game->tail + place) % FIELD_CELLS];
}

static int distance(uint16_t a, uint16_t b)
{
    return abs(a % FIELD_COLUMNS - b % FIELD_COLUMNS) + abs(a / FIELD_COLUMNS - b / FIELD_COLUMNS);
}

// Everything that must hold between two steps.
static void check(const struct game *game)
{
    uint32_t taken = 0;
    for (uint32_t i = 0; i < FIELD_CELLS; i++)
        taken += game->taken[i];
    assert_int_equal(taken, game->length);
    for (uint32_t i = 0; i < game->length; i++) {
        assert_true(game->taken[cell_of(game, i)]);
        if (i > 0) assert_int_equal(distance(cell_of(game, i - 1), cell_of(game, i)), 1);
    }
    assert_int_equal(game->length, START_LENGTH + game->score);
    if (game->apple != NO_CELL) assert_false(game->taken[game->apple]);
}

static void a_step_moves_head_and_tail_by_one_cell(void **state)
{
    (void)state;
    struct game game = started(1);
    game.apple = 0;
    uint16_t head = game_head(&game), tail = cell_of(&game, 0);
    struct step step = game_step(&game);
    assert_int_equal(step.head, head + 1);
    assert_int_equal(step.neck, head);
    assert_int_equal(step.freed, tail);
    assert_false(step.ate);
    check(&game);
}

static void an_apple_makes_it_longer_and_another_apple_appears(void **state)
{
    (void)state;
    struct game game = started(1);
    game.apple = (uint16_t)(game_head(&game) + 1);
    struct step step = game_step(&game);
    assert_true(step.ate);
    assert_int_equal(step.freed, NO_CELL);
    assert_int_equal(game.score, 1);
    assert_int_not_equal(game.apple, step.head);
    check(&game);
}

static void the_way_back_is_no_turn_and_two_turns_are_remembered(void **state)
{
    (void)state;
    struct game game = started(1);
    game.apple = 0;
    uint16_t head = game_head(&game);
    game_turn(&game, LEFT);
    game_turn(&game, RIGHT);
    assert_int_equal(game.turn_count, 0);
    game_turn(&game, UP);
    game_turn(&game, DOWN); // back from the turn that is waiting
    game_turn(&game, LEFT);
    game_turn(&game, DOWN); // a third one is too many
    assert_int_equal(game_step(&game).head, head - FIELD_COLUMNS);
    assert_int_equal(game_step(&game).head, head - FIELD_COLUMNS - 1);
    assert_int_equal(game_step(&game).head, head - FIELD_COLUMNS - 2);
    assert_int_equal(game.state, PLAYING);
}

static void every_wall_ends_the_game_and_then_nothing_moves(void **state)
{
    (void)state;
    const struct {
        enum direction ways[2];
        int steps;
    } walls[] = {
        {{RIGHT, RIGHT}, FIELD_COLUMNS},
        {{DOWN, DOWN}, FIELD_ROWS},
        {{UP, UP}, FIELD_ROWS},
        {{UP, LEFT}, FIELD_COLUMNS},
    };
    for (int w = 0; w < 4; w++) {
        struct game game = started(1);
        game.apple = 0;
        game_turn(&game, walls[w].ways[0]);
        game_turn(&game, walls[w].ways[1]);
        for (int i = 0; i < walls[w].steps; i++)
            game_step(&game);
        assert_int_equal(game.state, LOST);
        uint16_t head = game_head(&game);
        assert_int_equal(game_step(&game).head, head);
        check(&game);
    }
}

static void it_may_follow_its_tail_and_may_not_bite_itself(void **state)
{
    (void)state;
    // Four cells fit into a circle of four: the head follows the tail.
    struct game game = started(1);
    game.apple = 0;
    const enum direction circle[] = {DOWN, LEFT, UP, RIGHT};
    for (int i = 0; i < 40; i++) {
        game_turn(&game, circle[i % 4]);
        game_step(&game);
        assert_int_equal(game.state, PLAYING);
        check(&game);
    }
    // Five do not.
    game = started(1);
    game.apple = (uint16_t)(game_head(&game) + 1);
    game_step(&game);
    game.apple = 0;
    for (int i = 0; i < 3; i++) {
        game_turn(&game, circle[i]);
        game_step(&game);
    }
    assert_int_equal(game.state, LOST);
}

// Up and down the columns, back along the top row: visits every cell, so it eats every apple. The last one wins.
static void a_full_field_is_won(void **state)
{
    (void)state;
    struct game game = started(7);
    _Static_assert(FIELD_COLUMNS % 2 == 0, "the tour closes");
    for (uint32_t i = 0; i < 1u << 21 && game.state == PLAYING; i++) {
        uint16_t head = game_head(&game), column = head % FIELD_COLUMNS, row = head / FIELD_COLUMNS;
        enum direction way = column % 2 == 0 ? DOWN : UP;
        if (row == 0) way = column == 0 ? DOWN : LEFT;
        if (row == FIELD_ROWS - 1 && column % 2 == 0) way = RIGHT;
        if (row == 1 && column % 2 == 1 && column < FIELD_COLUMNS - 1) way = RIGHT;
        game_turn(&game, way);
        game_step(&game);
    }
    assert_int_equal(game.state, WON);
    assert_int_equal(game.length, FIELD_CELLS);
    assert_int_equal(game.apple, NO_CELL);
}

static void a_million_random_steps_break_no_rule(void **state)
{
    (void)state;
    srand(3);
    struct game game = started(3);
    uint32_t games = 1;
    for (int i = 0; i < 1000000; i++) {
        // Mostly towards the apple, so that it grows.
        uint16_t head = game_head(&game), apple = game.apple;
        if (rand() % 4 == 0)
            game_turn(&game, (enum direction)(rand() % 4));
        else if (head % FIELD_COLUMNS != apple % FIELD_COLUMNS)
            game_turn(&game, head % FIELD_COLUMNS < apple % FIELD_COLUMNS ? RIGHT : LEFT);
        else
            game_turn(&game, head < apple ? DOWN : UP);
        game_step(&game);
        if (i % 16 == 0) check(&game);
        if (game.state == PLAYING) continue;
        games++;
        game_start(&game);
    }
    assert_true(games > 100);
}

static void the_same_seed_is_the_same_game_and_the_next_game_another(void **state)
{
    (void)state;
    struct game a = started(5), b = started(5);
    assert_int_equal(a.apple, b.apple);
    uint16_t first = a.apple, others = 0;
    for (int i = 0; i < 20; i++) {
        game_start(&a);
        others += a.apple != first;
    }
    assert_true(others > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_moves_head_and_tail_by_one_cell),
        cmocka_unit_test(an_apple_makes_it_longer_and_another_apple_appears),
        cmocka_unit_test(the_way_back_is_no_turn_and_two_turns_are_remembered),
        cmocka_unit_test(every_wall_ends_the_game_and_then_nothing_moves),
        cmocka_unit_test(it_may_follow_its_tail_and_may_not_bite_itself),
        cmocka_unit_test(a_full_field_is_won),
        cmocka_unit_test(a_million_random_steps_break_no_rule),
        cmocka_unit_test(the_same_seed_is_the_same_game_and_the_next_game_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
