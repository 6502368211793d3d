// SPDX-License-Identifier: MIT
// I9: the interrupt controllers mask what the kernel has masked. I10: the processor's control registers and tables are
// those of the boot. I11: so are the kernel's code and constants. I12: its stacks have room left.
#include "kernel/debug/census.h"
#include "kernel/x86/cpu.h"

#define MASTER_DATA 0x21
#define SLAVE_DATA 0xa1
#define PAINT 0xa5a5a5a5a5a5a5a5ull
#define STACK_BOUND (KERNEL_STACK_SIZE * 3 / 4) // UBSan's frames are larger than those of the shipped kernel
#define WORDS 16

extern char kernel_text[], kernel_data[], kernel_stack_guard[], kernel_stack_top[], ist_stacks[];
extern void syscall_entry(void), syscall_entry_c(void);

// What must never change: name and value of each, as they were when init started.
static const char *const names[WORDS] = {"CR0",
                                         "CR4",
                                         "EFER",
                                         "STAR",
                                         "SFMASK",
                                         "DR7",
                                         "IDT",
                                         "GDT",
                                         "TSS",
                                         "IDT's contents",
                                         "GDT's contents",
                                         "TSS's contents",
                                         "text and constants"};
enum { TEXT = 12 };
static uint64_t at_boot[WORDS];

struct table_pointer {
    uint16_t limit;
    uint64_t base;
} __attribute__((packed));

static uint64_t msr_read(uint32_t msr)
{
    uint32_t low, high;
    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(msr));
    return (uint64_t)high << 32 | low;
}

// FNV-1a by words (draft-eastlake-fnv): enough to notice a change.
static uint64_t hash(uint64_t at, uint64_t end)
{
    uint64_t sum = 0xcbf29ce484222325;
    for (; at + 8 <= end; at += 8)
        sum = (sum ^ *(const uint64_t *)at) * 0x100000001b3;
    return sum;
}

static uint64_t descriptor_base(uint64_t low, uint64_t high)
{
    return (low >> 16 & 0xffffff) | (low >> 56 << 24) | high << 32;
}

static void take_down(uint64_t *words)
{
    struct table_pointer idt, gdt;
    __asm__ volatile("sidt %0; sgdt %1" : "=m"(idt), "=m"(gdt));
    const uint64_t *descriptors = (const uint64_t *)gdt.base;
    uint64_t tss = descriptor_base(descriptors[TASK_STATE / 8], descriptors[TASK_STATE / 8 + 1]);
    const uint64_t now[] = {cr0_read() & ~CR0_TS,
                            cr4_read(),
                            msr_read(MSR_EFER),
                            msr_read(MSR_STAR),
                            msr_read(MSR_SFMASK),
                            dr7_read(),
                            idt.base ^ idt.limit,
                            gdt.base ^ gdt.limit,
                            tss,
                            hash(idt.base, idt.base + idt.limit + 1),
                            hash(gdt.base, gdt.base + gdt.limit + 1),
                            hash(tss, tss + 104),
                            hash((uint64_t)kernel_text, (uint64_t)kernel_data)};
    for (size_t i = 0; i < sizeof now / sizeof *now; i++)
        words[i] = now[i];
}

// --- stacks

static uint64_t *stack_bottom(void) { return (uint64_t *)(void *)(kernel_stack_guard + PAGE_SIZE); }

static uint64_t *ist_bottom(uint64_t i)
{
    return (uint64_t *)(void *)(ist_stacks + i * (PAGE_SIZE + IST_STACK_SIZE) + PAGE_SIZE);
}

static void paint(uint64_t *from, const uint64_t *to)
{
    for (uint64_t *w = from; w < to; w++)
        *w = PAINT;
}

uint64_t stack_high_water(void)
{
    const uint64_t *w = stack_bottom(), *top = (const uint64_t *)(void *)kernel_stack_top;
    while (w < top && *w == PAINT)
        w++;
    return (uint64_t)(top - w) * sizeof *w;
}

void machine_begin(void)
{
    take_down(at_boot);
    // Up to a little below this function's own frame.
    paint(stack_bottom(), (uint64_t *)__builtin_frame_address(0) - 128);
    for (uint64_t i = 0; i < IST_COUNT; i++)
        paint(ist_bottom(i), ist_bottom(i) + IST_STACK_SIZE / sizeof(uint64_t));
}

void census_machine(void)
{
    uint64_t now[WORDS] = {0}, entry = msr_read(MSR_LSTAR);
    uint16_t mask = (uint16_t)(port_in8(MASTER_DATA) | port_in8(SLAVE_DATA) << 8);
    if (mask != expected_mask) violated("I9", "the lines masked are %#x, not %#x", mask, expected_mask);
    take_down(now);
    for (int i = 0; i < WORDS; i++)
        if (now[i] != at_boot[i])
            violated(i == TEXT ? "I11" : "I10", "%s: %#lx, at boot %#lx", names[i], now[i], at_boot[i]);
    if (entry != (uint64_t)syscall_entry && entry != (uint64_t)syscall_entry_c) violated("I10", "LSTAR: %#lx", entry);
    if (stack_high_water() > STACK_BOUND) violated("I12", "%lu bytes of the kernel's stack", stack_high_water());
    for (uint64_t i = 0; i < IST_COUNT; i++)
        if (*ist_bottom(i) != PAINT) violated("I12", "stack %lu of the TSS was used to its end", i + 1);
}
