// SPDX-License-Identifier: MIT
// Programs that the shell has started and that have not ended yet.
#pragma once

#include "abi/errors.h"
#include "user/shell/words.h"

#define JOBS_MAX 16 // one of them is kept for a program in front

// Starts a program with its arguments (words.word[0] is its name) and, unless it goes to the background, waits for its
// end; Ctrl-C kills it. ERR_NOT_FOUND: there is no such program. Other errors were told on the screen already.
err_t jobs_run(const struct words *words);

// The same for a debugger, which gets the program that the words start (or, by its number, one that runs) as its
// debuggee; never in the background.
err_t jobs_debug(const struct words *words);

// Called with the notification bits that arrived: tells how the programs ended to whom they belong.
void jobs_ended(uint64_t bits);

// True once after a line about a background program was printed: the prompt has to be painted again.
bool jobs_wrote_a_line(void);

// The name of an error or end in words, as `kill`, `ps` and the shell print it: "exit code 3", "PAGE FAULT", "killed".
const char *end_text(uint32_t cause, uint64_t code);
