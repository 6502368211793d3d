// SPDX-License-Identifier: MIT
// The text screen, for the kernel's last words and for what goes wrong before anything else can show it.
#pragma once

#include "abi/types.h"

#define SCREEN_ERROR 0x4f // white on red

void screen_init(bool text_mode);     // false: there is no text screen; nothing is ever written
void screen_begin(uint8_t attribute); // the next line goes to the top, in that colour
void screen_line(const char *text, size_t length);
