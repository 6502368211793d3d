// SPDX-License-Identifier: MIT
// Runs tasks in a program of its own: async dots=20 keys. The same tasks as in the server tasks, by the same library.
// `async -p TASK...` polls instead of sleeping, to show what that costs.
#include "common/string.h"
#include "libsys/async/builtin.h"
#include "libsys/async/run.h"
#include "libsys/error.h"
#include "libsys/start.h"
#include "libsys/stdio.h"
#include "libsys/time.h"

#define PLACES 16u
#define SIMPLE_TURNS 100000u

static struct executor executor;
static struct task tasks[PLACES];

// "dots=20": the name, and the number behind it.
static err_t spawn(const char *word)
{
    char name[TASK_NAME] = "";
    size_t length = 0;
    while (word[length] != '\0' && word[length] != '=')
        length++;
    if (length >= sizeof name) return ERR_NOT_FOUND;
    copy_text(name, length + 1, word);
    return builtin_spawn(&executor, name, word[length] == '=' ? word + length + 1 : "", NULL);
}

static int usage(void)
{
    printf("async [-p] TASK[=NUMBER]...\n");
    for (uint32_t i = 0; i < builtin_count; i++)
        printf("%-8s %s\n", builtins[i].kind.name, builtins[i].about);
    return 1;
}

int main(int argc, char **argv)
{
    bool simple = argc > 1 && strcmp(argv[1], "-p") == 0;
    executor_start(&executor, tasks, PLACES, clock_now);
    executor.pause = NS_PER_MS; // the shell has a lower priority
    if (argc < (simple ? 3 : 2)) return usage();
    for (int i = simple ? 2 : 1; i < argc; i++) {
        err_t error = spawn(argv[i]);
        if (error == OK) continue;
        print_error(argv[i], error);
        return usage();
    }
    const cap_t self = cap_named("self");
    err_t error = simple ? async_run_simple(&executor, self, SIMPLE_TURNS) : async_run(&executor, self);
    if (error != OK) {
        print_error("async", error);
        return 1;
    }
    printf("\nasync: %llu tasks, %llu polls\n", (unsigned long long)executor.ended, (unsigned long long)executor.polls);
    return 0;
}
