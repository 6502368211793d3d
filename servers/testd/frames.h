// SPDX-License-Identifier: MIT
// Frames for cases, cut from the run that system.toml gives testd, and joined with it again.
#pragma once

#include "libsys/syscall.h"

void frames_start(cap_t run); // NO_CAP: there are none

// Cuts a run; *run is a capability for the case, and testd keeps one of its own. One run is out at a time.
// ERR_NO_MEMORY, ERR_BUSY.
must_use err_t frames_lend(uint32_t pages, cap_t *run);

// The case has made another object of it and gives that back: the capability is testd's from here on. ERR_BAD_LENGTH: it
// is not the whole run.
must_use err_t frames_take_back(cap_t run);

// The case has ended. What did not come back is lost: the number of pages.
uint32_t frames_settle(void);
