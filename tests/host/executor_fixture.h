// SPDX-License-Identifier: MIT
// An executor whose clock is the test's.
#pragma once

#include "tests/host/test.h"

#include "abi/syscall.h"
#include "libsys/async/task.h"

#define PLACES 16u

static struct executor e;
static struct task tasks[PLACES];
static uint64_t the_time;

static uint64_t now(void) { return the_time; }

static inline void begin(void)
{
    the_time = 1000;
    executor_start(&e, tasks, PLACES, now);
}

static inline uint64_t spawn(const struct task_kind *kind)
{
    uint64_t id = 0;
    assert_int_equal(executor_spawn(&e, kind, NULL, 0, &id), OK);
    return id;
}

static inline void run_until_quiet(void)
{
    for (int turns = 0; e.deadline == 0; turns++) {
        assert_true(turns < 1000);
        executor_turn(&e);
    }
}
