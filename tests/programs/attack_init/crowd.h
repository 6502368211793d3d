// SPDX-License-Identifier: MIT
#pragma once

#include "tests/programs/attack_init/attack.h"

// Besides its child's first thread, which is made and never started here, it has as many others as are asked for.
struct crowd {
    struct child child;
    cap_t pool, frames;
    uint32_t threads;
};

// The same crowd may be made again after its end, in the same frames.
void crowd_make(struct crowd *c, uint32_t threads);
void crowd_end(struct crowd *c);

// Thread i: made, with the capability kept, and started.
void crowd_add(struct crowd *c, uint32_t i, cap_t into, uint32_t priority, cap_t pager, cap_t supervisor);
void crowd_run(cap_t thread, uint32_t i, void (*function)(uint64_t), uint64_t argument);
// Both, for whom nobody needs to name afterwards.
void crowd_begin(struct crowd *c, uint32_t i, uint32_t priority, void (*function)(uint64_t), uint64_t argument);
