// SPDX-License-Identifier: MIT
#include "servers/init/build.h"

#include "common/mem.h"
#include "common/string.h"
#include "servers/init/child.h"
#include "servers/init/image.h"

#define SELF ((cap_t){BOOT_SLOT_SELF})
#define DEVICE_START 0xa0000ull // of the one device memory that there is (BOOT_SLOT_SCREEN)
#define DEVICE_END 0xc0000ull
#define PAGES_PER_TABLE 512

// The fresh pages of a process, in the order of its third run.
enum { FRESH_START, FRESH_MESSAGE, FRESH_STACK };

bool entry_is_standing(uint32_t entry) { return manifest_entry(entry)->flags & MANIFEST_START; }

bool entry_is_memory(uint32_t entry) { return strcmp(manifest_entry(entry)->name, "memory") == 0; }

// A standing process must not wait for a page of its stack; any other starts with one and gets the rest from memory.
static uint32_t stack_mapped(uint32_t entry)
{
    return entry_is_standing(entry) ? manifest_entry(entry)->stack_pages : 1;
}

struct body build_body(uint32_t entry)
{
    const struct manifest_entry *e = manifest_entry(entry);
    // Page tables for what memory may map later are paid in advance, or a heap would grow until its pool is empty.
    uint32_t tables = e->quota_pages / PAGES_PER_TABLE + 1;
    return (struct body){{
        [PLACE_PROCESS] = 2 + (e->table_slots + 127) / 128,
        [PLACE_POOL] = e->pool_frames + tables,
        [PLACE_FRAMES] = FRESH_STACK + stack_mapped(entry) + image_fresh_pages(image_of(entry)),
    }};
}

struct work {
    const struct build *build;
    const struct manifest_entry *entry;
    cap_t process, frames;
    uint32_t next_fresh; // of the run of fresh pages: those before it have their place
    err_t err;           // the first error; nothing is done after it
};

static void map(struct work *w, cap_t run, uint64_t at, uint64_t first, uint64_t pages, uint32_t access)
{
    if (w->err == OK) w->err = memory_map(run, w->process, (vaddr_t){at}, first, pages, access);
}

// The same page in init, while it is being filled.
static unsigned char *fresh(const struct work *w, uint32_t page)
{
    return (unsigned char *)(w->build->window + page * PAGE_SIZE);
}

// Copies what the file has of a segment; the rest is zero already.
static void fill_segment(struct work *w, const struct image *image, const struct elf_segment *segment)
{
    if (!segment_is_fresh(segment)) return;
    memcpy(fresh(w, w->next_fresh) + segment->vaddr % PAGE_SIZE, image->elf.image + segment->offset, segment->filesz);
    w->next_fresh += segment_pages(segment);
}

static void map_segment(struct work *w, const struct image *image, const struct elf_segment *segment)
{
    uint64_t at = segment->vaddr / PAGE_SIZE * PAGE_SIZE;
    uint32_t pages = segment_pages(segment);
    if (!segment_is_fresh(segment)) {
        map(w, image->module, at, segment->offset / PAGE_SIZE, pages, segment->access);
        return;
    }
    map(w, w->frames, at, w->next_fresh, pages, segment->access);
    w->next_fresh += pages;
}

static void map_devices(struct work *w, struct child *child)
{
    uint64_t at = USER_DEVICE;
    for (uint32_t i = 0; i < w->entry->device_count; i++) {
        const struct manifest_device *d = &w->entry->devices[i];
        uint64_t pages = (d->size + PAGE_SIZE - 1) / PAGE_SIZE;
        if (d->address < DEVICE_START || d->address >= DEVICE_END || d->size > DEVICE_END - d->address)
            w->err = ERR_DEVICE;
        map(w, (cap_t){BOOT_SLOT_SCREEN}, at, (d->address - DEVICE_START) / PAGE_SIZE, pages,
            (uint32_t)d->access | ACCESS_UNCACHED);
        child_add_region(child, d->name, at, d->size);
        at += (pages + 1) * PAGE_SIZE; // a page that is never mapped lies between two devices
    }
}

// memory is given the page about its clients, and slots for what init puts straight into its table.
static void prepare_memory(struct work *w, struct child *child)
{
    client_page->run_slot = child_reserve(child, BOOT_RUNS);
    client_page->process_slot = child_reserve(child, CLIENTS);
    child_add_region(child, "clients", USER_KEEP, PAGE_SIZE);
    map(w, spare_slot(SPARE_CLIENTS), USER_KEEP, 0, 1, ACCESS_READ);
}

static void make_objects(struct work *w)
{
    struct process *p = w->build->process;
    cap_t endpoint = entry_slot(p->entry, ENTRY_ENDPOINT);
    w->err = process_create(w->process);
    if (w->err == OK) w->err = process_donate(w->process, place_slot(p, PLACE_POOL));
    if (w->err != OK) return;
    struct cap_info info;
    if (!entry_is_standing(p->entry))
        w->err = endpoint_create(w->process, place_slot(p, PLACE_SELF), w->process);
    else if (cap_info(endpoint, &info) == OK)
        w->err = endpoint_bind(endpoint, w->process); // clients' capabilities stay good, queued callers wait for us
    else
        w->err = endpoint_create(SELF, endpoint, w->process);
}

// Fills the fresh pages in init's window and unmaps them there again: nothing is ever writable here and executable
// there at once.
static void fill(struct work *w, struct child *child, const struct image *image)
{
    const struct build *b = w->build;
    uint32_t pages = b->process->body.pages[PLACE_FRAMES];
    w->err = memory_map(w->frames, SELF, (vaddr_t){b->window}, 0, pages, ACCESS_READ | ACCESS_WRITE | ACCESS_CLEAR);
    if (w->err != OK) return;
    child->page = (struct start_page *)fresh(w, FRESH_START);
    child_give_all(child);
    if (entry_is_memory(b->process->entry)) prepare_memory(w, child);
    map_devices(w, child);
    if (w->entry->keep_pages) child_add_region(child, "keep", USER_KEEP, w->entry->keep_pages * (uint64_t)PAGE_SIZE);
    child_finish(child, b->arguments, b->arguments_length);
    w->next_fresh = FRESH_STACK + stack_mapped(b->process->entry);
    for (uint32_t i = 0; i < image->elf.segment_count; i++)
        fill_segment(w, image, &image->elf.segments[i]);
    if (w->err == OK) w->err = child->err;
    err_t err = process_unmap(SELF, (vaddr_t){b->window}, pages);
    if (w->err == OK) w->err = err;
}

// What a life leaves here its successor finds. Only the first one gets the pages cleared.
static void map_keep(struct work *w)
{
    uint32_t clear = w->build->process->generation == 1 ? ACCESS_CLEAR : 0;
    if (w->entry->keep_pages)
        map(w, entry_slot(w->build->process->entry, ENTRY_KEEP), USER_KEEP, 0, w->entry->keep_pages,
            ACCESS_READ | ACCESS_WRITE | clear);
}

static void map_all(struct work *w, const struct image *image)
{
    uint32_t stack = stack_mapped(w->build->process->entry);
    map(w, w->frames, USER_START_PAGE, FRESH_START, 1, ACCESS_READ);
    map(w, w->frames, USER_MESSAGE_PAGE, FRESH_MESSAGE, 1, ACCESS_READ | ACCESS_WRITE);
    map(w, w->frames, USER_STACK_TOP - stack * PAGE_SIZE, FRESH_STACK, stack, ACCESS_READ | ACCESS_WRITE);
    map_keep(w);
    w->next_fresh = FRESH_STACK + stack;
    for (uint32_t i = 0; i < image->elf.segment_count; i++)
        map_segment(w, image, &image->elf.segments[i]);
}

// Faults carry the process's number as a badge, to memory for pages and to the supervisor for the rest.
static void make_thread(struct work *w)
{
    struct process *p = w->build->process;
    uint64_t id = atomic_load(&p->id);
    cap_t pager = place_slot(p, PLACE_PAGER), supervisor = place_slot(p, PLACE_SUPERVISOR);
    cap_t memory = entry_slot(entry_named("memory"), ENTRY_ENDPOINT);
    if (w->err == OK) w->err = cap_mint(SUPERVISOR_ENDPOINT, NO_CAP, supervisor.slot, RIGHT_SEND, id);
    if (w->err == OK && !entry_is_memory(p->entry)) w->err = cap_mint(memory, NO_CAP, pager.slot, RIGHT_SEND, id);
    vaddr_t tls = {w->entry->grants & MANIFEST_THREADS ? USER_STACK_TOP - USER_TLS_BLOCK : 0};
    if (w->err == OK)
        w->err = thread_create_tls(w->process, place_slot(p, PLACE_THREAD), (vaddr_t){USER_MESSAGE_PAGE},
                                   entry_is_memory(p->entry) ? NO_CAP : pager, supervisor, w->entry->priority, tls);
    cap_drop(pager);
    cap_drop(supervisor);
}

// Memory gets the right to map into the process, and its limits. The number goes in last: from then on memory serves it.
static void tell_memory(struct work *w)
{
    static cap_t memory;
    struct process *p = w->build->process;
    uint64_t id = atomic_load(&p->id);
    if (entry_is_memory(p->entry)) {
        memory = w->process;
        return;
    }
    uint32_t place = CLIENT_PLACE(id);
    w->err = cap_copy(w->process, memory, client_page->process_slot + place, RIGHT_MAP);
    if (w->err != OK) return;
    struct client_record *record = &client_page->records[place];
    record->stack_first = p->stack_bottom;
    record->stack_pages = w->entry->stack_pages - stack_mapped(p->entry);
    record->quota = w->entry->quota_pages;
    __atomic_store_n(&record->id, id, __ATOMIC_RELEASE);
}

err_t build_process(const struct build *b)
{
    struct process *p = b->process;
    const struct image *image = image_of(p->entry);
    struct work w = {
        .build = b,
        .entry = manifest_entry(p->entry),
        .process = place_slot(p, PLACE_PROCESS),
        .frames = place_slot(p, PLACE_FRAMES),
    };
    struct child child = {.process = p, .entry = w.entry, .next_slot = 1};
    p->stack_bottom = USER_STACK_TOP - w.entry->stack_pages * PAGE_SIZE;
    make_objects(&w);
    if (w.err == OK) fill(&w, &child, image);
    if (w.err == OK) map_all(&w, image);
    make_thread(&w);
    if (w.err == OK) tell_memory(&w);
    return w.err;
}

err_t build_run(struct process *p)
{
    atomic_store(&p->started, true);
    return thread_start(place_slot(p, PLACE_THREAD), (vaddr_t){image_of(p->entry)->elf.entry},
                        (vaddr_t){USER_STACK_TOP}, 0);
}
