// SPDX-License-Identifier: MIT
#include "user/shell/command.h"

#include "abi/syscall.h"
#include "common/string.h"
#include "interfaces/init.h"
#include "libsys/error.h"
#include "libsys/start.h"
#include "libsys/stdlib.h"
#include "libsys/syscall.h"
#include "user/shell/console.h"
#include "user/shell/jobs.h"
#include "user/shell/nearest.h"

#define NAME_WIDTH 10

static void tell_usage(const struct command *command)
{
    console_print("%s %s\n  %s\n", command->name, command->arguments, command->summary);
    if (command->help[0]) console_print("  %s\n", command->help);
}

// Calls visit with the name of each program that can be started.
static void for_each_program(void (*visit)(const char *name, void *context), void *context)
{
    struct init_program_reply program;
    for (uint32_t i = 0; init_program(cap_named("init"), i, &program) == OK; i++) {
        char name[NAME_SIZE];
        copy_text(name, sizeof name, program.name); // the visitor may overwrite the message page
        visit(name, context);
    }
}

// False: it has none of that name.
static bool tell_program(const char *name)
{
    struct init_program_reply program;
    for (uint32_t i = 0; init_program(cap_named("init"), i, &program) == OK; i++) {
        if (strcmp(program.name, name) != 0) continue;
        // A copy: printing overwrites the message page.
        char about[INIT_PROGRAM_REPLY_ABOUT_MAX + 1];
        copy_text(about, sizeof about, program.about);
        console_print("%s [WORD]... [&]\n  a program%s%s\n", name, about[0] ? ": " : "", about);
        return true;
    }
    return false;
}

static const struct command *find_command(const char *name)
{
    for (unsigned i = 0; i < command_count; i++)
        if (strcmp(commands[i].name, name) == 0) return &commands[i];
    return NULL;
}

static void offer(const char *name, void *nearest) { nearest_offer(nearest, name); }

static void tell_unknown(const char *name)
{
    struct nearest nearest;
    nearest_start(&nearest, name);
    for (unsigned i = 0; i < command_count; i++)
        nearest_offer(&nearest, commands[i].name);
    for_each_program(offer, &nearest);
    if (nearest.best[0])
        console_print("%s: no such command or program. Did you mean %s?\n", name, nearest.best);
    else
        console_print("%s: no such command or program. Type help for a list.\n", name);
}

static void print_program(const char *name, void *context)
{
    (void)context;
    console_print(" %s", name);
}

static void command_help(const struct words *words)
{
    if (words->count > 1) {
        const struct command *command = find_command(words->word[1]);
        if (command)
            tell_usage(command);
        else if (!tell_program(words->word[1]))
            tell_unknown(words->word[1]);
        return;
    }
    for (unsigned i = 0; i < command_count; i++)
        console_print("%-*s %s\n", NAME_WIDTH, commands[i].name, commands[i].summary);
    console_print("programs:");
    for_each_program(print_program, NULL);
    console_print("\n");
}

static void command_echo(const struct words *words)
{
    // One write for the whole line: nobody's text comes between the words.
    static char line[1024];
    size_t used = 0;
    for (int i = 1; i < words->count; i++) {
        if (i > 1 && used < sizeof line - 2) line[used++] = ' ';
        used += copy_text(line + used, sizeof line - 1 - used, words->word[i]);
        if (used > sizeof line - 2) used = sizeof line - 2;
    }
    line[used++] = '\n';
    console_write(line, used);
}

static void command_clear(const struct words *words)
{
    (void)words;
    console_clear();
}

static void command_run_program(const struct words *words)
{
    if (words->count < 2) {
        tell_usage(find_command("run"));
        return;
    }
    struct words program = {.count = words->count - 1, .background = words->background};
    for (int i = 0; i < program.count; i++)
        program.word[i] = words->word[i + 1];
    if (jobs_run(&program) == ERR_NOT_FOUND) tell_unknown(program.word[0]);
}

static void command_debug(const struct words *words)
{
    if (words->count < 2 || words->background) {
        tell_usage(find_command("debug"));
        return;
    }
    struct words program = {.count = words->count - 1};
    for (int i = 0; i < program.count; i++)
        program.word[i] = words->word[i + 1];
    if (jobs_debug(&program) == ERR_NOT_FOUND) tell_unknown(program.word[0]);
}

bool process_word(const char *word, uint64_t *id, const char **name)
{
    char *end;
    uint64_t number = strtoull(word, &end, 10);
    bool is_number = end != word && *end == 0;
    *id = is_number ? number : 0;
    *name = is_number ? "" : word;
    return strlen(word) < NAME_SIZE && !(is_number && number == 0);
}

static void command_kill(const struct words *words)
{
    if (words->count < 2) {
        tell_usage(find_command("kill"));
        return;
    }
    for (int i = 1; i < words->count; i++) {
        uint64_t id;
        const char *name;
        bool known = process_word(words->word[i], &id, &name);
        err_t error = known ? init_kill(cap_named("init"), id, name) : ERR_NOT_FOUND;
        if (error != OK) console_print("%s: %s\n", words->word[i], error_text(error));
    }
}

static void command_vmap_or_usage(const struct words *words)
{
    if (words->count == 2)
        command_vmap(words);
    else
        tell_usage(find_command("vmap"));
}

static void command_tasks_or_usage(const struct words *words)
{
    if (!command_tasks(words)) tell_usage(find_command("tasks"));
}

static void switch_power(uint32_t action)
{
    err_t error = power(cap_named("power"), action);
    console_print("%s\n", error_text(error));
}

static void command_reboot(const struct words *words)
{
    (void)words;
    switch_power(POWER_REBOOT);
}

static void command_poweroff(const struct words *words)
{
    (void)words;
    switch_power(POWER_OFF);
}

const struct command commands[] = {
    {"help", "[NAME]", "list the commands and programs, or explain one", "", command_help},
    {"echo", "[WORD]...", "print the words", "Quotes keep blanks: echo 'a  b'.", command_echo},
    {"clear", "", "clear the screen", "Ctrl-L does it too and keeps the line.", command_clear},
    {"run", "NAME [WORD]... [&]", "start a program",
     "With an & at the end the shell does not wait for it. NAME alone runs it too.", command_run_program},
    {"debug", "NAME [WORD]...|ID", "start a program under the debugger, or attach it to one that runs",
     "The debugger gets that program's thread and memory from init, nobody else's. Its own `help` says the rest.",
     command_debug},
    {"kill", "NAME|ID...", "end a process", "A program ends for good, a server is restarted. IDs are those of ps.",
     command_kill},
    {"ps", "", "list the processes", "Servers that were restarted show how often, and why at last.", command_ps},
    {"mem", "", "show how memory is used", "In pages of 4 KiB; then what each process has of them.", command_mem},
    {"vmap", "NAME|ID", "list what a process has mapped",
     "r read, w write, x execute, u uncached. init is asked: only it may look at all processes.",
     command_vmap_or_usage},
    {"caps", "", "list what the shell holds capabilities for", "Slot, name, type, rights and badge of each.",
     command_caps},
    {"log", "[LINES]", "show the last lines of the kernel's log", "20 lines unless you say how many.", command_log},
    {"tasks", "[list|kinds|figures] | spawn|run NAME [NUMBER] | join|cancel ID", "cooperative tasks",
     "`run` waits for the task's end, `spawn` does not; `kinds` lists what can be started.", command_tasks_or_usage},
    {"uptime", "", "say how long the machine has been up", "", command_uptime},
    {"reboot", "", "restart the machine", "", command_reboot},
    {"poweroff", "", "switch the machine off", "", command_poweroff},
};
const unsigned command_count = sizeof commands / sizeof commands[0];

void command_run(const struct words *words)
{
    if (words->count == 0) return;
    const struct command *command = find_command(words->word[0]);
    if (command)
        command->run(words);
    else if (jobs_run(words) == ERR_NOT_FOUND)
        tell_unknown(words->word[0]);
}
