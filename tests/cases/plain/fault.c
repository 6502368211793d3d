// SPDX-License-Identifier: MIT
// What the processor and the kernel refuse to a program, and what they let it do.
#include "common/mem.h"
#include "libsys/stdlib.h"
#include "tests/cases/case.h"

// The compiler must not see that there is nothing at an address.
static volatile uint64_t *at(uint64_t address)
{
    __asm__("" : "+r"(address));
    return (volatile uint64_t *)address;
}

TEST(null_is_not_read_written_or_called)
{
    EXPECT_FAULT_AT(0, (void)*at(0));
    EXPECT_FAULT_AT(8, *at(8) = 1);
    EXPECT_FAULT_AT(0, ((void (*)(void))(uint64_t)at(0))());
}

TEST(the_kernels_half_is_not_read_written_or_called)
{
    static const uint64_t places[] = {PHYSMAP_BASE, FRAMES_BASE, KERNEL_BASE + KERNEL_PHYS, UINT64_MAX - 7};
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        EXPECT_FAULT_AT(places[i], (void)*(volatile uint64_t *)places[i]);
        EXPECT_FAULT_AT(places[i], *(volatile uint64_t *)places[i] = 1);
        EXPECT_FAULT_AT(places[i], ((void (*)(void))places[i])());
    }
}

TEST(the_hole_between_the_halves_is_no_address)
{
    EXPECT_FAULT(GP, (void)*(volatile uint64_t *)0x0000900000000000);
    EXPECT_FAULT(GP, *(volatile uint64_t *)0xffff700000000000 = 1);
}

TEST(code_is_not_written)
{
    uint64_t *code = (uint64_t *)((uint64_t)case_self & ~7ull);
    CHECK(*(volatile uint64_t *)code != 0);
    EXPECT_FAULT_AT(code, *(volatile uint64_t *)code = 0);
}

static const uint64_t constant = 7;

TEST(constants_are_not_written)
{
    EXPECT_FAULT_AT(&constant, *(volatile uint64_t *)(uint64_t)&constant = 1);
    CHECK_EQ(*(const volatile uint64_t *)&constant, 7);
}

TEST(data_and_stack_are_not_run)
{
    static uint8_t data[] = {0xc3}; // ret
    volatile uint8_t stack[] = {0xc3};
    EXPECT_FAULT_AT(data, ((void (*)(void))(uint64_t)data)());
    EXPECT_FAULT_AT(stack, ((void (*)(void))(uint64_t)stack)());
}

static uint64_t never_inline sink(uint64_t depth)
{
    volatile uint64_t here[40] = {depth};
    return here[0] + (depth == UINT64_MAX ? 0 : sink(depth + 1)) + here[1];
}

TEST(endless_recursion_ends_below_the_stack) { EXPECT_FAULT(PF, sink(0)); }

TEST(the_stack_grows_to_its_last_page_and_no_further)
{
    volatile uint8_t *bottom = (volatile uint8_t *)start_page()->stack_bottom;
    *bottom = 7;
    CHECK_EQ(*bottom, 7);
    EXPECT_FAULT_AT(bottom - 1, bottom[-1] = 1);
}

TEST(the_start_page_is_read_only)
{
    uint64_t magic = USER_START_PAGE;
    EXPECT_FAULT_AT(magic, *(volatile uint64_t *)magic = 0);
}

TEST(a_division_that_cannot_be_faults)
{
    volatile int zero = 0, least = INT32_MIN, minus = -1;
    EXPECT_FAULT(DE, zero = 1000 / zero);
    EXPECT_FAULT(DE, zero = least / minus);
}

TEST(what_only_the_kernel_may_do_faults)
{
    EXPECT_FAULT(GP, __asm__ volatile("cli"));
    EXPECT_FAULT(GP, __asm__ volatile("sti"));
    EXPECT_FAULT(GP, __asm__ volatile("hlt"));
    EXPECT_FAULT(GP, __asm__ volatile("inb $0x60, %%al" : : : "rax"));
    EXPECT_FAULT(GP, __asm__ volatile("outb %%al, $0xf4" : : "a"(0x10)));
    EXPECT_FAULT(GP, __asm__ volatile("mov %%cr3, %%rax" : : : "rax"));
    EXPECT_FAULT(GP, __asm__ volatile("mov %%rax, %%cr0" : : "a"(0)));
    EXPECT_FAULT(GP, __asm__ volatile("mov %%rax, %%dr7" : : "a"(0)));
    EXPECT_FAULT(GP, __asm__ volatile("wrmsr" : : "c"(0xc0000082), "a"(0), "d"(0)));
    EXPECT_FAULT(GP, __asm__ volatile("rdmsr" : : "c"(0xc0000080) : "rax", "rdx"));
    EXPECT_FAULT(GP, __asm__ volatile("invlpg (%0)" : : "r"(USER_BASE)));
    EXPECT_FAULT(GP, __asm__ volatile("lidt (%0)" : : "r"(USER_START_PAGE)));
    EXPECT_FAULT(GP, __asm__ volatile("wbinvd"));
}

TEST(interrupts_of_the_kernels_are_not_raised)
{
    EXPECT_FAULT(GP, __asm__ volatile("int $0x20")); // the timer's
    EXPECT_FAULT(GP, __asm__ volatile("int $0x21"));
    EXPECT_FAULT(GP, __asm__ volatile("int $14"));
    EXPECT_FAULT(GP, __asm__ volatile("int $8"));
    EXPECT_FAULT(GP, __asm__ volatile("int $0x80"));
    EXPECT_FAULT(GP, __asm__ volatile("int $0xff"));
}

TEST(instructions_that_do_not_exist_fault)
{
    EXPECT_FAULT(UD, __asm__ volatile("ud2"));
    EXPECT_FAULT(UD, __asm__ volatile(".byte 0x06")); // push es: not in 64-bit mode
}

TEST(the_time_stamp_counter_is_open)
{
    uint32_t low, high;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    uint64_t first = (uint64_t)high << 32 | low;
    __asm__ volatile("rdtsc" : "=a"(low), "=d"(high));
    CHECK(((uint64_t)high << 32 | low) > first);
}

TEST(a_program_without_fpu_has_no_fpu_to_hide_values_in)
{
    // Whether it runs or faults is the kernel's choice; the next process must not find what was left.
    static uint8_t image[16] __attribute__((aligned(16)));
    __asm__ volatile("movdqu %%xmm5, %0" : "=m"(image));
    for (size_t i = 0; i < sizeof image; i++)
        CHECK_EQ(image[i], 0);
    memset(image, 0xa5, sizeof image);
    __asm__ volatile("movdqu %0, %%xmm5" : : "m"(image));
    EXPECT_EXIT(0, exit(0)); // a second process of this case looks again
}

TEST(an_exit_code_is_told_as_it_is)
{
    EXPECT_EXIT(0, exit(0));
    EXPECT_EXIT(255, exit(255));
    EXPECT_EXIT(0x7fffffff, exit(0x7fffffff));
}

PEER(returns)(uint64_t word) { (void)word; }

TEST(a_main_that_returns_ends_its_process_with_0)
{
    struct case_end end = peer_wait(peer_start(returns, 0));
    CHECK_EQ(end.cause, FAULT_EXIT);
    CHECK_EQ(end.code, 0);
}
