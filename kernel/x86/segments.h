// SPDX-License-Identifier: MIT
// GDT, TSS and IDT (SDM vol. 3, "Protected-Mode Memory Management", "Task Management in 64-bit Mode", "Interrupt and
// Exception Handling").
#pragma once

// Loads GDT, task register and IDT with all 256 vectors, and the syscall entry.
void segments_init(void);

// Switches the IPC fast path off: every message takes the C path from here on.
void syscall_in_c(void);
