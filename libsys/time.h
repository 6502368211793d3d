// SPDX-License-Identifier: MIT
// Time is nanoseconds since boot.
#pragma once

#include "libsys/syscall.h"

#define NS_PER_US 1000ull
#define NS_PER_MS 1000000ull
#define NS_PER_S 1000000000ull

// Now; 0 without a "clock" capability.
uint64_t clock_now(void);

// A point in time from now on; FOREVER when it would overflow.
uint64_t deadline_in(uint64_t ns);

// Sleeps in a recv on "self". Notification bits that arrive meanwhile are kept for the next ipc_recv; calls are
// answered with ERR_BUSY, so a server uses its deadline (libsys/serve.h) instead. ERR_NO_CAP: no "self".
err_t sleep_until(uint64_t deadline);
err_t sleep_for(uint64_t ns);
