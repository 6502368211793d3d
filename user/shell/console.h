// SPDX-License-Identifier: MIT
// The shell's screen and keyboard: vga and kbd, either of which may die at any moment and come back.
#pragma once

#include "abi/types.h"

// Writes the bytes in one call, so that nobody's text comes between them. While vga is being restarted it is tried
// again; when vga was given up on, the text is lost.
void console_write(const char *text, size_t length);
void console_print(const char *text, ...) __attribute__((format(printf, 1, 2)));
void console_clear(void);

// Begins a new row unless the cursor is at the start of one: a program need not end its last line.
void console_fresh_row(void);

// The screen's cursor, counted in cells from the top left. False while vga is away.
bool console_where(uint32_t *cell);
void console_move(uint32_t cell);

// Asks kbd to set `bits` on our endpoint when a key is waiting. Repeated now and then: a kbd that was restarted knows
// nobody.
void keys_subscribe(void);

// The next key that means something to the line editor (user/shell/line.h). False when there is none for now.
bool keys_next(uint32_t *key);
