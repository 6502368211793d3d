// SPDX-License-Identifier: MIT
// Code page 437: the character set in the VGA's ROM font.
#pragma once

#include <stdint.h>

#define CP437_BLOCK 0xfe // shown for what the font does not have

// The glyph of a Unicode character, CP437_BLOCK where there is none (control characters have none).
uint8_t cp437_from_unicode(uint32_t code);
