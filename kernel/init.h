// SPDX-License-Identifier: MIT
// Init, the root server: the only module that the kernel itself loads.
#pragma once

#include "abi/boot.h"
#include "common/memory_map.h"

struct process;

#define SCREEN_ADDRESS 0xa0000ull // of device memory that init gets

extern struct process *init_process;

// Builds init's process from its module, gives it every capability there is, and makes its thread current. free: RAM
// that nobody owns yet; info: what init is told, completed here.
void init_start(struct boot_info *info, struct memory_map *free);
