// SPDX-License-Identifier: MIT
// Stands where testd stands and says what its arguments say, word for word: what the harness makes of a runner that is
// wrong. An argument exit=N is written to the exit device; without one it waits for ever.
#include "common/string.h"
#include "libsys/log.h"
#include "libsys/start.h"
#include "libsys/stdlib.h"
#include "libsys/time.h"

#define LOG_TIME (100 * NS_PER_MS) // in which the kernel sends the log

int main(int argc, char **argv)
{
    for (int i = 2; i < argc; i++) {
        if (strncmp(argv[i], "exit=", 5) != 0) {
            log_line(argv[i]);
            continue;
        }
        sleep_for(LOG_TIME);
        ports_out(cap_named("portsf4"), 0xf4, 1, (uint32_t)atoi(argv[i] + 5));
    }
    for (;;)
        sleep_until(FOREVER);
}
