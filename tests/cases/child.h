// SPDX-License-Identifier: MIT
// Children: processes that a case makes itself, of its frames and by the kernel's operations, for what init would never
// build: without a pager, with the case as supervisor, at any priority.
//
//     TEST(a_child_runs, .pages = CHILD_PAGES, .process = true)
//     {
//         struct child child = child_make(3, NO_CAP, case_self());
//         child_run(child, some_function, 7);
//
// A child runs functions of this image: it shares its code and has a copy of its data as they are when it is made. Its
// table has its own endpoint, the clock and what it is given in the slots of the same numbers as the case's; so
// case_self() and cap_named("clock") are right in both. It has no heap, no log and no testd, so it cannot CHECK.
#pragma once

#include "tests/cases/case.h"

#define CHILD_PAGES 160 // for each: what a copy of this image needs, and more
#define CHILD_POOL 24   // of those: its pool
#define CHILD_SLOTS 256

struct child {
    cap_t process, thread;
    cap_t endpoint; // the case sends to it; paid by the child's pool
};

// pager and supervisor: endpoints for its faults, NO_CAP for none. What is left at the end of the case is ended then.
struct child child_make(uint32_t priority, cap_t pager, cap_t supervisor);
void child_give(struct child child, cap_t cap); // into the slot of the same number
void child_run(struct child child, void (*function)(uint64_t), uint64_t word);
// Its frames come back to the case.
void child_end(struct child child);
