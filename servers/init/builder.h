// SPDX-License-Identifier: MIT
// The builder: init's second thread, below the drivers in priority, so it may call them. It serves init's interface,
// builds programs from frames that memory lends, shows deaths on the screen, and takes apart what has ended.
#pragma once

#include "libsys/serve.h"
#include "servers/init/table.h"

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

struct init_mapping;
struct init_mapping_reply;
err_t handle_mapping(struct caller *from, const struct init_mapping *in, struct init_mapping_reply *out);
struct init_wait;
struct init_wait_reply;
struct init_spawn;
struct init_spawn_reply;
err_t handle_wait(struct caller *from, const struct init_wait *in, struct init_wait_reply *out);
err_t handle_spawn(struct caller *from, const struct init_spawn *in, struct init_spawn_reply *out);

// Gives the runs of a program that is no more, or never was, back to memory; the place is free afterwards.
void program_return(struct process *p);

// A sentence in light red at the start of a row of the screen.
void show(const char *sentence);
