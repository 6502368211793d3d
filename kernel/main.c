// SPDX-License-Identifier: MIT
// From the boot loader's data to the first instruction in ring 3.
#include "common/mem.h"
#include "common/memory_map.h"
#include "common/multiboot2.h"
#include "common/string.h"
#include "kernel/clock.h"
#include "kernel/init.h"
#include "kernel/irq.h"
#include "kernel/log.h"
#include "kernel/panic.h"
#include "kernel/power.h"
#include "kernel/scheduler.h"
#include "kernel/thread.h"
#include "kernel/x86/cpu.h"
#include "kernel/x86/features.h"
#include "kernel/x86/fpu.h"
#include "kernel/x86/paging.h"
#include "kernel/x86/screen.h"
#include "kernel/x86/segments.h"
#include "kernel/x86/uart.h"

#define AREAS 128
#define RAM_FRAMES_MIN 1024 // 4 MiB: kernel, tables, init and the smallest system

extern char kernel_start[], kernel_end[];
noreturn void thread_start_first(struct thread *t);
noreturn void kernel_main(paddr_t info, uint64_t entry_tsc);

static struct frame_area ram_areas[AREAS], free_areas[AREAS];
static struct memory_map ram = {.areas = ram_areas, .capacity = AREAS};
static struct memory_map free = {.areas = free_areas, .capacity = AREAS};
static struct boot boot = {.free = &free};

static void read_boot_information(paddr_t info, struct multiboot2 *mb)
{
    const void *at = phys_ptr(info);
    err_t err = multiboot2_open(mb, at, BIT(32) - info.raw);
    screen_init(err || mb->screen != SCREEN_OTHER);
    if (err)
        stop_machine("Annulet cannot start: boot information: %s.", mb->reason);
    if (mb->screen == SCREEN_OTHER)
        log_line("the boot loader set up no EGA text screen: what is printed stands on this log only");
    log_line("loaded by %s", mb->loader);
}

static void tell_areas(const struct multiboot2 *mb)
{
    boot.info.ram_frames = memory_map_frames(&ram);
    for (size_t i = 0; i < ram.count && i < BOOT_AREAS; i++) {
        struct frame_area *a = &ram.areas[i];
        boot.info.areas[boot.info.area_count++] =
            (struct boot_area){a->first << PAGE_SHIFT, (a->end - a->first) << PAGE_SHIFT, 1};
        log_line("memory: %#lx + %#lx usable", a->first << PAGE_SHIFT, (a->end - a->first) << PAGE_SHIFT);
    }
    boot.info.text_screen = mb->screen != SCREEN_OTHER;
}

static void read_memory(const struct multiboot2 *mb)
{
    if (!mb->map)
        stop_machine("Annulet cannot start: the boot loader gave no memory map.");
    memory_map_read(&ram, mb->map, mb->map_entry_size, mb->map_count);
    if (ram.lost)
        log_line("memory map: %lu entries were unusable or did not fit", ram.lost);
    tell_areas(mb);
    if (boot.info.ram_frames < RAM_FRAMES_MIN)
        stop_machine("Annulet cannot start: too little RAM: %lu KiB usable, %d KiB needed.", boot.info.ram_frames * 4,
                     RAM_FRAMES_MIN * 4);
    memcpy(free_areas, ram_areas, sizeof free_areas);
    free.count = ram.count;
}

// Frame 0 stays unused (no frame has number 0), and what the loader put somewhere stays there.
static void reserve(paddr_t info)
{
    memory_map_reserve(&free, 0, PAGE_SIZE);
    memory_map_reserve(&free, (uint64_t)kernel_start, (uint64_t)kernel_end - KERNEL_BASE - (uint64_t)kernel_start);
    memory_map_reserve(&free, info.raw, multiboot2_size(phys_ptr(info)));
    log_line("kernel: %#lx to %#lx, boot information: %#lx + %#lx", (uint64_t)kernel_start,
             (uint64_t)kernel_end - KERNEL_BASE, info.raw, multiboot2_size(phys_ptr(info)));
}

static void add_module(const struct multiboot2_module *from)
{
    if (boot.module_count == BOOT_MODULES) {
        log_line("module %s: there is room for %d modules only", from->name, BOOT_MODULES);
        return;
    }
    struct module *m = &boot.modules[boot.module_count++];
    copy_text(m->name, sizeof m->name, from->name);
    m->refused = from->reason;
    if (!m->refused && from->start % PAGE_SIZE != 0)
        m->refused = "it does not start on a page boundary";
    if (!m->refused && !memory_map_has(&free, from->start, from->end - from->start))
        m->refused = "it lies outside RAM or over something else";
    if (m->refused) {
        log_line("module %s is not used: %s", m->name, m->refused);
        return;
    }
    m->address = from->start;
    m->size = from->end - from->start;
    memory_map_reserve(&free, m->address, m->size);
    uint64_t tail = -m->size % PAGE_SIZE;
    memset(phys_ptr((paddr_t){from->end}), 0, tail);
    log_line("module %s: %#lx + %#lx", m->name, m->address, m->size);
}

static void read_modules(const struct multiboot2 *mb)
{
    size_t place = 0;
    struct multiboot2_module module;
    while (multiboot2_module(mb, &place, &module))
        add_module(&module);
}

noreturn void kernel_main(paddr_t info, uint64_t entry_tsc)
{
    boot.info.entry_tsc = entry_tsc;
    scheduler_init();
    uart_init();
    log_line("Annulet starts");
    struct multiboot2 mb;
    segments_init();
    features_init();
    read_boot_information(info, &mb);
    read_memory(&mb);
    reserve(info);
    read_modules(&mb);
    power_init(mb.rsdp, mb.rsdp_size);
    uint64_t top = memory_map_top(&ram);
    if (!paging_start(&ram, &free, top))
        stop_machine("Annulet cannot start: too little RAM for the page tables and the frame table.");
    irq_init();
    init_start(&boot);
    clock_init();
    log_line("init starts: %lu KiB of RAM, %lu KiB of them kernel, modules and init", boot.info.ram_frames * 4,
             boot.info.kernel_frames * 4);
    log_start_interrupts();
    fpu_prepare(current);
    thread_start_first(current);
}
