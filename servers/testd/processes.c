// SPDX-License-Identifier: MIT
#include "servers/testd/processes.h"

#include "common/string.h"
#include "libsys/start.h"

static cap_t init(void) { return cap_named("init"); }

err_t process_start(const char *program, const char *const words[START_WORDS], uint64_t *id)
{
    char arguments[START_WORDS * 100];
    size_t length = 0;
    for (uint32_t i = 0; i < START_WORDS && words[i] != NULL; i++)
        length += copy_text(arguments + length, sizeof arguments - length, words[i]) + 1;
    if (length > sizeof arguments) return ERR_TOO_LONG;
    struct init_spawn_reply reply;
    err_t err = init_spawn(init(), program, arguments, length, cap_named("self"), &reply);
    if (err == OK) *id = reply.id;
    return err;
}

static bool is_listed(uint64_t id)
{
    struct init_process_reply process;
    for (uint32_t i = 0; init_process(init(), i, &process) == OK; i++)
        if (process.id == id) return true;
    return false;
}

bool process_has_ended(uint64_t id, struct init_wait_reply *how)
{
    if (is_listed(id)) return false;
    *how = (struct init_wait_reply){0};
    (void)!init_wait(init(), id, how);
    return true;
}

void process_end(uint64_t id, struct init_wait_reply *how)
{
    *how = (struct init_wait_reply){0};
    (void)!init_kill(init(), id, "");
    (void)!init_wait(init(), id, how);
}
