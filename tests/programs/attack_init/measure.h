// SPDX-License-Identifier: MIT
// Measuring the kernel's operations from a program in init's place (measure.c).
#pragma once

#include "tests/programs/attack_init/attack.h"
#include "user/bench/twin.h"

#define ROUNDS 48u

void measure_run(void); // does not return

void measured(const char *name, uint64_t value);
void least(uint64_t *seen, uint64_t value);

// measure_more.c
void measure_mapping(void);
void measure_interrupt(void);

// --- for children, which have no data

static inline void child_sleep(uint64_t ms)
{
    struct message m = {.words = {child_now() + ms * MS}};
    op(SYS_recv, CHILD_OWN, &m);
}

static inline void sleep_for_ever(void)
{
    struct message m = {.words = {FOREVER}};
    op(SYS_recv, CHILD_OWN, &m);
}
