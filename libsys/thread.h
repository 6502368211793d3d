// SPDX-License-Identifier: MIT
// Further threads of one's own process. Their numbers (libsys/page.h) say where stack and message page lie.
#pragma once

#include "libsys/syscall.h"

// Starts a new thread (thread_create) in a function with an argument, on the stack of thread `number`, of which at least
// the topmost page must be mapped. The function must not return; it ends with exit. number: 1–255.
must_use err_t thread_launch(cap_t thread, uint32_t number, void (*function)(void *), void *argument);
