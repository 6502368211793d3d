// SPDX-License-Identifier: MIT
// Commands that look at the machine.
#include "abi/layout.h"
#include "abi/object.h"
#include "abi/start.h"
#include "abi/syscall.h"
#include "common/format.h"
#include "common/string.h"
#include "interfaces/init.h"
#include "interfaces/memory.h"
#include "libsys/error.h"
#include "libsys/start.h"
#include "libsys/stdlib.h"
#include "libsys/time.h"
#include "user/shell/command.h"
#include "user/shell/console.h"
#include "user/shell/jobs.h"

typedef unsigned long long ull;

static const char *state_text(uint8_t state)
{
    static const char *const texts[] = {"?", "running", "restarting", "given up", "missing"};
    return state < sizeof texts / sizeof texts[0] ? texts[state] : texts[0];
}

void command_ps(const struct words *words)
{
    (void)words;
    console_print("  ID NAME         KIND    STATE      PRIO PAGES  CPU ms RESTARTS LIFE LAST END\n");
    struct init_process_reply p;
    for (uint32_t i = 0; init_process(cap_named("init"), i, &p) == OK; i++) {
        console_print("%4llu %-12s %-7s %-10s %4u %5u %7llu", (ull)p.id, p.name, p.server ? "server" : "program",
                      state_text(p.state), p.priority, p.pages, (ull)(p.nanoseconds / NS_PER_MS));
        if (p.cause > 0 || p.restarts > 0) console_print(" %8u %4u %s", p.restarts, p.generation, end_text(p.cause, 0));
        console_print("\n");
    }
}

static void print_frames(const char *what, uint64_t frames)
{
    console_print("%-10s %7llu pages %8llu KiB\n", what, (ull)frames, (ull)(frames * PAGE_SIZE / 1024));
}

static void print_process_memory(void)
{
    console_print("  ID NAME           USED RESERVED    QUOTA BLOCKS\n");
    struct init_process_reply p;
    for (uint32_t i = 0; init_process(cap_named("init"), i, &p) == OK; i++) {
        char name[NAME_SIZE];
        copy_text(name, sizeof name, p.name); // the next call overwrites the reply's text
        struct memory_client_reply m;
        if (p.id != 0 && memory_client(cap_named("memory"), p.id, &m) == OK)
            console_print("%4llu %-12s %6u %8u %8u %6u\n", (ull)p.id, name, m.pages, m.reserved, m.quota, m.blocks);
    }
}

void command_mem(const struct words *words)
{
    (void)words;
    struct memory_figures_reply f;
    err_t error = memory_figures(cap_named("memory"), &f);
    if (error != OK) {
        console_print("memory: %s\n", error_text(error));
        return;
    }
    print_frames("total", f.total);
    print_frames("free", f.free);
    print_frames("processes", f.clients);
    print_frames("init", f.lent);
    print_frames("books", f.books);
    console_print("%llu page faults served\n", (ull)f.faults);
    print_process_memory();
}

#define WINDOWS 0x0000100000000000 // what init and memory map for themselves

// abi/layout.h says what lies where.
static const char *place_text(uint64_t address)
{
    if (address >= USER_MESSAGE_PAGE) return "message page";
    if (address >= USER_START_PAGE) return "start page";
    if (address >= USER_STACK_TOP) return "?";
    if (address >= USER_STACK_TOP - 255 * USER_STACK_STRIDE) return "stack";
    if (address >= USER_KEEP) return "keep region";
    if (address >= USER_DEVICE) return "device";
    if (address >= USER_HEAP) return "heap";
    return address >= WINDOWS ? "window" : "image";
}

static void print_range(const struct init_mapping_reply *m)
{
    console_print("%#-14llx %#-14llx %6llu %c%c%c%c   %s", (ull)m->address, (ull)(m->address + m->pages * PAGE_SIZE),
                  (ull)m->pages, m->access & ACCESS_READ ? 'r' : '-', m->access & ACCESS_WRITE ? 'w' : '-',
                  m->access & ACCESS_EXECUTE ? 'x' : '-', m->access & ACCESS_UNCACHED ? 'u' : '-',
                  place_text(m->address));
    if (m->access & ACCESS_UNCACHED) console_print(" at %#llx", (ull)m->physical);
    console_print("\n");
}

void command_vmap(const struct words *words)
{
    uint64_t id;
    const char *name;
    struct init_mapping_reply range = {0}, next;
    err_t error = ERR_NOT_FOUND;
    if (process_word(words->word[1], &id, &name)) error = init_mapping(cap_named("init"), id, 0, name, &range);
    if (error != OK) {
        console_print("%s: %s\n", words->word[1], error_text(error));
        return;
    }
    console_print("FROM           TO              PAGES RIGHTS WHAT\n");
    while (error == OK) {
        uint64_t end = range.address + range.pages * PAGE_SIZE;
        error = init_mapping(cap_named("init"), id, end, name, &next);
        if (error == OK && next.address == end && next.access == range.access) {
            range.pages += next.pages; // init tells a long range in pieces
            continue;
        }
        print_range(&range);
        range = next;
    }
}

static const char *type_text(enum object_type type)
{
#define TYPE_CASE(NAME, NUMBER, TEXT) \
    case TYPE_##NAME: \
        return TEXT;
    switch (type) {
        OBJECT_TYPES(TYPE_CASE)
    }
#undef TYPE_CASE
    return "?";
}

// One letter a right, a dash where it is missing.
static void rights_text(uint64_t rights, char out[9])
{
    static const char letters[] = "sngMrwxm"; // send notify grant Manage read write execute map: abi/object.h
    for (int i = 0; i < 8; i++)
        out[i] = rights & BIT(i) ? letters[i] : '-';
    out[8] = 0;
}

static const char *slot_name(uint32_t slot)
{
    const struct start_page *start = start_page();
    for (uint32_t i = 0; i < start->cap_count; i++)
        if (start->caps[i].slot == slot) return start->caps[i].name;
    return "";
}

void command_caps(const struct words *words)
{
    (void)words;
    console_print("SLOT NAME         TYPE                 RIGHTS   BADGE\n");
    for (uint32_t slot = 1; slot < start_page()->slot_count; slot++) {
        struct cap_info info;
        if (cap_info((cap_t){slot}, &info) != OK) continue;
        char rights[9];
        rights_text(info.rights, rights);
        console_print("%4u %-12s %-20s %s %#llx\n", slot, slot_name(slot), type_text(info.type), rights,
                      (ull)info.badge);
    }
    console_print("rights: s send, n notify, g grant, M manage, r read, w write, x execute, m map\n");
}

#define LOG_CHUNK 1024

// Reads the log from its oldest byte on. Prints what lies behind the first `skip` lines; returns the lines there are.
static uint64_t read_log(bool prints, uint64_t skip)
{
    static char bytes[LOG_CHUNK];
    uint64_t position = 0, lines = 0;
    size_t length;
    while (log_read(cap_named("log"), &position, bytes, sizeof bytes, &length) == OK) {
        size_t start = 0;
        for (size_t i = 0; i < length; i++) {
            if (bytes[i] == '\n' && ++lines == skip) start = i + 1;
        }
        if (prints && lines >= skip && start < length) console_write(bytes + start, length - start);
    }
    return lines;
}

void command_log(const struct words *words)
{
    uint64_t wanted = 20;
    if (words->count > 1) {
        char *end;
        wanted = strtoull(words->word[1], &end, 10);
        if (*end != 0 || wanted == 0) {
            console_print("log: %s is not a number of lines\n", words->word[1]);
            return;
        }
    }
    struct cap_info log;
    if (cap_info(cap_named("log"), &log) != OK || !(log.rights & RIGHT_READ)) {
        console_print("log: %s\n", error_text(ERR_NO_RIGHT));
        return;
    }
    uint64_t lines = read_log(false, 0);
    read_log(true, lines > wanted ? lines - wanted : 0);
}

void command_uptime(const struct words *words)
{
    (void)words;
    uint64_t milliseconds = clock_now() / NS_PER_MS, seconds = milliseconds / 1000;
    console_print("up %llu h %02llu min %02llu.%03llu s\n", (ull)(seconds / 3600), (ull)(seconds / 60 % 60),
                  (ull)(seconds % 60), (ull)(milliseconds % 1000));
}
