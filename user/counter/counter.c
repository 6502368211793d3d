// SPDX-License-Identifier: MIT
// Counts for ever, one number a step, until somebody ends it: `counter [MILLISECONDS]`, Ctrl-C, `counter &`, `kill`.
#include "libsys/stdio.h"
#include "libsys/stdlib.h"
#include "libsys/time.h"

int main(int argc, char **argv)
{
    long step = argc > 1 ? strtol(argv[1], NULL, 10) : 500;
    if (step < 1) {
        printf("counter: %s is not a number of milliseconds\n", argv[1]);
        return 1;
    }
    // Deadlines are points in time, so the counter does not fall behind by what printing costs.
    uint64_t deadline = clock_now();
    for (unsigned long i = 1;; i++) {
        printf("%lu\n", i);
        deadline += (uint64_t)step * NS_PER_MS;
        err_t error = sleep_until(deadline);
        if (error != OK) {
            print_error("counter", error);
            return 1;
        }
    }
}
