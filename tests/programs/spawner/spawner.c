// SPDX-License-Identifier: MIT
// `spawner checks` asks init for what it must refuse; `spawner many N` starts and awaits a program N times and says
// whether all frames came back. `spawner storm N` kills kbd and vga N times in turn, `spawner wear NAME N` one server;
// `spawner recovery NAME` calls one that faults.
#include "abi/fault.h"
#include "abi/object.h"
#include "common/string.h"
#include "interfaces/init.h"
#include "interfaces/kbd.h"
#include "interfaces/memory.h"
#include "interfaces/vga.h"
#include "libsys/error.h"
#include "libsys/ipc.h"
#include "libsys/log.h"
#include "libsys/slots.h"
#include "libsys/start.h"
#include "libsys/stdio.h"
#include "libsys/stdlib.h"
#include "libsys/time.h"

#define ENDED_BIT 4u

static cap_t init;

static void expect(const char *what, err_t wanted, err_t got)
{
    printf("%s: %s%s\n", what, error_name(got), wanted == got ? "" : " IS WRONG");
}

static cap_t self_with(uint32_t rights, uint64_t badge)
{
    cap_t slot = slot_alloc();
    err_t error = cap_mint(cap_named("self"), NO_CAP, slot.slot, rights, badge);
    return error == OK ? slot : NO_CAP;
}

static err_t spawn(const char *name, const char *arguments, size_t length, cap_t ended, uint64_t *id)
{
    struct init_spawn_reply reply = {0};
    err_t error = init_spawn(init, name, arguments, length, ended, &reply);
    *id = reply.id;
    return error;
}

static void refusals(void)
{
    static char long_arguments[INIT_SPAWN_ARGUMENTS_MAX + 1];
    struct init_wait_reply how;
    uint64_t id;
    expect("an unknown name", ERR_NOT_FOUND, spawn("nobody", "", 0, NO_CAP, &id));
    expect("a server", ERR_NOT_FOUND, spawn("vga", "", 0, NO_CAP, &id));
    expect("a long name", ERR_TOO_LONG, spawn("abcdefghijklmnopqrstuvwxyz", "", 0, NO_CAP, &id));
    expect("long arguments", ERR_TOO_LONG, spawn("hello", long_arguments, sizeof long_arguments, NO_CAP, &id));
    expect("an open argument", ERR_BAD_MESSAGE, spawn("hello", "abc", 3, NO_CAP, &id));
    expect("no notification", ERR_NO_RIGHT, spawn("hello", "", 0, self_with(RIGHT_SEND | RIGHT_GRANT, 1), &id));
    expect("waiting for nobody", ERR_NOT_FOUND, init_wait(init, 999999, &how));
    expect("killing nobody", ERR_NOT_FOUND, init_kill(init, 999999, ""));
    expect("killing init", ERR_DENIED, init_kill(init, 0, "init"));
    expect("killing memory", ERR_DENIED, init_kill(init, 0, "memory"));
    expect("detaching", ERR_DENIED, memory_detach(cap_named("memory"), start_page()->id));
    struct memory_take_run_reply run;
    expect("taking a run", ERR_DENIED, memory_take_run(cap_named("memory"), 1, &run));
}

// Waits on "self" until init says that a program has ended.
static bool end_is_told(void)
{
    struct message m;
    return ipc_recv(cap_named("self"), FOREVER, &m) == OK && m.bits == ENDED_BIT;
}

static void ends(void)
{
    cap_t ended = self_with(RIGHT_NOTIFY | RIGHT_GRANT, ENDED_BIT);
    struct init_wait_reply how;
    uint64_t first, second;
    expect("spawning", OK,
           spawn("probe",
                 "exit\0"
                 "5",
                 7, ended, &first));
    printf("told: %s\n", end_is_told() ? "yes" : "no");
    expect("waiting late", OK, init_wait(init, first, &how));
    printf("exit code: %s\n", how.cause == FAULT_EXIT && how.code == 5 ? "5" : "WRONG");
    expect("spawning again", OK, spawn("counter", "", 0, ended, &second));
    printf("numbers: %s\n", second > first ? "ascending" : "WRONG");
    expect("killing", OK, init_kill(init, second, ""));
    printf("told: %s\n", end_is_told() ? "yes" : "no");
    expect("waiting for a killed one", OK, init_wait(init, second, &how));
    printf("cause: %s\n", how.cause == FAULT_KILLED ? "killed" : "WRONG");
}

static uint64_t free_frames(void)
{
    struct memory_figures_reply figures = {0};
    err_t error = memory_figures(cap_named("memory"), &figures);
    return error == OK ? figures.free : 0;
}

// The first life may leave a slot or a page behind that later ones use again: it does not count.
static void many(const char *name, long times)
{
    uint64_t before = 0, id;
    for (long i = 0; i <= times; i++) {
        struct init_wait_reply how;
        if (i == 1) before = free_frames();
        if (spawn(name, "", 0, NO_CAP, &id) != OK || init_wait(init, id, &how) != OK) printf("life %ld FAILED\n", i);
    }
    printf("%ld lives, frames lost: %lld\n", times, (long long)(before - free_frames()));
}

#define BETWEEN_KILLS (250 * NS_PER_MS)
#define BETWEEN_LOOKS (20 * NS_PER_MS)
#define GOOD_LIFE (10100 * NS_PER_MS) // servers/init/backoff.h, and a little

// One that is away just now, because it dies often, is waited for.
static void kill_again(const char *name)
{
    (void)sleep_for(BETWEEN_KILLS);
    while (init_kill(init, 0, name) == ERR_NOT_FOUND)
        (void)sleep_for(BETWEEN_LOOKS);
}

static void storm(long times)
{
    for (long i = 0; i < times; i++) {
        kill_again("kbd");
        kill_again("vga");
    }
    log_line("the storm is over");
}

static void wear(const char *name, long times)
{
    for (long i = 0; i < times; i++)
        kill_again(name);
    printf("%s died %ld times\n", name, times);
}

// Every death comes after a life long enough to be a good one, so it is never given up on. The first life is another's: its
// frames may lie elsewhere.
static void age(const char *name, long times)
{
    uint64_t before = 0;
    for (long i = 0; i <= times; i++) {
        (void)sleep_for(GOOD_LIFE);
        if (i == 1) before = free_frames();
        err_t error = init_kill(init, 0, name);
        if (error != OK) print_error("killing FAILED", error);
    }
    (void)sleep_for(GOOD_LIFE);
    printf("%s died %ld times, frames lost: %lld\n", name, times, (long long)(before - free_frames()));
}

// tools/bench.py counts up to here.
static never_inline void recovered(const char *name) { log_printf("%s has recovered", name); }

// One call, in which the server faults: tools/bench.py has gdb see to that. The stub repeats it until the next life answers.
static void recovery(const char *name)
{
    struct vga_read_cells_reply cells;
    struct kbd_state_reply state;
    err_t error = strcmp(name, "vga") == 0 ? vga_read_cells(cap_named(name), 0, 0, 1, &cells)
                                           : kbd_state(cap_named(name), &state);
    if (error == OK)
        recovered(name);
    else
        print_error("no recovery", error);
}

int main(int argc, char **argv)
{
    init = cap_named("init");
    if (argc == 3 && strcmp(argv[1], "recovery") == 0) {
        recovery(argv[2]);
        return 0;
    }
    if (argc == 4 && strcmp(argv[1], "wear") == 0) {
        wear(argv[2], strtol(argv[3], NULL, 10));
        return 0;
    }
    if (argc == 4 && strcmp(argv[1], "age") == 0) {
        age(argv[2], strtol(argv[3], NULL, 10));
        return 0;
    }
    if (argc == 3 && strcmp(argv[1], "storm") == 0) {
        storm(strtol(argv[2], NULL, 10));
        return 0;
    }
    if (argc >= 3 && strcmp(argv[1], "many") == 0) {
        many(argc == 4 ? argv[3] : "say", strtol(argv[2], NULL, 10));
    } else {
        refusals();
        ends();
    }
    return 0;
}
