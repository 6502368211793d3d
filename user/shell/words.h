// SPDX-License-Identifier: MIT
// From a line to words. Blanks part words; 'single' and "double" quotes keep them together; a backslash takes the next
// character as it is, but not within single quotes; an & at the end asks for the background.
#pragma once

#include "abi/types.h"

#define WORDS_MAX 32

struct words {
    char *word[WORDS_MAX + 1]; // NULL behind the last
    int count;
    bool background;
};

// Splits `line` in place; the words point into it. Returns NULL, or a sentence that says what is wrong with the line.
const char *words_split(char *line, struct words *words);
