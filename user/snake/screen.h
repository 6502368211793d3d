// SPDX-License-Identifier: MIT
// The game on the text screen: two columns a cell, because a character is twice as high as it is wide.
#pragma once

#include "user/snake/game.h"

// Draws everything. best: the highest score so far.
void screen_draw(const struct game *game, uint32_t best);

// False: somebody else has written since the last drawing (init, when a server dies), or vga did not take all of it.
bool screen_is_whole(void);

// Draws what a step has changed.
void screen_step(const struct game *game, const struct step *step, uint32_t best);

// A box with two lines in the middle of the field.
void screen_box(const char *first, const char *second);

// An empty screen, as the shell wants it.
void screen_leave(void);
