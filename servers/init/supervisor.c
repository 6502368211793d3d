// SPDX-License-Identifier: MIT
#include "servers/init/supervisor.h"

#include "abi/start.h"
#include "common/manifest.h"
#include "common/mem.h"
#include "libsys/ipc.h"
#include "libsys/log.h"
#include "servers/init/apart.h"
#include "servers/init/build.h"
#include "servers/init/image.h"
#include "servers/init/say.h"

#define WINDOW 0x0000200000000000 // where the supervisor fills the pages of a process
#define BREAKPOINT 3
#define RETRY 100000000ull // ns: after a restart that failed for want of a place

struct service services[MANIFEST_ENTRIES];
struct ring deaths, kills;

static uint64_t now(void)
{
    uint64_t ns = 0;
    clock_read(&ns);
    return ns;
}

// --- starting

// The place is the builder's from here on.
static void hand_over(struct process *p)
{
    ring_put(&deaths, process_place(p));
    notify(INIT_ENDPOINT, 1);
}

// A standing process is taken apart here and now, so that its next life needs nobody else: the builder may be waiting for
// the very server that is to be restarted.
static err_t keep_body(struct process *p)
{
    err_t err = take_apart(p);
    if (err == OK) err = body_put_away(p);
    if (err == OK) return OK;
    log_printf("%s: cannot be taken apart: error %d", manifest_entry(p->entry)->name, err);
    services[p->entry].state = SERVICE_BROKEN;
    return err;
}

err_t service_start(uint32_t entry)
{
    struct service *s = &services[entry];
    struct process *p = process_claim(entry);
    if (!p) return ERR_FULL;
    p->generation = ++s->generation;
    p->body = build_body(entry);
    err_t err = body_fetch(p);
    struct build build = {.process = p, .window = WINDOW, .arguments = manifest_entry(entry)->arguments};
    build.arguments_length = manifest_arguments_length(manifest_entry(entry));
    if (err == OK) err = build_process(&build);
    if (err == OK) err = build_run(p);
    if (err != OK) {
        (void)!keep_body(p);
        p->obituary.silent = true;
        hand_over(p);
        return err;
    }
    s->backoff.started = now();
    heartbeat_start(&s->heartbeat, s->backoff.started);
    s->due = FOREVER;
    s->state = SERVICE_RUNNING;
    atomic_store(&s->id, atomic_load(&p->id));
    return OK;
}

// Its clients' calls fail from now on instead of waiting for ever.
static void give_up(uint32_t entry)
{
    struct service *s = &services[entry];
    s->state = SERVICE_GIVEN_UP;
    s->due = FOREVER;
    log_printf("%s: given up after %u deaths in a row", manifest_entry(entry)->name, s->backoff.deaths);
    if (endpoint_destroy(entry_slot(entry, ENTRY_ENDPOINT)) != OK)
        log_printf("%s: its endpoint cannot be destroyed", manifest_entry(entry)->name);
}

static void restart(uint32_t entry)
{
    struct service *s = &services[entry];
    err_t err = service_start(entry);
    if (err == OK) {
        s->restarts++;
        return;
    }
    log_printf("%s: cannot be restarted: error %d", manifest_entry(entry)->name, err);
    s->due = now() + RETRY;
}

static void restart_due(void)
{
    uint64_t time = now();
    for (uint32_t i = 1; i < manifest()->entry_count; i++)
        if (services[i].state == SERVICE_WAITING && services[i].due <= time) restart(i);
}

static uint64_t next_due(void)
{
    uint64_t next = FOREVER;
    for (uint32_t i = 1; i < manifest()->entry_count; i++) {
        const struct service *s = &services[i];
        if (s->state == SERVICE_WAITING && s->due < next) next = s->due;
        if (s->state == SERVICE_RUNNING && s->heartbeat.due < next) next = s->heartbeat.due;
    }
    return next;
}

// --- ending

static void describe(struct process *p, const uint64_t *words, const struct fault *body)
{
    struct obituary *o = &p->obituary;
    o->id = atomic_load(&p->id);
    o->generation = p->generation;
    o->has_registers = body != NULL;
    if (body) o->registers = body->registers;
    struct death death = {.name = manifest_entry(p->entry)->name, .stack_bottom = p->stack_bottom};
    memcpy(o->words, words, sizeof o->words);
    memcpy(death.words, words, sizeof death.words);
    image_symbol(p->entry, words[FAULT_RIP], false, &death.symbol, &death.offset);
    if (body && words[FAULT_CAUSE] == FAULT_PANIC) {
        death.text = (const char *)(body + 1);
        death.text_length = body->text_length < SENTENCE_MAX ? body->text_length : SENTENCE_MAX;
    }
    death_sentence(o->sentence, &death);
    for (uint64_t i = 0; body && i < body->backtrace_length && i < TRACE_MAX; i++)
        o->trace[o->trace_length++] = body->backtrace[i];
}

// Programs end quietly: at their own wish or somebody's. What a server does is always told.
static bool is_quiet(uint32_t entry, uint64_t cause)
{
    return !entry_is_standing(entry) && (cause == FAULT_EXIT || cause == FAULT_KILLED);
}

static void plan_restart(uint32_t entry, uint64_t cause)
{
    struct service *s = &services[entry];
    atomic_store(&s->id, 0);
    s->cause = (uint32_t)cause;
    if (!(manifest_entry(entry)->flags & MANIFEST_RESTART)) {
        s->state = SERVICE_ENDED;
        return;
    }
    s->state = SERVICE_WAITING;
    // Who was killed at somebody's wish did nothing wrong: it is back at once, however often.
    s->due = cause == FAULT_KILLED ? now() : backoff_death(&s->backoff, now());
    if (s->due == FOREVER) give_up(entry);
}

static void end_process(struct process *p, const uint64_t *words, const struct fault *body)
{
    describe(p, words, body);
    stop_process(p);
    p->obituary.silent = is_quiet(p->entry, words[FAULT_CAUSE]);
    atomic_store(&p->started, false);
    if (entry_is_memory(p->entry)) stop_system("%s. Without memory nothing goes on.", p->obituary.sentence);
    if (!p->obituary.silent) log_line(p->obituary.sentence);
    if (entry_is_standing(p->entry) && keep_body(p) == OK) plan_restart(p->entry, words[FAULT_CAUSE]);
    hand_over(p);
}

// A breakpoint is no reason to die: it is told, and the process goes on behind it.
static void log_breakpoint(const struct process *p, const struct message *m)
{
    char place[SENTENCE_MAX];
    const char *symbol;
    uint64_t offset;
    image_symbol(p->entry, m->words[FAULT_RIP], false, &symbol, &offset);
    death_place(place, m->words[FAULT_RIP], symbol, offset);
    log_printf("%s: BREAKPOINT%s", manifest_entry(p->entry)->name, place);
}

static void fault(struct message *m)
{
    struct process *p = process_find(m->badge);
    bool is_living = p && atomic_load(&p->started);
    if (is_living && m->words[FAULT_CAUSE] == BREAKPOINT) {
        log_breakpoint(p, m);
        ipc_reply(&(struct message){.token = m->token});
        return;
    }
    // A further thread may end without its process.
    if (!is_living || (m->words[FAULT_CAUSE] == FAULT_EXIT && m->words[FAULT_THREAD] != 0)) {
        ipc_reply(&(struct message){.tag = TAG(0, ERR_DENIED, 0, 0), .token = m->token});
        return;
    }
    // A copy: the log line needs the message page.
    struct {
        struct fault fault;
        char text[SENTENCE_MAX];
    } body;
    memcpy(&body, message_page()->body, sizeof body);
    end_process(p, m->words, &body.fault);
}

static void kill(uint64_t id)
{
    struct process *p = process_find(id);
    const uint64_t words[MESSAGE_WORDS] = {[FAULT_CAUSE] = FAULT_KILLED};
    if (p && atomic_load(&p->started)) end_process(p, words, NULL);
}

// --- heartbeats

// While it span, those below could not answer: all get their time afresh.
static void end_hanging(uint32_t entry)
{
    struct process *p = process_find(atomic_load(&services[entry].id));
    const uint64_t words[MESSAGE_WORDS] = {
        [FAULT_CAUSE] = FAULT_HUNG, [FAULT_CODE] = manifest_entry(entry)->heartbeat_ms};
    if (p) end_process(p, words, NULL);
    uint64_t time = now();
    for (uint32_t i = 1; i < manifest()->entry_count; i++)
        heartbeat_start(&services[i].heartbeat, time);
}

// The manifest's order is that of priority: of two that do not answer, the first one kept the other from it.
static void look_at_hearts(void)
{
    uint64_t time = now();
    for (uint32_t i = 1; i < manifest()->entry_count; i++) {
        if (services[i].state != SERVICE_RUNNING) continue;
        switch (heartbeat_look(&services[i].heartbeat, time)) {
        case HEARTBEAT_NOTHING:
            break;
        case HEARTBEAT_ASK:
            notify(entry_slot(i, ENTRY_ENDPOINT), HEARTBEAT_BIT);
            break;
        case HEARTBEAT_HANGS:
            end_hanging(i);
            return;
        }
    }
}

// Each server's bit is its place in the manifest; the first bit is the builder's (kills).
static void note_answers(uint64_t bits)
{
    for (uint32_t i = 1; i < manifest()->entry_count; i++)
        if (bits >> i & 1) heartbeat_answered(&services[i].heartbeat);
}

noreturn void supervise(void)
{
    for (;;) {
        struct message m;
        uint64_t id;
        err_t err = ipc_recv(SUPERVISOR_ENDPOINT, next_due(), &m);
        if (err == OK && TAG_OPERATION(m.tag) == KIND_FAULT)
            fault(&m);
        else if (err != OK && err != ERR_TIMEOUT)
            stop_system("it cannot receive: error %d.", err);
        if (err == OK) note_answers(m.bits);
        while (ring_take(&kills, &id))
            kill(id);
        restart_due();
        look_at_hearts();
    }
}
