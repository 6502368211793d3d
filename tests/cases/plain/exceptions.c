// SPDX-License-Identifier: MIT
// Exceptions that a program goes on behind.
#include "tests/cases/case.h"

// The registers that int3 must leave alone are all of them.
TEST(a_thousand_breakpoints_in_a_row_change_nothing, .milliseconds = 10000)
{
    for (uint64_t i = 0; i < 1000; i++) {
        uint64_t a = i, b = ~i, c = i << 32, d = i * i;
        __asm__ volatile("int3" : "+r"(a), "+r"(b), "+r"(c), "+r"(d));
        CHECK_EQ(a, i);
        CHECK_EQ(b, ~i);
        CHECK_EQ(c, i << 32);
        CHECK_EQ(d, i * i);
    }
}
