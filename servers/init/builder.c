// SPDX-License-Identifier: MIT
#include "servers/init/builder.h"

#include "common/string.h"
#include "interfaces/init.h"
#include "servers/init/build.h"
#include "servers/init/image.h"
#include "servers/init/say.h"
#include "servers/init/supervisor.h"

// The supervisor is of higher priority: it has done it when notify returns.
void order_kill(const struct process *p)
{
    if (ring_put(&kills, atomic_load(&p->id))) notify(SUPERVISOR_ENDPOINT, 1);
}

bool is_init(const char *name) { return strcmp(name, manifest_entry(0)->name) == 0; }

struct process *find_by_name(const char *name)
{
    struct process *youngest = NULL;
    for (struct process *p = processes; p < processes + CLIENTS; p++) {
        uint64_t id = atomic_load(&p->id);
        if (id && atomic_load(&p->started) && strcmp(manifest_entry(p->entry)->name, name) == 0 &&
            (!youngest || id > atomic_load(&youngest->id)))
            youngest = p;
    }
    return youngest;
}

static err_t kill(struct caller *from, const struct init_kill *in)
{
    if (is_debugger(from)) return ERR_DENIED;
    if (in->id == INIT_ID || (in->id == 0 && is_init(in->name))) return ERR_DENIED;
    struct process *p = in->id ? process_find(in->id) : find_by_name(in->name);
    if (!p || !atomic_load(&p->started)) return ERR_NOT_FOUND;
    if (entry_is_memory(p->entry)) return ERR_DENIED;
    order_kill(p);
    return OK;
}

// --- the list of processes: init, then the standing ones as the manifest has them, then the programs

static void measure(cap_t process, struct init_process_reply *out)
{
    struct process_info info;
    if (process_info(process, &info) != OK) return;
    out->pages = (uint32_t)info.mapped;
    out->nanoseconds = info.time;
}

static void describe_init(struct init_process_reply *out)
{
    out->id = INIT_ID;
    out->state = SERVICE_RUNNING;
    out->server = true;
    out->priority = (uint8_t)manifest()->supervisor_priority;
    out->generation = 1;
    measure((cap_t){BOOT_SLOT_SELF}, out);
}

static void describe_service(uint32_t entry, struct init_process_reply *out)
{
    const struct service *s = &services[entry];
    out->id = atomic_load(&s->id);
    out->state = (uint8_t)s->state;
    out->server = manifest_entry(entry)->kind == MANIFEST_SERVER;
    out->generation = s->generation;
    out->restarts = s->restarts;
    out->cause = s->cause;
    const struct process *p = process_find(out->id);
    if (p) measure(place_slot(p, PLACE_PROCESS), out);
}

static void describe_program(const struct process *p, struct init_process_reply *out)
{
    out->id = atomic_load(&p->id);
    out->state = SERVICE_RUNNING;
    out->generation = p->generation;
    measure(place_slot(p, PLACE_PROCESS), out);
}

static void fill(uint32_t entry, struct init_process_reply *out)
{
    const struct manifest_entry *e = manifest_entry(entry);
    out->name = e->name;
    if (!out->priority) out->priority = (uint8_t)e->priority;
}

static err_t process(struct caller *from, const struct init_process *in, struct init_process_reply *out)
{
    if (is_debugger(from)) return ERR_DENIED;
    uint32_t left = in->index;
    if (left == 0) {
        describe_init(out);
        fill(0, out);
        return OK;
    }
    for (uint32_t i = 1; i < manifest()->entry_count; i++) {
        if (!entry_is_standing(i) || --left > 0) continue;
        describe_service(i, out);
        fill(i, out);
        return OK;
    }
    for (const struct process *p = processes; p < processes + CLIENTS; p++) {
        if (!atomic_load(&p->id) || !atomic_load(&p->started) || entry_is_standing(p->entry) || --left > 0) continue;
        describe_program(p, out);
        fill(p->entry, out);
        return OK;
    }
    return ERR_NOT_FOUND;
}

static err_t program(struct caller *from, const struct init_program *in, struct init_program_reply *out)
{
    if (is_debugger(from)) return ERR_DENIED;
    uint32_t left = in->index;
    for (uint32_t i = 1; i < manifest()->entry_count; i++) {
        const struct manifest_entry *e = manifest_entry(i);
        if (e->kind != MANIFEST_PROGRAM || entry_is_standing(i) || left-- > 0) continue;
        out->name = e->name;
        out->about = e->about;
        return OK;
    }
    return ERR_NOT_FOUND;
}

static void notified(uint64_t bits)
{
    (void)bits;
    funerals();
}

// What went wrong before vga was there.
static void show_boot_sentences(void)
{
    const char *text = boot_sentences();
    while (*text) {
        char line[SENTENCE_MAX];
        const char *end = strchr(text, '\n');
        size_t length = (size_t)(end - text);
        copy_text(line, length + 1 < sizeof line ? length + 1 : sizeof line, text);
        show(line);
        text = end + 1;
    }
}

void builder(void *unused)
{
    (void)unused;
    show_boot_sentences();
    err_t err = init_serve(INIT_ENDPOINT, &(struct init_server){
                                              .spawn = handle_spawn,
                                              .wait = handle_wait,
                                              .kill = kill,
                                              .process = process,
                                              .program = program,
                                              .mapping = handle_mapping,
                                              .debug = handle_debug,
                                              .look = handle_look,
                                              .change = handle_change,
                                              .symbol = handle_symbol,
                                              .finish = handle_finish,
                                              .notified = notified,
                                          });
    stop_system("it cannot serve: error %d.", err);
}
