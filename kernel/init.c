// SPDX-License-Identifier: MIT
#include "kernel/init.h"

#include "common/elf.h"
#include "common/mem.h"
#include "common/string.h"
#include "kernel/clock.h"
#include "kernel/endpoint.h"
#include "kernel/irq.h"
#include "kernel/log.h"
#include "kernel/memory.h"
#include "kernel/panic.h"
#include "kernel/ports.h"
#include "kernel/power.h"
#include "kernel/scheduler.h"
#include "kernel/thread.h"
#include "kernel/x86/cpu.h"
#include "kernel/x86/paging.h"

#define TABLE_FRAMES 16 // of init's capability table: 2,048 slots
#define POOL_FRAMES 64  // to begin with; init donates more to itself
#define SCREEN_ADDRESS 0xa0000ull
#define SCREEN_PAGES 32
#define FIRST_MIB (BIT(20) >> PAGE_SHIFT)

struct process *init_process;

// Frames that leave the free map as one cleared run.
static struct frame *take_run(struct boot *b, uint64_t pages)
{
    uint64_t first;
    if (!memory_map_take(b->free, pages, FIRST_MIB, &first))
        stop_machine("Annulet cannot start: too little RAM for init (%lu KiB in one piece).", pages * 4);
    struct frame *run = FRAMES + first;
    clear_words(frame_object(run), pages * PAGE_SIZE / 8);
    run->pages = (uint32_t)pages;
    return run;
}

// --- init's memory: image, stack, message page, boot information, all in one run

struct builder {
    struct frame *next;
};

static void *map_fresh(struct builder *b, uint64_t at, uint32_t access)
{
    vaddr_t page = {at};
    struct leaf leaf = paging_leaf(init_process, page);
    if (!leaf.entries)
        leaf = paging_make_leaf(init_process, page);
    memory_map_page(init_process, leaf, page, b->next, access);
    return frame_object(b->next++);
}

static uint64_t first_page(const struct elf_segment *s) { return s->vaddr & ~(PAGE_SIZE - 1); }

static uint64_t pages_of(const struct elf_segment *s)
{
    return (s->vaddr + s->memsz - first_page(s) + PAGE_SIZE - 1) / PAGE_SIZE;
}

static void load_segment(struct builder *b, const struct elf *elf, const struct elf_segment *s)
{
    const uint8_t *from = elf->image + s->offset;
    uint64_t at = s->vaddr, left = s->filesz;
    for (uint64_t i = 0; i < pages_of(s); i++) {
        uint8_t *page = map_fresh(b, first_page(s) + i * PAGE_SIZE, s->access);
        uint64_t room = PAGE_SIZE - at % PAGE_SIZE, now = left < room ? left : room;
        memcpy(page + at % PAGE_SIZE, from, now);
        at += room;
        from += now;
        left -= now;
    }
}

static void load(struct boot *b, const struct elf *elf, void **boot_page)
{
    uint64_t pages = USER_STACK_PAGES + 2;
    for (uint32_t i = 0; i < elf->segment_count; i++)
        pages += pages_of(&elf->segments[i]);
    struct frame *run = take_run(b, pages);
    run_make(run, (uint32_t)pages, TYPE_MEMORY);
    struct builder builder = {run};
    for (uint32_t i = 0; i < elf->segment_count; i++)
        load_segment(&builder, elf, &elf->segments[i]);
    for (uint64_t i = 1; i <= USER_STACK_PAGES; i++)
        map_fresh(&builder, USER_STACK_TOP - i * PAGE_SIZE, ACCESS_READ | ACCESS_WRITE);
    map_fresh(&builder, USER_MESSAGE_PAGE, ACCESS_READ | ACCESS_WRITE);
    *boot_page = map_fresh(&builder, USER_START_PAGE, ACCESS_READ);
}

// --- init's capabilities

static void grant(uint32_t slot, struct frame *f, uint8_t rights)
{
    capability_set(&init_process->table[slot], f, rights, 0);
}

static void grant_fixed(struct thread *t)
{
    struct frame *endpoint;
    if (pool_take(init_process, TYPE_ENDPOINT, &endpoint))
        panic("init's pool of %d frames is empty", POOL_FRAMES);
    endpoint_make(endpoint, object_frame(init_process));
    struct frame *screen = FRAMES + (SCREEN_ADDRESS >> PAGE_SHIFT);
    run_make(screen, SCREEN_PAGES, TYPE_DEVICE);
    grant(BOOT_SLOT_SELF, object_frame(init_process), PROCESS_RIGHTS);
    grant(BOOT_SLOT_THREAD, object_frame(t), THREAD_RIGHTS);
    grant(BOOT_SLOT_CLOCK, &clock_frame, RIGHTS_ALL & ~RIGHT_SEND);
    grant(BOOT_SLOT_LOG, &log_frame, RIGHTS_ALL & ~RIGHT_SEND);
    grant(BOOT_SLOT_POWER, &power_frame, RIGHTS_ALL & ~RIGHT_SEND);
    grant(BOOT_SLOT_PORTS, &ports_root, RIGHTS_ALL & ~RIGHT_SEND);
    grant(BOOT_SLOT_SCREEN, screen, DEVICE_RIGHTS);
    grant(BOOT_SLOT_ENDPOINT, endpoint, ENDPOINT_RIGHTS);
    for (uint32_t line = 0; line < PIC_LINES; line++)
        if (!irq_is_kernels(line))
            grant(BOOT_SLOT_IRQ0 + line, &irq_frames[line], RIGHT_GRANT | RIGHT_MANAGE);
}

static void grant_modules(struct boot *b, uint32_t *slot)
{
    for (uint32_t i = 0; i < b->module_count; i++) {
        struct module *m = &b->modules[i];
        struct boot_module *told = &b->info.modules[b->info.module_count++];
        *told = (struct boot_module){.error = m->refused ? ERR_BROKEN : OK, .address = m->address, .size = m->size};
        copy_text(told->name, sizeof told->name, m->name);
        if (m->refused)
            continue;
        struct frame *run = frame_of((paddr_t){m->address});
        run_make(run, (uint32_t)((m->size + PAGE_SIZE - 1) / PAGE_SIZE), TYPE_MEMORY);
        told->slot = *slot;
        grant((*slot)++, run, MEMORY_RIGHTS);
    }
}

static void grant_ram(struct boot *b, uint32_t *slot)
{
    for (size_t i = 0; i < b->free->count && b->info.run_count < BOOT_RUNS; i++) {
        struct frame_area *area = &b->free->areas[i];
        uint64_t pages = area->end - area->first;
        struct frame *run = FRAMES + area->first;
        run_make(run, (uint32_t)pages, TYPE_MEMORY);
        b->info.runs[b->info.run_count++] =
            (struct boot_run){.slot = *slot, .pages = (uint32_t)pages, .address = frame_address(run).raw};
        b->info.kernel_frames -= pages;
        grant((*slot)++, run, MEMORY_RIGHTS);
    }
}

static struct module *find_init(struct boot *b)
{
    for (uint32_t i = 0; i < b->module_count; i++)
        if (strcmp(b->modules[i].name, "init") == 0)
            return &b->modules[i];
    stop_machine("Annulet cannot start: the boot loader loaded no module named init.");
}

void init_start(struct boot *b)
{
    struct module *m = find_init(b);
    struct elf elf;
    if (m->refused)
        stop_machine("Annulet cannot start: module init: %s.", m->refused);
    if (elf_open(&elf, phys_ptr((paddr_t){m->address}), m->size))
        stop_machine("Annulet cannot start: module init: %s.", elf.reason);
    init_process = process_make(take_run(b, 2 + TABLE_FRAMES));
    process_add_run(init_process, take_run(b, POOL_FRAMES));
    void *boot_page;
    load(b, &elf, &boot_page);
    struct frame *f;
    if (pool_take(init_process, TYPE_THREAD, &f))
        panic("init's pool of %d frames is empty", POOL_FRAMES);
    struct thread *t = thread_make(init_process, f, INIT_PRIORITY);
    if (thread_bind_page(t, (vaddr_t){USER_MESSAGE_PAGE}))
        panic("init's message page cannot be bound");
    thread_prepare(t, elf.entry, USER_STACK_TOP, 0);
    grant_fixed(t);
    uint32_t slot = BOOT_SLOT_FIRST;
    b->info.kernel_frames = b->info.ram_frames;
    grant_modules(b, &slot);
    grant_ram(b, &slot);
    b->info.magic = BOOT_MAGIC;
    b->info.version = BOOT_VERSION;
    b->info.first_free_slot = slot;
    b->info.slot_count = (uint32_t)init_process->slots;
    b->info.message_page = USER_MESSAGE_PAGE;
    memcpy(boot_page, &b->info, sizeof b->info);
    t->state = THREAD_READY;
    current = t;
}
