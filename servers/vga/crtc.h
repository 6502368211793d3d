// SPDX-License-Identifier: MIT
// The VGA's CRT controller (IBM VGA technical reference, "CRT Controller Registers"): which cell the screen starts with,
// and the hardware cursor.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// Shows the screen's memory from its first cell and makes the cursor an underline. Returns the cell at which the cursor
// stands. Without the capability "ports3d4" nothing happens and the answer is 0xffff.
uint16_t crtc_start(void);

bool crtc_present(void);

// Moves the cursor to a cell. Writes only the registers whose value changes: each is a trap.
void crtc_move_cursor(uint16_t cell);
