// SPDX-License-Identifier: MIT
#include "servers/testd/cases.h"

#include "common/mem.h"
#include "common/string.h"
#include "interfaces/init.h"

#define PROGRAMS_MAX 8

static struct test_case cases[CASES_MAX];
static uint32_t case_count;
static char programs[PROGRAMS_MAX][NAME_SIZE];
static uint32_t program_count;

// --- words, each closed by a NUL

// The value of the word key=VALUE, after `from` (NULL: from the first on); NULL: there is none.
static const char *value_of(const char *words, size_t length, const char *key, const char *from)
{
    size_t key_length = strlen(key);
    const char *at = from == NULL ? words : from + strlen(from) + 1;
    for (; at < words + length; at += strlen(at) + 1)
        if (strncmp(at, key, key_length) == 0) return at + key_length;
    return NULL;
}

static bool has_value(const char *words, size_t length, const char *key, const char *value)
{
    for (const char *at = NULL; (at = value_of(words, length, key, at)) != NULL;)
        if (strcmp(at, value) == 0) return true;
    return false;
}

// The last part of a path.
static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

// --- programs

bool cases_next_program(cap_t init, const char *words, size_t length, uint32_t *index)
{
    struct init_program_reply program;
    while (program_count < PROGRAMS_MAX && init_program(init, (*index)++, &program) == OK) {
        bool is_named = value_of(words, length, "program=", NULL) != NULL;
        bool is_meant = is_named ? has_value(words, length, "program=", program.name)
                                 : strncmp(program.name, PROGRAM_PREFIX, strlen(PROGRAM_PREFIX)) == 0;
        if (!is_meant) continue;
        copy_text(programs[program_count++], NAME_SIZE, program.name);
        return true;
    }
    return false;
}

const char *cases_program(uint32_t number) { return programs[number]; }

const char *cases_newest_program(void) { return programs[program_count - 1]; }

void cases_forget(void) { case_count = program_count = 0; }

// --- cases

static int find(const char *name)
{
    for (uint32_t i = 0; i < case_count; i++)
        if (strcmp(cases[i].name, name) == 0) return (int)i;
    return -1;
}

err_t cases_add(const struct testd_declare *declared)
{
    if (case_count == CASES_MAX) return ERR_FULL;
    if (find(declared->name) >= 0) return ERR_EXISTS;
    struct test_case *new = &cases[case_count++];
    new->program = program_count - 1;
    new->milliseconds = declared->milliseconds != 0 ? declared->milliseconds : USUAL_LIMIT;
    new->pages = declared->pages;
    copy_text(new->name, sizeof new->name, declared->name);
    copy_text(new->file, sizeof new->file, declared->file);
    copy_text(new->kills, sizeof new->kills, declared->kills);
    return OK;
}

uint32_t cases_count(void) { return case_count; }

const struct test_case *cases_at(uint32_t number) { return &cases[number]; }

bool cases_chosen(uint32_t number, const char *words, size_t length)
{
    bool is_choice = false, is_chosen = false;
    const char *after = value_of(words, length, "after=", NULL);
    if (after != NULL && (int)number <= find(after)) return false;
    for (const char *word = words; word < words + length; word += strlen(word) + 1) {
        bool is_file = strncmp(word, "file=", 5) == 0;
        if (!is_file && strchr(word, '=') != NULL) continue;
        is_choice = true;
        is_chosen |=
            strcmp(is_file ? word + 5 : word, is_file ? file_name(cases[number].file) : cases[number].name) == 0;
    }
    return is_chosen || !is_choice;
}
