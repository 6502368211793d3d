// SPDX-License-Identifier: MIT
// The command `tasks`: what the server of that name runs.
#include "interfaces/tasks.h"
#include "common/string.h"
#include "libsys/error.h"
#include "libsys/start.h"
#include "libsys/stdlib.h"
#include "user/shell/command.h"
#include "user/shell/console.h"

typedef unsigned long long ull;

static cap_t server(void) { return cap_named("tasks"); }

static void complain(const char *what, err_t error) { console_print("tasks: %s: %s\n", what, error_text(error)); }

static const char *state_text(uint8_t state)
{
    static const char *const texts[] = {"?", "ready", "running", "waiting", "done", "cancelled"};
    return state < sizeof texts / sizeof texts[0] ? texts[state] : texts[0];
}

static void list(void)
{
    struct tasks_task_reply t;
    console_print("    ID NAME            STATE         POLLS      VALUE\n");
    for (uint32_t place = 0;; place++) {
        err_t error = tasks_task(server(), place, &t);
        if (error == ERR_EMPTY) continue;
        if (error != OK) break;
        console_print("%6llu %-15s %-9s %9llu %10llu\n", (ull)t.id, t.name, state_text(t.state), (ull)t.polls,
                      (ull)t.value);
    }
}

static void figures(void)
{
    struct tasks_figures_reply f;
    err_t error = tasks_figures(server(), &f);
    if (error != OK)
        complain("figures", error);
    else
        console_print("%u alive, %u joins, %llu spawned, %llu ended, %llu polls, %llu wakes\n", f.alive, f.joins,
                      (ull)f.spawned, (ull)f.ended, (ull)f.polls, (ull)f.wakes);
}

static void kinds(void)
{
    struct tasks_kind_reply kind;
    for (uint32_t i = 0; tasks_kind(server(), i, &kind) == OK; i++) {
        char name[TASKS_KIND_REPLY_NAME_MAX + 1];
        copy_text(name, sizeof name, kind.name); // both texts lie in the message page, which printing overwrites
        char about[TASKS_KIND_REPLY_ABOUT_MAX + 1];
        copy_text(about, sizeof about, kind.about);
        console_print("%-10s %s\n", name, about);
    }
}

// Until the task has ended; the keys belong to whatever it is meanwhile.
static void join(uint64_t id)
{
    struct tasks_join_reply reply;
    err_t error;
    do
        error = tasks_join(server(), id, &reply);
    while (error == ERR_SERVER_DIED); // the task may live on in the server's next life
    if (error != OK)
        complain("join", error);
    else
        console_print("task %llu: %s, %llu\n", (ull)id, reply.cancelled ? "cancelled" : "done", (ull)reply.value);
}

static void spawn(const struct words *words, bool waits)
{
    struct tasks_spawn_reply started;
    err_t error = tasks_spawn(server(), words->word[2], words->count > 3 ? words->word[3] : "", &started);
    if (error != OK)
        complain(words->word[2], error);
    else if (waits)
        join(started.id);
    else
        console_print("task %llu: %s\n", (ull)started.id, words->word[2]);
}

static void cancel(const char *id)
{
    err_t error = tasks_cancel(server(), strtoull(id, NULL, 10));
    if (error != OK) complain(id, error);
}

bool command_tasks(const struct words *words)
{
    const char *what = words->count > 1 ? words->word[1] : "list";
    const bool has_more = words->count > 2;
    if (strcmp(what, "list") == 0)
        list();
    else if (strcmp(what, "kinds") == 0)
        kinds();
    else if (strcmp(what, "figures") == 0)
        figures();
    else if (strcmp(what, "spawn") == 0 && has_more)
        spawn(words, false);
    else if (strcmp(what, "run") == 0 && has_more)
        spawn(words, true);
    else if (strcmp(what, "join") == 0 && has_more)
        join(strtoull(words->word[2], NULL, 10));
    else if (strcmp(what, "cancel") == 0 && has_more)
        cancel(words->word[2]);
    else
        return false;
    return true;
}
