// SPDX-License-Identifier: MIT
// UTF-8 as Unicode 15 (section 3.9, table 3-7) defines it: no overlong forms, no surrogates, nothing above U+10FFFF.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UTF8_INVALID 0xffffffffu

// Decodes what text begins with; length is at least 1. Returns the bytes it takes, 1 to 4. A byte that begins no whole
// character is taken alone, with *code = UTF8_INVALID: so every byte string decodes, byte by invalid byte.
size_t utf8_decode(const char *text, size_t length, uint32_t *code);

// Writes one character, 1 to 4 bytes, and returns how many; 0 and nothing written for what is no Unicode scalar value.
size_t utf8_encode(char out[4], uint32_t code);

bool utf8_is_valid(const char *text, size_t length);
