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

#define TABLE_FRAMES 16 // of init's capability table: 2,048 slots
#define POOL_FRAMES 64  // to begin with; init donates more to itself
#define SCREEN_PAGES 32

struct process *init_process;

// Frames that leave the free map as one cleared run.
static struct frame *take_run(struct memory_map *free, uint64_t pages)
{
    uint64_t first;
    if (!memory_map_take(free, pages, FIRST_TAKEN, &first))
        stop_machine("Annulet cannot start: too little RAM for init (%lu KiB in one piece).", pages * 4);
    struct frame *run = FRAMES + first;
    clear_words(frame_object(run), pages * PAGE_SIZE / 8);
    run->pages = (uint32_t)pages;
    return run;
}

static struct frame *take_object(enum object_type type)
{
    struct frame *f;
    if (pool_take(init_process, type, &f)) panic("init's pool of %d frames is empty", POOL_FRAMES);
    return f;
}

// --- init's memory: image, stack, message page, boot information, all in one run

static void *map_fresh(struct frame **next, uint64_t at, uint32_t access)
{
    vaddr_t page = {at};
    memory_map_some(init_process, paging_make_leaf(init_process, page), page, (*next)->head, *next, 1, access);
    return frame_object((*next)++);
}

static uint64_t pages_of(const struct elf_segment *s)
{
    return (s->vaddr % PAGE_SIZE + s->memsz + PAGE_SIZE - 1) / PAGE_SIZE;
}

static void load_segment(struct frame **next, const struct elf *elf, const struct elf_segment *s)
{
    const uint8_t *from = elf->image + s->offset;
    uint64_t at = s->vaddr, left = s->filesz;
    for (uint64_t i = 0; i < pages_of(s); i++) {
        uint64_t in_page = at % PAGE_SIZE, room = PAGE_SIZE - in_page, now = left < room ? left : room;
        memcpy((uint8_t *)map_fresh(next, at - in_page, s->access) + in_page, from, now);
        at += room;
        from += now;
        left -= now;
    }
}

static void *load(struct memory_map *free, const struct elf *elf)
{
    uint64_t pages = USER_STACK_PAGES + 2;
    for (uint32_t i = 0; i < elf->segment_count; i++)
        pages += pages_of(&elf->segments[i]);
    struct frame *next = take_run(free, pages);
    run_begin(next, (uint32_t)pages, TYPE_MEMORY);
    for (struct frame *f = next; f < next + pages; f++)
        f->head = next;
    for (uint32_t i = 0; i < elf->segment_count; i++)
        load_segment(&next, elf, &elf->segments[i]);
    for (uint64_t i = 1; i <= USER_STACK_PAGES; i++)
        map_fresh(&next, USER_STACK_TOP - i * PAGE_SIZE, ACCESS_READ | ACCESS_WRITE);
    map_fresh(&next, USER_MESSAGE_PAGE, ACCESS_READ | ACCESS_WRITE);
    return map_fresh(&next, USER_START_PAGE, ACCESS_READ);
}

// --- init's capabilities

static void grant(uint32_t slot, struct frame *f, uint8_t rights)
{
    capability_set(&init_process->table[slot], f, rights, 0);
}

static void grant_fixed(struct thread *t)
{
    struct frame *endpoint = take_object(TYPE_ENDPOINT), *screen = FRAMES + (SCREEN_ADDRESS >> PAGE_SHIFT);
    endpoint_make(endpoint, object_frame(init_process));
    run_begin(screen, SCREEN_PAGES, TYPE_DEVICE);
    grant(BOOT_SLOT_SELF, object_frame(init_process), PROCESS_RIGHTS);
    grant(BOOT_SLOT_THREAD, object_frame(t), THREAD_RIGHTS);
    grant(BOOT_SLOT_CLOCK, &clock_frame, ROOT_RIGHTS);
    grant(BOOT_SLOT_LOG, &log_frame, ROOT_RIGHTS);
    grant(BOOT_SLOT_POWER, &power_frame, ROOT_RIGHTS);
    grant(BOOT_SLOT_PORTS, &ports_root, ROOT_RIGHTS);
    grant(BOOT_SLOT_SCREEN, screen, DEVICE_RIGHTS);
    grant(BOOT_SLOT_ENDPOINT, endpoint, ENDPOINT_RIGHTS);
    for (uint32_t line = 0; line < PIC_LINES; line++)
        if (!irq_is_kernels(line)) grant(BOOT_SLOT_IRQ0 + line, &irq_frames[line], RIGHT_GRANT | RIGHT_MANAGE);
}

static struct boot_run grant_run(struct boot_info *info, uint64_t address, uint64_t pages, enum object_type type)
{
    struct frame *run = frame_of((paddr_t){address});
    run_begin(run, (uint32_t)pages, type);
    grant(info->first_free_slot, run, type == TYPE_DEVICE ? DEVICE_RIGHTS : MEMORY_RIGHTS);
    return (struct boot_run){info->first_free_slot++, (uint32_t)pages, address};
}

// What the physical map shows behind the end of an area of RAM.
static void grant_firmware(struct boot_info *info)
{
    // Not behind the last area that had room: it is not known where the next one starts.
    for (uint32_t i = 0; i < info->area_count && i + 1 < BOOT_AREAS && info->firmware_count < BOOT_FIRMWARE; i++) {
        uint64_t start = info->areas[i].address + info->areas[i].size, end = (start | (BLOCK_SIZE - 1)) + 1;
        if (i + 1 < info->area_count && info->areas[i + 1].address < end) end = info->areas[i + 1].address;
        if (start < BIT(20) || start % BLOCK_SIZE == 0) continue;
        info->firmware[info->firmware_count++] = grant_run(info, start, (end - start) >> PAGE_SHIFT, TYPE_DEVICE);
    }
}

static void grant_memory(struct boot_info *info, struct memory_map *free)
{
    memory_map_limit(free, BOOT_RUNS);
    if (free->lost) log_line("memory: %lu areas of free RAM are too small to be used", free->lost);
    info->first_free_slot = BOOT_SLOT_FIRST;
    info->kernel_frames = info->ram_frames - memory_map_frames(free);
    for (uint32_t i = 0; i < info->module_count; i++) {
        struct boot_module *m = &info->modules[i];
        if (m->error == OK)
            m->slot = grant_run(info, m->address, (m->size + PAGE_SIZE - 1) / PAGE_SIZE, TYPE_MEMORY).slot;
    }
    for (size_t i = 0; i < free->count; i++) {
        uint64_t first = free->areas[i].first, pages = free->areas[i].end - first;
        info->runs[info->run_count++] = grant_run(info, first << PAGE_SHIFT, pages, TYPE_MEMORY);
    }
    grant_firmware(info);
}

static const struct boot_module *find_init(const struct boot_info *info)
{
    for (uint32_t i = 0; i < info->module_count; i++)
        if (strcmp(info->modules[i].name, "init") == 0 && info->modules[i].error == OK) return &info->modules[i];
    stop_machine("Annulet cannot start: the boot loader loaded no usable module named init.");
}

void init_start(struct boot_info *info, struct memory_map *free)
{
    const struct boot_module *m = find_init(info);
    struct elf elf;
    if (elf_open(&elf, phys_ptr((paddr_t){m->address}), m->size))
        stop_machine("Annulet cannot start: module init: %s.", elf.reason);
    struct frame *own = take_run(free, 2 + TABLE_FRAMES);
    while (!table_fill_some(own))
        continue;
    init_process = process_make(own);
    process_add_run(init_process, take_run(free, POOL_FRAMES));
    void *boot_page = load(free, &elf);
    struct thread *t = thread_make(init_process, take_object(TYPE_THREAD), INIT_PRIORITY);
    struct frame *page;
    if (thread_find_page(init_process, (vaddr_t){USER_MESSAGE_PAGE}, &page)) panic("init has no message page");
    thread_bind_page(t, page);
    thread_prepare(t, elf.entry, USER_STACK_TOP, 0);
    grant_fixed(t);
    grant_memory(info, free);
    info->magic = BOOT_MAGIC;
    info->version = BOOT_VERSION;
    info->slot_count = (uint32_t)init_process->slots;
    info->message_page = USER_MESSAGE_PAGE;
    memcpy(boot_page, info, sizeof *info);
    t->state = THREAD_READY;
    current = t;
}
