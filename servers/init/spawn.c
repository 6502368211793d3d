// SPDX-License-Identifier: MIT
// Programs: built from one run that memory lends, which goes back whole when the program has ended.
#include "common/mem.h"
#include "interfaces/init.h"
#include "interfaces/memory.h"
#include "libsys/log.h"
#include "libsys/slots.h"
#include "servers/init/apart.h"
#include "servers/init/build.h"
#include "servers/init/builder.h"
#include "servers/init/image.h"

static cap_t memory_endpoint(void) { return entry_slot(entry_named("memory"), ENTRY_ENDPOINT); }

// Cuts the lent run into the three that a process is made of.
static err_t cut(struct process *p, cap_t run)
{
    cap_t first = place_slot(p, PLACE_PROCESS), second = place_slot(p, PLACE_POOL), third = place_slot(p, PLACE_FRAMES);
    err_t err = cap_move(run, NO_CAP, first.slot);
    if (err == OK) err = memory_split(first, p->body.pages[PLACE_PROCESS] + p->body.pages[PLACE_POOL], third);
    if (err == OK) err = memory_split(first, p->body.pages[PLACE_PROCESS], second);
    return err;
}

static err_t borrow(struct process *p)
{
    struct memory_take_run_reply lent;
    err_t err = memory_take_run(memory_endpoint(), body_pages(&p->body), &lent);
    if (err != OK) return err;
    err = cut(p, lent.run);
    slot_free(lent.run);
    return err;
}

// Joins what is there of the three: after a failed cut, fewer.
static void give_back(struct process *p)
{
    cap_t run = place_slot(p, PLACE_PROCESS);
    for (uint32_t i = PLACE_POOL; i <= PLACE_FRAMES; i++) {
        struct cap_info info;
        cap_t upper = place_slot(p, i);
        if (cap_info(upper, &info) == OK && memory_join(run, upper) != OK)
            log_printf("%s: frames are lost", manifest_entry(p->entry)->name);
    }
    err_t err = memory_give_run(memory_endpoint(), run);
    if (err != OK)
        log_printf("%s: memory does not take its frames back: error %d", manifest_entry(p->entry)->name, err);
    cap_drop(run);
}

void program_return(struct process *p)
{
    struct cap_info info;
    if (cap_info(place_slot(p, PLACE_PROCESS), &info) == OK) give_back(p);
    process_free(p);
}

err_t program_entry(const char *name, uint32_t *entry)
{
    *entry = entry_named(name);
    if (*entry == manifest()->entry_count || manifest_entry(*entry)->kind != MANIFEST_PROGRAM ||
        entry_is_standing(*entry))
        return ERR_NOT_FOUND;
    return image_of(*entry)->broken ? ERR_BROKEN : OK;
}

static err_t check_notification(cap_t ended)
{
    struct cap_info info;
    if (!ended.slot) return OK;
    err_t err = cap_info(ended, &info);
    if (err != OK) return err;
    if (info.type != TYPE_ENDPOINT) return ERR_WRONG_TYPE;
    return info.rights & RIGHT_NOTIFY ? OK : ERR_NO_RIGHT;
}

err_t check_spawner(const struct caller *from, const uint8_t *arguments, size_t length, uint32_t ended)
{
    if (is_debugger(from)) return ERR_DENIED;
    // Every argument is closed, or the last one would run into what lies behind.
    if (length && arguments[length - 1] != '\0') return ERR_BAD_MESSAGE;
    return check_notification(from->caps[ended]);
}

void program_unmake(struct process *p)
{
    if (take_apart(p) == OK) program_return(p);
}

err_t program_make(uint32_t entry, const struct process *debuggee, const void *arguments, size_t length,
                   struct process **out)
{
    // A copy: the call to memory overwrites the message page. Static: one thread builds, one program at a time.
    static char copy[INIT_SPAWN_ARGUMENTS_MAX];
    _Static_assert(sizeof copy >= NAME_SIZE && sizeof copy >= INIT_DEBUG_ARGUMENTS_MAX, "what callers may give");
    memcpy(copy, arguments, length);
    struct process *p = process_claim(entry);
    if (!p) return ERR_FULL;
    p->debuggee = debuggee ? atomic_load(&debuggee->id) : 0;
    p->body = build_body(entry);
    err_t err = borrow(p);
    if (err == OK)
        err = build_process(
            &(struct build){.process = p, .window = BUILDER_WINDOW, .arguments = copy, .arguments_length = length});
    if (err == OK)
        *out = p;
    else
        program_unmake(p);
    return err;
}

err_t handle_spawn(struct caller *from, const struct init_spawn *in, struct init_spawn_reply *out)
{
    uint32_t entry;
    struct process *p;
    err_t err = check_spawner(from, in->arguments, in->arguments_length, INIT_SPAWN_ENDED);
    if (err == OK) err = program_entry(in->name, &entry);
    if (err == OK) err = program_make(entry, NULL, in->arguments, in->arguments_length, &p);
    if (err != OK) return err;
    out->id = atomic_load(&p->id);
    err = build_run(p);
    if (err == OK)
        p->ended = caller_keep(from, INIT_SPAWN_ENDED);
    else
        program_unmake(p);
    return err;
}
