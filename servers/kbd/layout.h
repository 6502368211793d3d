// SPDX-License-Identifier: MIT
// Which characters the keys make: data, so that another layout is another table.
#pragma once

#include <stdint.h>

enum layout_kind {
    PLAIN,  // Caps Lock and Num Lock do not matter
    LETTER, // Caps Lock turns Shift around
    KEYPAD, // a character only with Num Lock, which Shift turns around
};

struct layout_key {
    uint16_t plain, shift, altgr; // Unicode; 0: none. Without a character of its own AltGr changes nothing
    uint8_t kind;                 // enum layout_kind
};

#define LAYOUT_KEYS 0x154 // codes from here on make no character in any layout

struct layout {
    const char *name;
    struct layout_key keys[LAYOUT_KEYS]; // by enum key
};

extern const struct layout layout_us;
