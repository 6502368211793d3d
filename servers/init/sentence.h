// SPDX-License-Identifier: MIT
// What people read when a process has died: one sentence with its name, the cause in plain words, and where.
#pragma once

#include "abi/fault.h"
#include "abi/types.h"

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

// A page fault's error code, bit by bit, as the processor's manual names them: "P=0 W=1 U=1 RSVD=0 I=0".
void death_bits(char out[SENTENCE_MAX], uint64_t code);

// A place for people, as in a backtrace: " at 0x401234 main+0x14".
void death_place(char out[SENTENCE_MAX], uint64_t address, const char *symbol, uint64_t offset);
