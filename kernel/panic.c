// SPDX-License-Identifier: MIT
#include "kernel/panic.h"

#include <stdarg.h>

#include "common/exception_text.h"
#include "common/format.h"
#include "kernel/log.h"
#include "kernel/thread.h"
#include "kernel/x86/cpu.h"
#include "kernel/x86/screen.h"

// Generated from the kernel's own symbol table after the first of two links (tools/symbols.py), in ascending order.
struct symbol {
    uint64_t address;
    const char *name;
};
extern const uint64_t kernel_symbols_count;
extern const struct symbol kernel_symbols[];
extern const char kernel_text[], kernel_rodata[], kernel_stack_guard[];

#define BACKTRACE_MAX 16

static void say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static void say_list(const char *fmt, va_list arguments)
{
    char text[160];
    size_t length = format_list(text, sizeof text, fmt, arguments);
    if (length >= sizeof text)
        length = sizeof text - 1;
    screen_line(text, length);
    log_line("%s", text);
    log_flush();
}

static void say(const char *fmt, ...)
{
    va_list arguments;
    va_start(arguments, fmt);
    say_list(fmt, arguments);
    va_end(arguments);
}

noreturn static void halt(void)
{
    for (;;)
        __asm__ volatile("cli; hlt");
}

const char *symbol_at(uint64_t address, uint64_t *offset)
{
    *offset = 0;
    if (address < (uint64_t)kernel_text || address >= (uint64_t)kernel_rodata)
        return "?";
    uint64_t low = 0, high = kernel_symbols_count;
    while (low < high) {
        uint64_t middle = (low + high) / 2;
        if (kernel_symbols[middle].address <= address)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0)
        return "?";
    *offset = address - kernel_symbols[low - 1].address;
    return kernel_symbols[low - 1].name;
}

static void say_place(uint64_t address)
{
    uint64_t offset;
    const char *name = symbol_at(address, &offset);
    say("  %#lx %s+%#lx", address, name, offset);
}

// Whether an address lies in one of the kernel's stacks and not in a guard page (boot/entry.asm lays them out).
static bool on_a_stack(uint64_t address)
{
    const uint64_t first = PAGE_SIZE + KERNEL_STACK_SIZE, other = PAGE_SIZE + IST_STACK_SIZE;
    uint64_t offset = address - (uint64_t)kernel_stack_guard;
    if (offset >= first)
        offset = offset - first < IST_COUNT * other ? (offset - first) % other : 0;
    return offset >= PAGE_SIZE && address % 8 == 0;
}

// A frame pointer is followed only upwards and only on the kernel's stacks: a corrupt chain ends the list.
static void say_backtrace(uint64_t rbp)
{
    say("backtrace:");
    for (int i = 0; i < BACKTRACE_MAX; i++) {
        if (!on_a_stack(rbp) || !on_a_stack(rbp + 8))
            return;
        const uint64_t *frame = (const uint64_t *)rbp;
        if (frame[1] == 0)
            return;
        say_place(frame[1] - 1);
        if (frame[0] <= rbp)
            return;
        rbp = frame[0];
    }
}

static void say_current(void)
{
    if (current && current->process)
        say("current: thread %#lx, in process %#lx, last entry %s", (uint64_t)current, (uint64_t)current->process,
            current->flags & THREAD_FULL ? "a trap" : "a syscall");
}

noreturn void panic(const char *sentence, ...)
{
    __asm__ volatile("cli");
    screen_begin(SCREEN_ERROR);
    say("KERNEL PANIC");
    va_list arguments;
    va_start(arguments, sentence);
    say_list(sentence, arguments);
    va_end(arguments);
    say_current();
    say_backtrace((uint64_t)__builtin_frame_address(0));
    halt();
}

noreturn void panic_trap(const struct trap_frame *f)
{
    uint64_t cr2 = cr2_read();
    screen_begin(SCREEN_ERROR);
    say("KERNEL PANIC");
    uint64_t offset;
    const char *name = symbol_at(f->rip, &offset);
    uint64_t guard = (uint64_t)kernel_stack_guard;
    if (f->vector == 8 && cr2 >= guard && cr2 < guard + PAGE_SIZE)
        say("kernel stack overflow in %s", name);
    say("EXCEPTION: %s (vector %lu, error %#lx) at %#lx %s+%#lx", exception_text(f->vector), f->vector, f->error,
        f->rip, name, offset);
    say("cr2 %016lx  cr3 %016lx  rflags %08lx  cs %02lx ss %02lx", cr2, cr3_read(), f->rflags, f->cs, f->ss);
    say("rax %016lx  rbx %016lx  rcx %016lx", f->rax, f->rbx, f->rcx);
    say("rdx %016lx  rsi %016lx  rdi %016lx", f->rdx, f->rsi, f->rdi);
    say("rbp %016lx  rsp %016lx  r8  %016lx", f->rbp, f->rsp, f->r8);
    say("r9  %016lx  r10 %016lx  r11 %016lx", f->r9, f->r10, f->r11);
    say("r12 %016lx  r13 %016lx  r14 %016lx", f->r12, f->r13, f->r14);
    say("r15 %016lx", f->r15);
    say_current();
    say_backtrace(f->rbp);
    halt();
}

noreturn void stop_machine(const char *sentence, ...)
{
    screen_begin(SCREEN_ERROR);
    va_list arguments;
    va_start(arguments, sentence);
    say_list(sentence, arguments);
    va_end(arguments);
    halt();
}
