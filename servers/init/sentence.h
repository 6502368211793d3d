// SPDX-License-Identifier: MIT
// What people read when a process has died: one sentence with its name, the cause in plain words, and where.
#pragma once

#include "abi/fault.h"
#include "abi/types.h"

#define FAULT_KILLED 34u // behind the causes of abi/fault.h: somebody asked init to end it

#define SENTENCE_MAX 256 // bytes, the closing NUL included
#define SYMBOL_SHOWN 48  // bytes of a symbol's name

struct death {
    const char *name;
    uint64_t words[MESSAGE_WORDS]; // enum fault_word
    uint64_t stack_bottom;         // a touch of the page below it is a stack overflow
    const char *symbol;            // NULL: none is known
    uint64_t offset;               // into the symbol
    const char *text;              // FAULT_PANIC: what the process said
    size_t text_length;
};

// Writes the sentence, without a newline.
void death_sentence(char out[SENTENCE_MAX], const struct death *death);

// One line of a backtrace: "    at 0x401234 main+0x14".
void death_place(char out[SENTENCE_MAX], uint64_t address, const char *symbol, uint64_t offset);
