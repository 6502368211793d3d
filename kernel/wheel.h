// SPDX-License-Identifier: MIT
// Deadlines in a wheel of wheels: setting, cancelling and finding the next one take the same few steps however many
// there are. Each wheel has 64 slots and turns 64 times slower than the one below; what lies in a slot of an upper wheel
// moves down when its time begins, one alarm a step, so that a thousand for one instant take no longer at once than one.
#pragma once

#include "kernel/list.h"

struct alarm {
    struct link link;
    uint64_t deadline; // ns since boot; FOREVER: not set
};

void wheel_init(void);

void wheel_add(struct alarm *a);

// Cancels an alarm that was added and has not come due.
void wheel_remove(struct alarm *a);

// ns: nothing has to be done before. FOREVER: no alarm is set.
uint64_t wheel_next(void);

// One step of what is due at that time; times never go back. false: there is nothing to do before wheel_next. *due: the
// alarm that has come due in this step, taken out and no longer set; NULL if the step only moved one.
must_use bool wheel_step(uint64_t now, struct alarm **due);
