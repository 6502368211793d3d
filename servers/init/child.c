// SPDX-License-Identifier: MIT
#include "servers/init/child.h"

#include "common/format.h"
#include "common/mem.h"
#include "common/string.h"
#include "servers/init/build.h"
#include "servers/init/image.h"

#define RIGHTS_USE (RIGHT_READ | RIGHT_WRITE)

static void add_name(struct child *child, const char *name)
{
    struct start_page *page = child->page;
    if (page->cap_count == START_CAPS) {
        child->err = ERR_FULL;
        return;
    }
    struct start_cap *cap = &page->caps[page->cap_count++];
    copy_text(cap->name, sizeof cap->name, name);
    cap->slot = child->next_slot++;
}

static void give(struct child *child, const char *name, cap_t source, uint32_t rights)
{
    if (child->err == OK)
        child->err = cap_copy(source, place_slot(child->process, PLACE_PROCESS), child->next_slot, rights);
    if (child->err == OK) add_name(child, name);
}

static void give_badged(struct child *child, const char *name, cap_t source, uint32_t rights, uint64_t badge)
{
    if (child->err == OK)
        child->err = cap_mint(source, place_slot(child->process, PLACE_PROCESS), child->next_slot, rights, badge);
    if (child->err == OK) add_name(child, name);
}

uint64_t log_badge(const char *name)
{
    uint64_t badge = 0;
    memcpy(&badge, name, strnlen(name, LOG_NAME_MAX));
    return badge;
}

// What clients may do with its endpoint is send. Its own capability is for notifications; only a program may make
// further capabilities from it, because a server's endpoint must outlive whatever its server does.
static void give_self(struct child *child)
{
    if (entry_is_standing(child->process->entry) && child->entry->kind == MANIFEST_SERVER)
        give(child, "self", entry_slot(child->process->entry, ENTRY_ENDPOINT), RIGHT_NOTIFY | RIGHT_GRANT);
    else if (entry_is_standing(child->process->entry))
        give(child, "self", entry_slot(child->process->entry, ENTRY_ENDPOINT),
             RIGHT_SEND | RIGHT_NOTIFY | RIGHT_GRANT | RIGHT_MANAGE);
    else
        give(child, "self", place_slot(child->process, PLACE_SELF),
             RIGHT_SEND | RIGHT_NOTIFY | RIGHT_GRANT | RIGHT_MANAGE);
}

static void give_devices(struct child *child)
{
    char name[NAME_SIZE];
    for (uint32_t line = 0; line < 16; line++) {
        if (!(child->entry->irqs >> line & 1)) continue;
        format(name, sizeof name, "irq%u", line);
        give(child, name, (cap_t){BOOT_SLOT_IRQ0 + line}, RIGHTS_ALL & ~RIGHT_GRANT);
    }
    for (uint32_t i = 0; i < child->entry->port_count; i++) {
        format(name, sizeof name, "ports%x", child->entry->ports[i].first);
        give(child, name, entry_slot(child->process->entry, ENTRY_PORTS + i), RIGHTS_USE);
    }
}

// A service that is not there is left out: its clients see that the name is missing.
static void give_services(struct child *child)
{
    for (uint32_t i = 0; i < manifest()->entry_count; i++) {
        cap_t endpoint = i == 0 ? INIT_ENDPOINT : entry_slot(i, ENTRY_ENDPOINT);
        struct cap_info info;
        if (!(child->entry->calls >> i & 1) || cap_info(endpoint, &info) != OK) continue;
        give_badged(child, manifest_entry(i)->name, endpoint, RIGHT_SEND, atomic_load(&child->process->id));
    }
}

// A debugger's authority over its debuggee, and over nobody else.
static void give_debuggee(struct child *child)
{
    uint64_t id = child->process->debuggee;
    const struct process *debuggee = process_find(id);
    if (!debuggee) return;
    give(child, "thread", place_slot(debuggee, PLACE_THREAD), RIGHT_MANAGE);
    give_badged(child, "debuggee", INIT_ENDPOINT, RIGHT_SEND, DEBUGGER_BADGE | id);
}

void child_give_all(struct child *child)
{
    const struct manifest_entry *entry = child->entry;
    uint32_t log_rights =
        (entry->grants & MANIFEST_LOG_WRITE ? RIGHT_WRITE : 0) | (entry->grants & MANIFEST_LOG_READ ? RIGHT_READ : 0);
    give_self(child);
    give(child, "clock", (cap_t){BOOT_SLOT_CLOCK}, RIGHTS_USE);
    if (log_rights) give_badged(child, "log", LOG_ROOT, log_rights, log_badge(entry->name));
    if (entry->grants & MANIFEST_POWER) give(child, "power", (cap_t){BOOT_SLOT_POWER}, RIGHT_WRITE);
    if (entry->grants & MANIFEST_PROCESS)
        give(child, "process", place_slot(child->process, PLACE_PROCESS), RIGHTS_ALL);
    else if (entry->grants & MANIFEST_THREADS)
        give(child, "process", place_slot(child->process, PLACE_PROCESS), RIGHT_MANAGE);
    if (entry->run_pages) give(child, "run", entry_slot(child->process->entry, ENTRY_RUN), RIGHTS_ALL);
    give_devices(child);
    give_services(child);
    if (entry->heartbeat_ms)
        give_badged(child, "heartbeat", SUPERVISOR_ENDPOINT, RIGHT_NOTIFY, BIT(child->process->entry));
    if (entry_is_memory(child->process->entry))
        give(child, "process", place_slot(child->process, PLACE_PROCESS), RIGHT_MAP);
    give_debuggee(child);
}

uint32_t child_reserve(struct child *child, uint32_t count)
{
    uint32_t first = child->next_slot;
    child->next_slot += count;
    return first;
}

void child_add_region(struct child *child, const char *name, uint64_t address, uint64_t size)
{
    struct start_page *page = child->page;
    if (page->region_count == START_REGIONS) {
        child->err = ERR_FULL;
        return;
    }
    struct start_region *region = &page->regions[page->region_count++];
    copy_text(region->name, sizeof region->name, name);
    region->address = address;
    region->size = size;
}

void child_finish(struct child *child, const char *arguments, size_t length)
{
    struct start_page *page = child->page;
    size_t name_size = strlen(child->entry->name) + 1;
    page->magic = START_MAGIC;
    page->version = START_VERSION;
    page->generation = child->process->generation;
    page->id = atomic_load(&child->process->id);
    copy_text(page->name, sizeof page->name, child->entry->name);
    page->priority = child->entry->priority;
    page->message_page = USER_MESSAGE_PAGE;
    page->stack_top = USER_STACK_TOP;
    page->stack_bottom = child->process->stack_bottom;
    page->first_free_slot = child->next_slot;
    page->slot_count = child->entry->table_slots;
    if (child->next_slot > page->slot_count) child->err = ERR_FULL;
    // The page was zero: so the last argument is closed, and an empty one follows.
    if (name_size + length + 2 > sizeof page->arguments) {
        child->err = ERR_TOO_LONG;
        return;
    }
    memcpy(page->arguments, child->entry->name, name_size);
    memcpy(page->arguments + name_size, arguments, length);
}

err_t child_make_ports(uint32_t entry)
{
    const struct manifest_entry *e = manifest_entry(entry);
    for (uint32_t i = 0; i < e->port_count; i++) {
        const struct manifest_ports *ports = &e->ports[i];
        err_t err = ports_create((cap_t){BOOT_SLOT_PORTS}, entry_slot(entry, ENTRY_PORTS + i), ports->first,
                                 ports->count, ports->access, ports->valued ? ports->values : NULL);
        if (err != OK) return err;
    }
    return OK;
}
