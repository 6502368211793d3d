// SPDX-License-Identifier: MIT
// The loop of a program that consists of tasks. A server has its loop already (libsys/serve.h): its deadline is that of
// the executor, its timeout a turn, and its notified passes the bits on; servers/tasks does so.
#pragma once

#include "libsys/async/executor.h"

// Runs until the last task has ended. The process sleeps in one receive on `self` while no task is ready. Calls are
// answered with ERR_NO_METHOD. ERR_NO_CAP: nothing can be received.
must_use err_t async_run(struct executor *e, cap_t self);

// The simplest executor, to see what is wrong with it: polls every task in a circle and never sleeps, so the polls grow
// while nothing happens. `turns`: how often each is polled at the most.
err_t async_run_simple(struct executor *e, cap_t self, uint64_t turns);
