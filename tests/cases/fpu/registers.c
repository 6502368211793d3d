// SPDX-License-Identifier: MIT
// Cases of a program that has the FPU: built with SSE, linked with the libsys that prints %f.
#include "libsys/stdio.h"
#include "libsys/stdlib.h"
#include "tests/cases/case.h"

static void fill(uint64_t seed)
{
    uint64_t pair[2] = {seed, ~seed};
    __asm__ volatile("movdqu %0, %%xmm6; movdqu %0, %%xmm15" : : "m"(pair) : "xmm6", "xmm15");
}

static bool is_filled(uint64_t seed)
{
    uint64_t low[2], high[2];
    __asm__ volatile("movdqu %%xmm6, %0; movdqu %%xmm15, %1" : "=m"(low), "=m"(high));
    return low[0] == seed && low[1] == ~seed && high[0] == seed && high[1] == ~seed;
}

PEER(keeps_its_registers)(uint64_t seed)
{
    for (int i = 0; i < 200; i++) {
        fill(seed + (uint64_t)i);
        yield();
        CHECK(is_filled(seed + (uint64_t)i));
    }
    CHECK_EQ(notify(case_endpoint(), seed), OK);
}

TEST(vector_registers_are_each_process_own, .milliseconds = 2000)
{
    uint64_t bits = 0;
    for (uint64_t i = 0; i < 3; i++)
        peer_start(keeps_its_registers, BIT(i));
    for (uint64_t i = 0; bits != 7; i++) {
        struct message m;
        fill(i * 0x1234567);
        yield();
        CHECK(is_filled(i * 0x1234567));
        if (ipc_recv(case_self(), 0, &m) == OK) bits |= m.bits;
    }
}

TEST(a_process_begins_with_clear_vector_registers)
{
    uint64_t image[2] = {1, 1};
    __asm__ volatile("movdqu %%xmm15, %0" : "=m"(image));
    CHECK(image[0] == 0 && image[1] == 0);
    fill(0xa5a5a5a5a5a5a5a5);
    EXPECT_EXIT(0, exit(0)); // the next process of this case looks again
}

TEST(floating_point_is_computed_and_printed)
{
    char text[32];
    double sum = 0;
    for (int i = 1; i <= 1000; i++)
        sum += 1.0 / i;
    snprintf(text, sizeof text, "%.6f", sum);
    CHECK_TEXT(text, "7.485471");
}
