// SPDX-License-Identifier: MIT
// The shell's own commands: one table, from which also `help` and the suggestions are made.
#pragma once

#include "user/shell/words.h"

struct command {
    const char *name;
    const char *arguments; // as help shows them
    const char *summary;   // one line
    const char *help;      // the rest of what `help NAME` says
    void (*run)(const struct words *words);
};

extern const struct command commands[];
extern const unsigned command_count;

// Does what the words say: a command of the shell's own, otherwise a program.
void command_run(const struct words *words);

// A word that stands for a process: its number, or its name with the number 0. false: it is neither.
bool process_word(const char *word, uint64_t *id, const char **name);

// The parts of the table that look at the machine: user/shell/machine.c
void command_ps(const struct words *words);
void command_mem(const struct words *words);
void command_caps(const struct words *words);
void command_log(const struct words *words);
void command_vmap(const struct words *words);
void command_uptime(const struct words *words);

// user/shell/tasks.c. False: it was asked for nothing that it knows.
bool command_tasks(const struct words *words);
