// SPDX-License-Identifier: MIT
// The builder: init's second thread, below the drivers in priority, so it may call them. It serves init's interface,
// builds programs from frames that memory lends, shows deaths on the screen, and takes apart what has ended.
#pragma once

#include "libsys/serve.h"
#include "servers/init/table.h"

#define BUILDER_WINDOW 0x0000210000000000 // where it sees pages of processes while it fills or reads them

// The thread's function; does not return.
void builder(void *unused);

// --- between its files

// Ends of processes that are remembered for who asks late.
#define ENDS_KEPT 64

// What the supervisor says has ended: takes it apart, shows it, tells who waits.
void funerals(void);

// init itself goes by the name of the manifest's first entry.
bool is_init(const char *name);
// The youngest living process of that name; NULL: there is none.
struct process *find_by_name(const char *name);

// --- programs (servers/init/spawn.c)

// The entry of a program that can be started. ERR_NOT_FOUND, ERR_BROKEN.
must_use err_t program_entry(const char *name, uint32_t *entry);
// What a spawner may hand over: closed arguments, and a notification in that place of its message.
must_use err_t check_spawner(const struct caller *from, const uint8_t *arguments, size_t length, uint32_t ended);
// A process of it that does not run yet; with a debuggee, its debugger.
must_use err_t program_make(uint32_t entry, const struct process *debuggee, const void *arguments, size_t length,
                            struct process **out);
// The same back, if it never ran.
void program_unmake(struct process *p);

// --- debuggers (servers/init/debug.c)

// The caller has no more than a debugger's capability: nothing but its debuggee is its affair.
bool is_debugger(const struct caller *from);
// The debugger of that process has ended.
void debuggee_release(uint64_t id);

// The supervisor ends it before this returns.
void order_kill(const struct process *p);

// --- methods

struct init_mapping;
struct init_mapping_reply;
err_t handle_mapping(struct caller *from, const struct init_mapping *in, struct init_mapping_reply *out);
struct init_wait;
struct init_wait_reply;
struct init_spawn;
struct init_spawn_reply;
err_t handle_wait(struct caller *from, const struct init_wait *in, struct init_wait_reply *out);
err_t handle_spawn(struct caller *from, const struct init_spawn *in, struct init_spawn_reply *out);
struct init_debug;
struct init_debug_reply;
struct init_look;
struct init_look_reply;
struct init_change;
struct init_symbol;
struct init_symbol_reply;
err_t handle_debug(struct caller *from, const struct init_debug *in, struct init_debug_reply *out);
err_t handle_look(struct caller *from, const struct init_look *in, struct init_look_reply *out);
err_t handle_change(struct caller *from, const struct init_change *in);
err_t handle_symbol(struct caller *from, const struct init_symbol *in, struct init_symbol_reply *out);
err_t handle_finish(struct caller *from);

// Gives the runs of a program that is no more, or never was, back to memory; the place is free afterwards.
void program_return(struct process *p);

// A sentence in light red at the start of a row of the screen.
void show(const char *sentence);
