// SPDX-License-Identifier: MIT
#include "kernel/panic.h"

#include <stdarg.h>

#include "common/exception_text.h"
#include "common/format.h"
#include "kernel/log.h"
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
    if (length >= sizeof text) length = sizeof text - 1;
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

// The function that holds a kernel address, "?" if none does.
static const char *symbol_at(uint64_t address, uint64_t *offset)
{
    const struct symbol *s = kernel_symbols, *end = s + kernel_symbols_count;
    if (address < (uint64_t)kernel_text || address >= (uint64_t)kernel_rodata) end = s; // not code of the kernel
    while (s < end && s->address <= address)
        s++;
    *offset = s == kernel_symbols ? 0 : address - s[-1].address;
    return s == kernel_symbols ? "?" : s[-1].name;
}

static void say_place(const char *what, uint64_t address)
{
    uint64_t offset;
    const char *name = symbol_at(address, &offset);
    say("%s %#lx %s+%#lx", what, address, name, offset);
}

// Whether an address lies in one of the kernel's stacks and not in a guard page (boot/entry.asm lays them out).
static bool on_a_stack(uint64_t address)
{
    const uint64_t first = PAGE_SIZE + KERNEL_STACK_SIZE, other = PAGE_SIZE + IST_STACK_SIZE;
    uint64_t offset = address - (uint64_t)kernel_stack_guard;
    if (offset >= first) offset = offset - first < IST_COUNT * other ? (offset - first) % other : 0;
    return offset >= PAGE_SIZE && address % 8 == 0;
}

// A frame pointer is followed only upwards and only on the kernel's stacks: a corrupt chain ends the list.
static void say_backtrace(uint64_t rbp)
{
    say("backtrace:");
    for (int i = 0; i < BACKTRACE_MAX; i++) {
        if (!on_a_stack(rbp) || !on_a_stack(rbp + 8)) return;
        const uint64_t *frame = (const uint64_t *)rbp;
        if (frame[1] == 0) return;
        say_place(" ", frame[1] - 1);
        if (frame[0] <= rbp) return;
        rbp = frame[0];
    }
}

noreturn void panic(const char *sentence, ...)
{
    screen_begin(SCREEN_ERROR);
    say("KERNEL PANIC");
    va_list arguments;
    va_start(arguments, sentence);
    say_list(sentence, arguments);
    va_end(arguments);
    say_backtrace((uint64_t)__builtin_frame_address(0));
    halt();
}

noreturn void panic_trap(const struct trap_frame *f)
{
    static const char *const names[] = {"r15", "r14", "r13", "r12", "r11", "r10", "r9 ", "r8 ",
                                        "rbp", "rdi", "rsi", "rdx", "rcx", "rbx", "rax"};
    const uint64_t *values = &f->r15, cr2 = cr2_read(), guard = (uint64_t)kernel_stack_guard;
    uint64_t offset;
    screen_begin(SCREEN_ERROR);
    say("KERNEL PANIC");
    if (f->vector == VECTOR_DOUBLE_FAULT && cr2 >= guard && cr2 < guard + PAGE_SIZE)
        say("kernel stack overflow in %s", symbol_at(f->rip, &offset));
    say("EXCEPTION: %s (vector %lu, error %#lx)", exception_text(f->vector), f->vector, f->error);
    say_place("at", f->rip);
    say("cr2 %016lx  cr3 %016lx  rsp %016lx  rflags %#lx", cr2, cr3_read(), f->rsp, f->rflags);
    for (int i = 0; i < 15; i += 3)
        say("%s %016lx  %s %016lx  %s %016lx", names[i], values[i], names[i + 1], values[i + 1], names[i + 2],
            values[i + 2]);
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
