// SPDX-License-Identifier: MIT
// What a program finds when it starts. Its own part is
//     int main(int argc, char **argv)      // the strings are read-only; argv[argc] is NULL
// and what main returns is the exit code. init alone is started by the kernel and has a boot_info instead.
#pragma once

#include "abi/boot.h"
#include "abi/start.h"

// The start page. Not for init.
static inline const struct start_page *start_page(void) { return (const struct start_page *)USER_START_PAGE; }

// The same page as init sees it; NULL in every other process.
const struct boot_info *boot_info(void);

// The process's name; never NULL.
const char *process_name(void);

// The capability with a name ("vga", "self", "clock", "irq1", "ports60"); NO_CAP where the process has none. init: only
// "self", "clock", "log" and "power".
cap_t cap_named(const char *name);

// The memory region with a name ("screen", "keep"), mapped by init; NULL where there is none. *size: its bytes (size
// may be NULL).
void *region_named(const char *name, uint64_t *size);
