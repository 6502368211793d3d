// SPDX-License-Identifier: MIT
// The programmable interval timer, an 8254 (Intel 8254 data sheet): channel 0 interrupts once after a given time,
// channel 2 counts for ever and is the clock. Nothing has to be calibrated.
#pragma once

#include "abi/types.h"

#define PIT_HZ 1193182ull
#define PIT_IRQ 0

void pit_init(void);
uint16_t pit_counter(void); // channel 2, counts down, wraps around

// Interrupts once after ns, at most 54 ms; at least one tick.
void pit_set_timer(uint64_t ns);

uint64_t pit_to_ns(uint64_t ticks);
