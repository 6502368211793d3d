// SPDX-License-Identifier: MIT
// Each program that runs has a place in the table and a notification bit of its own; init sets the bit when it ends.
#include "user/shell/jobs.h"

#include "abi/fault.h"
#include "abi/start.h"
#include "common/exception_text.h"
#include "common/format.h"
#include "common/mem.h"
#include "common/string.h"
#include "interfaces/init.h"
#include "libsys/error.h"
#include "libsys/ipc.h"
#include "libsys/slots.h"
#include "libsys/start.h"
#include "user/shell/command.h"
#include "user/shell/console.h"
#include "user/shell/events.h"

#define DEBUGGER "debug" // in boot/system.toml

static struct job {
    uint64_t id; // 0: the place is free
    bool is_background;
    char name[NAME_SIZE];
} jobs[JOBS_MAX];

static bool wrote_a_line;

bool jobs_wrote_a_line(void)
{
    bool wrote = wrote_a_line;
    wrote_a_line = false;
    return wrote;
}

const char *end_text(uint32_t cause, uint64_t code)
{
    static char text[32];
    if (cause == FAULT_EXIT && code == 0) return "done";
    if (cause == FAULT_PANIC) return "panic";
    if (cause == FAULT_KILLED) return "killed";
    if (cause == FAULT_HUNG) return "hung";
    if (cause != FAULT_EXIT) return exception_text(cause);
    format(text, sizeof text, "exit code %d", (int)code);
    return text;
}

// What went wrong beyond an exit code has been shown by init: only what it is silent about is told here.
static void tell(const struct job *job)
{
    struct init_wait_reply end;
    err_t error = init_wait(cap_named("init"), job->id, &end);
    const char *text = error == OK ? end_text(end.cause, end.code) : "ended";
    if (job->is_background) {
        console_fresh_row();
        console_print("[%llu] %s: %s\n", (unsigned long long)job->id, job->name, text);
        wrote_a_line = true;
    } else if (error == OK && end.cause == FAULT_KILLED) {
        console_print("%s: killed\n", job->name);
    } else if (error == OK && end.cause == FAULT_EXIT && end.code != 0) {
        console_print("%s: %s\n", job->name, text);
    }
}

void jobs_ended(uint64_t bits)
{
    for (unsigned i = 0; i < JOBS_MAX; i++) {
        if (jobs[i].id == 0 || !(bits & EVENT_JOB(i))) continue;
        struct job ended = jobs[i];
        jobs[i].id = 0;
        tell(&ended);
    }
}

// The words behind the first, each closed by a NUL. Returns the bytes, or 0 with *fits false.
static size_t join(const struct words *words, char *out, size_t size, bool *fits)
{
    size_t used = 0;
    *fits = true;
    for (int i = 1; i < words->count; i++) {
        size_t length = strlen(words->word[i]) + 1;
        if (length > size - used) {
            *fits = false;
            return 0;
        }
        memcpy(out + used, words->word[i], length);
        used += length;
    }
    return used;
}

static struct job *free_place(bool is_background)
{
    for (unsigned i = is_background; i < JOBS_MAX; i++) // the first is kept for a program in front
        if (jobs[i].id == 0) return &jobs[i];
    return NULL;
}

static err_t spawn(const struct words *words, const char *arguments, size_t length, cap_t ended, uint64_t *id)
{
    struct init_spawn_reply started;
    err_t error = init_spawn(cap_named("init"), words->word[0], arguments, length, ended, &started);
    *id = started.id;
    return error;
}

// What is debugged has a name, and is started, or a number, and runs.
static err_t spawn_debugger(const struct words *words, const char *arguments, size_t length, cap_t ended, uint64_t *id)
{
    struct init_debug_reply started;
    uint64_t number;
    const char *name;
    if (!process_word(words->word[0], &number, &name)) return ERR_NOT_FOUND;
    if (number && length) return ERR_RANGE;
    err_t error = init_debug(cap_named("init"), DEBUGGER, number, name, arguments, length, ended, &started);
    *id = started.id;
    return error;
}

static err_t start(const struct words *words, bool is_debugger, struct job *job)
{
    static char arguments[INIT_SPAWN_ARGUMENTS_MAX];
    bool fits;
    size_t length = join(words, arguments, sizeof arguments, &fits);
    if (!fits) return ERR_TOO_LONG;
    cap_t ended = event_capability(EVENT_JOB(job - jobs));
    if (ended.slot == 0) return ERR_FULL;
    uint64_t id = 0;
    err_t error = (is_debugger ? spawn_debugger : spawn)(words, arguments, length, ended, &id);
    cap_discard(ended); // init has its own copy
    if (error != OK) return error;
    job->is_background = words->background;
    copy_text(job->name, sizeof job->name, is_debugger ? DEBUGGER : words->word[0]);
    job->id = id;
    return OK;
}

static void interrupt(const struct job *job)
{
    console_write("^C", 2);
    console_fresh_row();
    err_t error = init_kill(cap_named("init"), job->id, "");
    if (error != OK && error != ERR_NOT_FOUND) console_print("%s: %s\n", job->name, error_text(error));
}

static void wait_for(const struct job *job)
{
    uint64_t id = job->id;
    while (job->id == id) {
        if (events_were_interrupted()) interrupt(job);
        events_wait();
    }
}

static err_t run(const struct words *words, bool is_debugger)
{
    const char *name = words->word[0];
    if (*name == 0 || strlen(name) >= NAME_SIZE) return ERR_NOT_FOUND;
    struct job *job = free_place(words->background);
    if (job == NULL) {
        console_print("%d programs run in the background already: kill one first\n", JOBS_MAX - 1);
        return ERR_FULL;
    }
    err_t error = start(words, is_debugger, job);
    if (error == ERR_NOT_FOUND) return error;
    if (error != OK)
        console_print("%s cannot be %s: %s\n", name, is_debugger ? "debugged" : "started", error_text(error));
    else if (words->background)
        console_print("[%llu] %s\n", (unsigned long long)job->id, name);
    else
        wait_for(job);
    return error;
}

err_t jobs_run(const struct words *words) { return run(words, false); }

err_t jobs_debug(const struct words *words) { return run(words, true); }
