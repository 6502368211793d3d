// SPDX-License-Identifier: MIT
// A case during which the machine is stopped from outside: tests/harness/test_testd_stops.py waits until it spins.
#include "tests/cases/case.h"

TEST(good_before_the_stop) { CHECK(true); }

TEST(here_the_machine_is_stopped, .milliseconds = 60000)
{
    for (;;)
        __asm__ volatile("");
}

TEST(good_behind_the_stop) { CHECK(true); }

TEST(another_behind_the_stop) { CHECK(true); }
