// SPDX-License-Identifier: MIT
// From the boot loader's data to the first instruction in ring 3.
#include "common/mem.h"
#include "common/multiboot2.h"
#include "common/string.h"
#include "kernel/clock.h"
#include "kernel/init.h"
#include "kernel/irq.h"
#include "kernel/log.h"
#include "kernel/panic.h"
#include "kernel/scheduler.h"
#include "kernel/thread.h"
#include "kernel/x86/cpu.h"
#include "kernel/x86/features.h"
#include "kernel/x86/paging.h"
#include "kernel/x86/screen.h"
#include "kernel/x86/segments.h"
#include "kernel/x86/uart.h"

#define AREAS 128
#define RAM_FRAMES_MIN 1024 // 4 MiB: kernel, tables, init and the smallest system

extern char kernel_start[], boot_data[], boot_end[], kernel_text[], kernel_rodata[], kernel_data[], kernel_bss[],
    kernel_end[]; // boot/kernel.ld
noreturn void thread_start_first(void);
noreturn void kernel_main(paddr_t loaded, uint64_t entry_tsc);

static struct frame_area ram_areas[AREAS], free_areas[AREAS];
static struct memory_map ram = {.areas = ram_areas, .capacity = AREAS};
static struct memory_map free = {.areas = free_areas, .capacity = AREAS};
static struct boot_info info; // what init will be told

static void read_boot_information(paddr_t loaded, struct multiboot2 *mb)
{
    err_t err = multiboot2_open(mb, phys_ptr(loaded), BIT(32) - loaded.raw);
    screen_init(err || mb->screen != SCREEN_OTHER);
    if (err) stop_machine("Annulet cannot start: boot information: %s.", mb->reason);
    info.text_screen = mb->screen != SCREEN_OTHER;
    if (!info.text_screen)
        log_line("the boot loader set up no EGA text screen: what is printed stands on this log only");
    log_line("loaded by %s", mb->loader);
}

static void tell_areas(void)
{
    info.ram_frames = memory_map_frames(&ram);
    for (size_t i = 0; i < ram.count && i < BOOT_AREAS; i++) {
        uint64_t start = ram.areas[i].first << PAGE_SHIFT, size = (ram.areas[i].end << PAGE_SHIFT) - start;
        info.areas[info.area_count++] = (struct boot_area){start, size, 1};
        log_line("memory: %#lx + %#lx usable", start, size);
    }
}

static void read_memory(const struct multiboot2 *mb)
{
    if (!mb->map) stop_machine("Annulet cannot start: the boot loader gave no memory map.");
    memory_map_read(&ram, mb->map, mb->map_entry_size, mb->map_count);
    if (ram.lost) log_line("memory map: %lu entries were unusable or did not fit", ram.lost);
    tell_areas();
    if (info.ram_frames < RAM_FRAMES_MIN)
        stop_machine("Annulet cannot start: too little RAM: %lu KiB usable, %d KiB needed.", info.ram_frames * 4,
                     RAM_FRAMES_MIN * 4);
    memcpy(free_areas, ram_areas, sizeof free_areas);
    free.count = ram.count;
}

static void tell_sections(void)
{
    const struct {
        const char *name, *start, *end, *access;
    } sections[] = {
        {".boot.text", kernel_start, boot_data, "read, execute"}, {".boot.data", boot_data, boot_end, "read, write"},
        {".text", kernel_text, kernel_rodata, "read, execute"},   {".rodata", kernel_rodata, kernel_data, "read"},
        {".data", kernel_data, kernel_bss, "read, write"},        {".bss", kernel_bss, kernel_end, "read, write"},
    };
    for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++)
        log_line("section %s: %p to %p, %s", sections[i].name, (const void *)sections[i].start,
                 (const void *)sections[i].end, sections[i].access);
}

static void read_options(const char *options)
{
    if (strcmp(options, "fastpath=off") == 0) {
        syscall_in_c();
        log_line("option %s: all messages take the C path", options);
    } else if (options[0]) {
        log_line("option %s is not known", options);
    }
}

// Frame 0 stays unused (no frame has number 0), the screen and the firmware below 1 MiB are no RAM whatever the map says,
// and what the loader put somewhere stays there.
static void reserve(paddr_t loaded)
{
    uint64_t start = (uint64_t)kernel_start, end = (uint64_t)kernel_end - KERNEL_BASE;
    size_t size = multiboot2_size(phys_ptr(loaded));
    memory_map_reserve(&free, 0, PAGE_SIZE);
    memory_map_reserve(&free, SCREEN_ADDRESS, BIT(20) - SCREEN_ADDRESS);
    memory_map_reserve(&free, start, end - start);
    memory_map_reserve(&free, loaded.raw, size);
    tell_sections();
    log_line("kernel: %#lx to %#lx, boot information: %#lx + %#lx", start, end, loaded.raw, size);
}

static void add_module(const struct multiboot2_module *from)
{
    if (info.module_count == BOOT_MODULES) {
        log_line("module %s: there is room for %d modules only", from->name, BOOT_MODULES);
        return;
    }
    const char *refused = from->reason;
    if (!refused && from->start % PAGE_SIZE != 0) refused = "it does not start on a page boundary";
    if (!refused && !memory_map_has(&free, from->start, from->end - from->start))
        refused = "it lies outside RAM or over something else";
    struct boot_module *m = &info.modules[info.module_count++];
    *m = (struct boot_module){.error = ERR_BROKEN, .address = from->start, .size = from->end - from->start};
    copy_text(m->name, sizeof m->name, from->name);
    if (refused) {
        log_line("module %s is not used: %s", m->name, refused);
        return;
    }
    m->error = OK;
    memory_map_reserve(&free, m->address, m->size);
    memset(phys_ptr((paddr_t){from->end}), 0, -m->size % PAGE_SIZE); // the rest of its last page
    log_line("module %s: %#lx + %#lx", m->name, m->address, m->size);
}

static void read_modules(const struct multiboot2 *mb)
{
    size_t place = 0;
    struct multiboot2_module module;
    while (multiboot2_module(mb, &place, &module))
        add_module(&module);
}

noreturn void kernel_main(paddr_t loaded, uint64_t entry_tsc)
{
    struct multiboot2 mb;
    info.entry_tsc = entry_tsc;
    scheduler_init();
    uart_init();
    log_line("Annulet starts");
    segments_init();
    features_init();
    read_boot_information(loaded, &mb);
    read_options(mb.options);
    read_memory(&mb);
    reserve(loaded);
    read_modules(&mb);
    if (mb.rsdp && mb.rsdp_size <= BOOT_RSDP_MAX) memcpy(info.rsdp, mb.rsdp, info.rsdp_size = (uint32_t)mb.rsdp_size);
    if (!paging_start(&ram, &free))
        stop_machine("Annulet cannot start: too little RAM for the page tables and the frame table.");
    irq_init();
    init_start(&info, &free);
    clock_init();
    log_line("init starts: %lu KiB of RAM, %lu KiB of them kernel, modules and init", info.ram_frames * 4,
             info.kernel_frames * 4);
    log_start_interrupts();
    thread_start_first();
}
