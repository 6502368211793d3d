// SPDX-License-Identifier: MIT
// The cases that there are, as their programs declare them, and the choice of those that are to run.
#pragma once

#include "interfaces/testd.h"

#define CASES_MAX 512
#define PROGRAM_PREFIX "cases" // the names of programs of cases begin with this
#define USUAL_LIMIT 500        // milliseconds

struct test_case {
    uint32_t program; // number, for cases_program
    uint32_t milliseconds;
    uint32_t pages;
    char name[TESTD_DECLARE_NAME_MAX + 1];
    char file[TESTD_DECLARE_FILE_MAX + 1];
    char kills[TESTD_DECLARE_KILLS_MAX + 1];
};

// The next program of cases from *index on (0 at first), of init's list; false: there is no other. Those are meant whose
// names begin with PROGRAM_PREFIX, or those that the words name: program=NAME.
bool cases_next_program(cap_t init, const char *words, size_t length, uint32_t *index);
const char *cases_program(uint32_t number);
const char *cases_newest_program(void);
void cases_forget(void);

// A declaration of the program that was taken last.
err_t cases_add(const struct testd_declare *declared);

uint32_t cases_count(void);
const struct test_case *cases_at(uint32_t number);

// Does the choice name this case? Words: a case's name, file=NAME.c, after=NAME (only those behind it, in the order of
// declaration). Names and files are a choice; without any, all cases are meant.
bool cases_chosen(uint32_t number, const char *words, size_t length);
