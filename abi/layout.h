// SPDX-License-Identifier: MIT
// Where things lie in an address space. Shared by C and, through the preprocessor, by the linker scripts: only #defines.
#pragma once

// User half. The last page below the canonical hole is never mapped: so a return address is always canonical.
#define USER_BASE 0x0000000000400000
#define USER_TOP 0x00007ffffffff000

#define USER_HEAP 0x0000444444440000   // malloc's window, grown by the memory server
#define USER_DEVICE 0x00007fffc0000000 // device memory that init maps for a driver
#define USER_KEEP 0x00007fffd0000000   // keep region: outlives its server
#define USER_STACK_TOP 0x00007fffe0000000
#define USER_STACK_STRIDE 0x100000           // thread n's stack ends n strides below the first's
#define USER_STACK_PAGES 16                  // the first thread's stack; the page below is a guard, never mapped
#define USER_TLS_BLOCK 64                    // a thread's FS base lies so far below the top of its stack
#define USER_THREADS 14                      // threads that a process may have besides its first
#define USER_START_PAGE 0x00007ffff0000000   // struct start_page, read-only
#define USER_MESSAGE_PAGE 0x00007ffff0010000 // struct message_page of the first thread
#define USER_MESSAGE_STRIDE 0x10000          // thread n's message page lies n strides above the first's

// Kernel half
#define PHYSMAP_BASE 0xffff800000000000 // all RAM, once: −2⁴⁷
#define FRAMES_BASE 0xffffff0000000000  // the frame table: −2⁴⁰
#define KERNEL_BASE 0xffffffff80000000  // the kernel's image: −2 GiB
#define KERNEL_PHYS 0x0000000000100000  // where GRUB loads it
