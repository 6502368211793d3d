// SPDX-License-Identifier: MIT
// init: the kernel hands it every capability there is. It shares the RAM out, starts memory first, then the rest as the
// manifest says, and becomes the supervisor. Until then nothing else runs: it has the highest priority and waits for
// nobody.
#include "common/string.h"
#include "libsys/start.h"
#include "libsys/thread.h"
#include "servers/init/acpi.h"
#include "servers/init/apart.h"
#include "servers/init/build.h"
#include "servers/init/builder.h"
#include "servers/init/child.h"
#include "servers/init/image.h"
#include "servers/init/say.h"
#include "servers/init/supervisor.h"

#define SELF ((cap_t){BOOT_SLOT_SELF})
#define POOL_PAGES 96 // for init's page tables, endpoints, ports and its second thread
#define CLIENT_PAGE 0x0000300000000000
#define BUILDER_NUMBER 1
#define BUILDER_STACK_PAGES 8
#define WRITABLE (ACCESS_READ | ACCESS_WRITE | ACCESS_CLEAR)

struct client_page *client_page;

static struct boot_run ram; // the largest run: what init keeps is cut from its end

static void must(err_t err, const char *what)
{
    if (err != OK) stop_system("%s: error %d.", what, err);
}

static void carve(uint32_t pages, cap_t into)
{
    must(pages < ram.pages ? memory_split((cap_t){ram.slot}, ram.pages - pages, into) : ERR_NO_MEMORY,
         "too little RAM");
    ram.pages -= pages;
}

static void find_ram(const struct boot_info *info)
{
    for (uint32_t i = 0; i < info->run_count && i < BOOT_RUNS; i++)
        if (info->runs[i].pages > ram.pages) ram = info->runs[i];
}

// Second thread, endpoint of the first, page for memory: what init itself needs.
static void make_room(void)
{
    cap_t pool = spare_slot(SPARE_POOL), clients = spare_slot(SPARE_CLIENTS), stack = spare_slot(SPARE_BUILDER_STACK);
    carve(POOL_PAGES, pool);
    must(process_donate(SELF, pool), "its pool");
    carve(1, clients);
    must(memory_map(clients, SELF, (vaddr_t){CLIENT_PAGE}, 0, 1, WRITABLE), "the page of clients");
    client_page = (struct client_page *)CLIENT_PAGE;
    carve(BUILDER_STACK_PAGES + 1, stack);
    vaddr_t bottom = {thread_stack_top(BUILDER_NUMBER).raw - BUILDER_STACK_PAGES * PAGE_SIZE};
    must(memory_map(stack, SELF, bottom, 0, BUILDER_STACK_PAGES, WRITABLE), "the builder's stack");
    must(memory_map(stack, SELF, thread_message_page(BUILDER_NUMBER), BUILDER_STACK_PAGES, 1, WRITABLE),
         "the builder's message page");
    must(endpoint_create(SELF, SUPERVISOR_ENDPOINT, SELF), "the supervisor's endpoint");
}

// The runs that all lives of an entry are made of, one after the other, and what one leaves to the next.
static err_t carve_body(uint32_t entry)
{
    static uint32_t kept;
    struct body body = build_body(entry);
    uint32_t keep = manifest_entry(entry)->keep_pages, pages = body_pages(&body) + keep;
    if (pages > manifest()->reserve_pages - kept) {
        say("%s: the manifest's reserve of %u pages has no room for its %u", manifest_entry(entry)->name,
            manifest()->reserve_pages, pages);
        return ERR_QUOTA;
    }
    kept += pages;
    if (keep) carve(keep, entry_slot(entry, ENTRY_KEEP));
    for (uint32_t i = 0; i < BODY_RUNS; i++)
        carve(body.pages[i], entry_slot(entry, ENTRY_BODY + i));
    return OK;
}

// Not from the reserve: it is for one life, which gives none of it back.
static err_t carve_run(uint32_t entry)
{
    uint32_t pages = manifest_entry(entry)->run_pages;
    if (!pages) return OK;
    if (pages + manifest()->reserve_pages >= ram.pages) return ERR_NO_MEMORY;
    carve(pages, entry_slot(entry, ENTRY_RUN));
    return OK;
}

static void start_service(uint32_t entry)
{
    const struct manifest_entry *e = manifest_entry(entry);
    struct service *s = &services[entry];
    const char *broken = image_of(entry)->broken;
    if (broken) {
        say("%s: the module %s", e->name, broken);
        s->state = SERVICE_BROKEN;
        return;
    }
    s->backoff.pause = e->backoff_ms * 1000000ull;
    s->backoff.deaths_allowed = e->lives;
    s->heartbeat.period = e->heartbeat_ms * 1000000ull;
    err_t err = carve_body(entry);
    if (err == OK) err = carve_run(entry);
    if (err == OK) err = child_make_ports(entry);
    if (err == OK) err = service_start(entry);
    if (err != OK) {
        say("%s: cannot be started: error %d", e->name, err);
        s->state = SERVICE_BROKEN;
    }
}

static void check_program(uint32_t entry)
{
    const char *broken = image_of(entry)->broken;
    if (broken) say("%s: the module %s", manifest_entry(entry)->name, broken);
}

static void start_memory(void)
{
    uint32_t entry = entry_named("memory");
    if (entry == manifest()->entry_count) stop_system("memory: the manifest does not name it.");
    if (image_of(entry)->broken) stop_system("memory: the module %s.", image_of(entry)->broken);
    start_service(entry);
    if (services[entry].state != SERVICE_RUNNING) stop_system("memory: cannot be started.");
}

// So that init's lines carry its name too.
static void sign_log(void)
{
    must(cap_move((cap_t){BOOT_SLOT_LOG}, NO_CAP, LOG_ROOT.slot), "the log");
    must(cap_mint(LOG_ROOT, NO_CAP, BOOT_SLOT_LOG, RIGHT_READ | RIGHT_WRITE, log_badge("init")), "the log");
}

// All RAM but init's own goes into memory's table.
static void hand_over_ram(const struct boot_info *info)
{
    const struct process *memory = process_find(services[entry_named("memory")].id);
    cap_t process = place_slot(memory, PLACE_PROCESS);
    for (uint32_t i = 0; i < info->run_count && i < BOOT_RUNS; i++)
        must(cap_move((cap_t){info->runs[i].slot}, process, client_page->run_slot + i), "giving memory its RAM");
    client_page->run_count = info->run_count;
}

static void start_builder(void)
{
    cap_t thread = spare_slot(SPARE_BUILDER_THREAD);
    err_t err =
        thread_create(SELF, thread, thread_message_page(BUILDER_NUMBER), NO_CAP, NO_CAP, manifest_entry(0)->priority);
    if (err == OK) err = thread_launch(thread, BUILDER_NUMBER, builder, NULL);
    must(err, "its second thread");
}

int main(void)
{
    const struct boot_info *info = boot_info();
    if (!info) return 1;
    say_start(info->text_screen);
    must(table_start(info), "too few capability slots");
    sign_log();
    find_ram(info);
    make_room();
    const char *reason;
    if (images_start(info, &reason) != OK) stop_system("the manifest %s.", reason);
    start_memory();
    for (uint32_t i = 1; i < manifest()->entry_count; i++) {
        if (!entry_is_standing(i))
            check_program(i);
        else if (!entry_is_memory(i))
            start_service(i);
    }
    hand_over_ram(info);
    acpi_start(info);
    start_builder();
    supervise();
}
