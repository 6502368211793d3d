// SPDX-License-Identifier: MIT
#include "servers/init/apart.h"

#include "libsys/trap.h"

#define THREADS_A_STEP 4 // that one step of the kernel's destroying ends

// One step of destroying. *pages: the run that it put into the slot, 0 for none.
static err_t destroy_step(cap_t process, cap_t into, uint64_t *pages)
{
    struct message m = {.tag = SYS_process_destroy, .words = {into.slot}};
    err_t err = (err_t)trap(process, &m);
    *pages = err == OK || err == ERR_AGAIN ? m.words[0] : 0;
    return err;
}

// A run that came back: the process's own comes last, with OK; before it, the pool's.
static err_t put_back(const struct process *p, bool last)
{
    return cap_move(place_slot(p, PLACE_RETURNED), NO_CAP, place_slot(p, last ? PLACE_PROCESS : PLACE_POOL).slot);
}

static bool is_process(cap_t slot)
{
    struct cap_info info;
    return cap_info(slot, &info) == OK && info.type != TYPE_MEMORY;
}

// The first step ends the object and with it every capability; the next ones end the threads.
void stop_process(struct process *p)
{
    cap_t process = place_slot(p, PLACE_PROCESS), returned = place_slot(p, PLACE_RETURNED);
    struct process_info info = {0};
    uint64_t pages;
    if (process_info(process, &info) != OK) return;
    for (uint64_t i = 0; i <= info.threads / THREADS_A_STEP + 1; i++) {
        err_t err = destroy_step(process, returned, &pages);
        if (pages && put_back(p, err == OK) != OK) return;
        if (err != ERR_AGAIN) return;
    }
}

err_t take_apart(struct process *p)
{
    cap_t process = place_slot(p, PLACE_PROCESS), returned = place_slot(p, PLACE_RETURNED);
    uint64_t pages;
    err_t err = ERR_AGAIN;
    while (err == ERR_AGAIN && is_process(process)) {
        err = destroy_step(process, returned, &pages);
        if (err != OK && err != ERR_AGAIN) return err;
        if (pages && put_back(p, err == OK) != OK) return ERR_BAD_STATE;
    }
    cap_drop(place_slot(p, PLACE_THREAD));
    cap_drop(place_slot(p, PLACE_SELF));
    return OK;
}

static err_t move_body(struct process *p, bool puts_away)
{
    for (uint32_t i = 0; i < BODY_RUNS; i++) {
        cap_t here = place_slot(p, i), there = entry_slot(p->entry, ENTRY_BODY + i);
        err_t err = puts_away ? cap_move(here, NO_CAP, there.slot) : cap_move(there, NO_CAP, here.slot);
        if (err != OK) return err;
    }
    return OK;
}

err_t body_put_away(struct process *p) { return move_body(p, true); }

err_t body_fetch(struct process *p) { return move_body(p, false); }
