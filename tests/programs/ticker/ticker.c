// SPDX-License-Identifier: MIT
// `ticker COUNT MICROSECONDS`: sleeps that often, that long. At a higher priority than others it interrupts them by the
// timer each time.
#include "libsys/stdio.h"
#include "libsys/stdlib.h"
#include "libsys/time.h"

int main(int argc, char **argv)
{
    uint64_t count = argc > 1 ? strtoul(argv[1], NULL, 0) : 1000;
    uint64_t microseconds = argc > 2 ? strtoul(argv[2], NULL, 0) : 10;
    for (uint64_t i = 0; i < count; i++) {
        if (sleep_for(microseconds * NS_PER_US) != OK) return 1;
    }
    printf("ticker: %llu deadlines\n", (unsigned long long)count);
    return 0;
}
