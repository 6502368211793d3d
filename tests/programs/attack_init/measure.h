// SPDX-License-Identifier: MIT
// Measuring the kernel's operations from a program in init's place (measure.c).
#pragma once

#include "tests/programs/attack_init/attack.h"
#include "user/bench/twin.h"

#define ROUNDS 48u

void measure_run(void); // these two do not return
void measure_others(void);

void measured(const char *name, uint64_t value);
void least(uint64_t *seen, uint64_t value);

// measure_more.c
void measure_mapping(void);
void measure_interrupt(void);

// measure_others.c: so many others, for whose endpoints these two hold capabilities from now on; and their end
#define OTHERS_MOST 10000u
uint32_t others_slots(void); // pages of a process that can hold as many, for struct child
void others_begin(uint32_t count, struct child *one, struct child *two);
void others_end(void);

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
