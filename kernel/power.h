// SPDX-License-Identifier: MIT
// Switching the machine off (ACPI's S5) or restarting it.
#pragma once

#include "abi/errors.h"
#include "kernel/frame.h"

struct thread;

extern struct frame power_frame;

// Reads ACPI's tables while the boot page tables still show all memory below 4 GiB.
void power_init(const void *rsdp, size_t rsdp_size);
