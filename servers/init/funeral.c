// SPDX-License-Identifier: MIT
// What follows an end: the process is taken apart, people see why, and who waited is told.
#include "common/format.h"
#include "common/mem.h"
#include "common/string.h"
#include "interfaces/init.h"
#include "interfaces/memory.h"
#include "interfaces/vga.h"
#include "libsys/log.h"
#include "servers/init/apart.h"
#include "servers/init/build.h"
#include "servers/init/builder.h"
#include "servers/init/image.h"
#include "servers/init/say.h"
#include "servers/init/supervisor.h"

#define LIGHT_RED 0x0c

// A ring that is overwritten: the newest ends.
static struct {
    uint64_t id;
    struct init_wait_reply how;
} ends[ENDS_KEPT];
static uint32_t end_count;

void show(const char *sentence)
{
    uint32_t entry = entry_named("vga");
    cap_t vga = entry < manifest()->entry_count ? entry_slot(entry, ENTRY_ENDPOINT) : NO_CAP;
    struct vga_cursor_reply cursor;
    char text[SENTENCE_MAX + 2];
    if (vga_set_color(vga, LIGHT_RED) != OK || vga_cursor(vga, &cursor) != OK) {
        say_on_screen(sentence);
        return;
    }
    size_t length = 0;
    if (cursor.column) text[length++] = '\n';
    length += copy_text(text + length, SENTENCE_MAX, sentence);
    text[length++] = '\n';
    if (vga_write(vga, text, length) != OK) say_on_screen(sentence);
}

// In the order of struct registers, four a line.
static void log_registers(const char *name, const struct registers *registers)
{
    static const char names[][8] = {"rip", "rsp", "rbp", "rax", "rdi", "rsi", "rdx", "r8",  "r9",
                                    "r10", "r12", "rbx", "r13", "r14", "r15", "rcx", "r11", "rflags"};
    _Static_assert(sizeof names / sizeof names[0] == sizeof *registers / 8, "a name for each register");
    const uint64_t *values = (const uint64_t *)registers;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i += 4) {
        char text[SENTENCE_MAX];
        size_t length = 0;
        for (size_t k = i; k < i + 4 && k < sizeof names / sizeof names[0]; k++)
            length += format(text + length, sizeof text - length, " %s=%016lx", names[k], values[k]);
        log_printf("%s:%s", name, text);
    }
}

static void log_details(const struct obituary *o)
{
    char text[SENTENCE_MAX];
    if (o->silent) return;
    for (uint32_t i = 0; i < o->trace_length; i++) {
        const char *symbol;
        uint64_t offset;
        image_symbol(o->entry, o->trace[i], true, &symbol, &offset);
        death_place(text, o->trace[i], symbol, offset);
        log_printf("%s:%s", manifest_entry(o->entry)->name, text);
    }
    log_printf("%s: that was life %u, process %lu", manifest_entry(o->entry)->name, o->generation, o->id);
    if (o->words[FAULT_CAUSE] == EXCEPTION_PF) {
        death_bits(text, o->words[FAULT_CODE]);
        log_printf("%s: page fault: %s", manifest_entry(o->entry)->name, text);
    }
    if (o->has_registers) log_registers(manifest_entry(o->entry)->name, &o->registers);
}

static void show_death(const struct obituary *o)
{
    if (o->silent) return;
    show(o->sentence);
    if (!entry_is_standing(o->entry) || services[o->entry].state != SERVICE_GIVEN_UP) return;
    char text[SENTENCE_MAX];
    copy_text(text, sizeof text, manifest_entry(o->entry)->name);
    copy_text(text + strlen(text), sizeof text - strlen(text), ": died too often and is given up on");
    show(text);
}

// The end itself is over; its frames go where they came from, and the place is free. A standing process's body lies
// ready for its next life already.
static void bury(struct process *p)
{
    uint64_t id = atomic_load(&p->id);
    bool is_standing = entry_is_standing(p->entry);
    err_t err = is_standing ? OK : take_apart(p);
    if (err == OK) err = memory_detach(entry_slot(entry_named("memory"), ENTRY_ENDPOINT), id);
    client_page->records[CLIENT_PLACE(id)].id = 0;
    if (err != OK)
        log_printf("%s: cannot be taken apart: error %d", manifest_entry(p->entry)->name, err);
    else if (is_standing)
        process_free(p);
    else
        program_return(p);
}

static void tell(const uint64_t *waiters, uint32_t count, cap_t ended, const struct init_wait_reply *how)
{
    for (uint32_t i = 0; i < count; i++)
        init_wait_answer(waiters[i], OK, how);
    if (!ended.slot) return;
    notify(ended, ~0ull); // all bits: the capability's badge is the mask
    cap_discard(ended);
}

// Showing may take as long as vga's next life does: everything that others could miss comes before, but for those who
// wait: they read the screen.
static void funeral(struct process *p)
{
    // The place is given away below: what is needed afterwards is copied first.
    static struct obituary obituary;
    obituary = p->obituary;
    uint64_t waiters[WAITERS];
    uint32_t count = p->waiter_count;
    memcpy(waiters, p->waiters, sizeof waiters);
    cap_t ended = p->ended;
    uint64_t debuggee = p->debuggee;
    struct init_wait_reply how = {.cause = (uint32_t)obituary.words[FAULT_CAUSE], .code = obituary.words[FAULT_CODE]};
    if (how.cause == EXCEPTION_PF) how.address = obituary.words[FAULT_ADDRESS];
    ends[end_count % ENDS_KEPT].id = atomic_load(&p->id);
    ends[end_count++ % ENDS_KEPT].how = how;
    bury(p);
    if (debuggee) debuggee_release(debuggee);
    log_details(&obituary);
    show_death(&obituary);
    tell(waiters, count, ended, &how);
}

void funerals(void)
{
    uint64_t place;
    while (ring_take(&deaths, &place))
        funeral(&processes[place]);
}

err_t handle_wait(struct caller *from, const struct init_wait *in, struct init_wait_reply *out)
{
    if (is_debugger(from)) return ERR_DENIED;
    for (uint32_t i = 0; i < ENDS_KEPT; i++) {
        if (ends[i].id == in->id && in->id) {
            *out = ends[i].how;
            return OK;
        }
    }
    struct process *p = process_find(in->id);
    if (!p) return ERR_NOT_FOUND;
    if (p->waiter_count == WAITERS) return ERR_FULL;
    p->waiters[p->waiter_count++] = from->token;
    return DEFERRED;
}
