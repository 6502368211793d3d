// SPDX-License-Identifier: MIT
#include "kernel/x86/segments.h"

#include "kernel/x86/cpu.h"

#define VECTORS 256
#define GATE_INTERRUPT 0x8eu // present, DPL 0, interrupt gate: IF is cleared
#define GATE_USER 0x60u      // DPL 3

struct table_pointer {
    uint16_t limit;
    uint64_t base;
} __attribute__((packed));

struct gate {
    uint16_t offset_low, selector;
    uint8_t ist, type; // ist 1 to 7; 0: the stack of rsp0
    uint16_t offset_middle;
    uint32_t offset_high, reserved;
};

struct task_state {
    uint32_t reserved0;
    uint64_t rsp[3];
    uint64_t reserved1;
    uint64_t ist[7];
    uint64_t reserved2;
    uint16_t reserved3, io_map;
} __attribute__((packed));
_Static_assert(sizeof(struct task_state) == 104, "SDM vol. 3, figure 8-11");

extern const uint64_t trap_stubs[VECTORS]; // kernel/x86/entry.asm
extern void syscall_entry(void), syscall_entry_c(void);
extern char kernel_stack_top[], ist_stacks[];

static struct task_state task_state;
static struct gate idt[VECTORS];
// Accessed, all of them: or the processor would write here when ring 3 loads a selector (SDM vol. 3, "Segment Descriptors").
static uint64_t gdt[] = {
    0,
    0x00af9b000000ffff, // KERNEL_CODE
    0x00cf93000000ffff, // KERNEL_DATA
    0x00cff3000000ffff, // USER_DATA
    0x00affb000000ffff, // USER_CODE
    0,                  // TASK_STATE, two entries
    0,
};

static void task_state_init(void)
{
    task_state.rsp[0] = (uint64_t)kernel_stack_top;
    for (uint64_t i = 0; i < IST_COUNT; i++)
        task_state.ist[i] = (uint64_t)ist_stacks + (i + 1) * (PAGE_SIZE + IST_STACK_SIZE);
    task_state.io_map = sizeof task_state; // none: I/O from ring 3 faults
    uint64_t base = (uint64_t)&task_state, limit = sizeof task_state - 1;
    gdt[TASK_STATE / 8] = limit | (base & 0xffffff) << 16 | 0x89ull << 40 | (base >> 24 & 0xff) << 56;
    gdt[TASK_STATE / 8 + 1] = base >> 32;
}

// Which stack of the TSS, counted from 1; 0: that of rsp0.
static const uint8_t ist_of[VECTORS] = {
    [VECTOR_DEBUG] = IST_DEBUG + 1,
    [VECTOR_NMI] = IST_NMI + 1,
    [VECTOR_DOUBLE_FAULT] = IST_DOUBLE_FAULT + 1,
    [VECTOR_MACHINE_CHECK] = IST_MACHINE_CHECK + 1,
};

void segments_init(void)
{
    task_state_init();
    for (int v = 0; v < VECTORS; v++) {
        uint64_t stub = trap_stubs[v];
        uint8_t type = GATE_INTERRUPT | (v == VECTOR_BREAKPOINT ? GATE_USER : 0);
        idt[v] = (struct gate){
            (uint16_t)stub, KERNEL_CODE, ist_of[v], type, (uint16_t)(stub >> 16), (uint32_t)(stub >> 32), 0};
    }
    const struct table_pointer gdtr = {sizeof gdt - 1, (uint64_t)gdt}, idtr = {sizeof idt - 1, (uint64_t)idt};
    // No LDT: after a reset its limit is 64 KiB, and ring 3 could name descriptors in whatever lies there.
    __asm__ volatile("lgdt %0; lidt %1; ltr %w2; lldt %w5; mov %w3, %%ss\n\t"
                     "pushq %4; leaq 1f(%%rip), %%rax; pushq %%rax; lretq\n" // the new CS
                     "1:"
                     :
                     : "m"(gdtr), "m"(idtr), "r"(TASK_STATE), "r"(KERNEL_DATA), "i"(KERNEL_CODE), "r"(0)
                     : "rax", "memory");
    msr_write(MSR_STAR, (uint64_t)(USER_DATA - 8) << 48 | (uint64_t)KERNEL_CODE << 32);
    msr_write(MSR_LSTAR, (uint64_t)syscall_entry);
    msr_write(MSR_SFMASK, RFLAGS_SYSCALL);
}

void syscall_in_c(void) { msr_write(MSR_LSTAR, (uint64_t)syscall_entry_c); }
