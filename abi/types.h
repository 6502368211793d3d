// SPDX-License-Identifier: MIT
// The types that kernel and user share. A slot, a physical address and a user's address are all just integers to the
// processor; here they are three types, so that swapped arguments do not compile.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BIT(N) (1ull << (N))
#define BITS(HIGH, LOW) ((~0ull >> (63 - (HIGH))) & (~0ull << (LOW)))

#define must_use __attribute__((warn_unused_result))
#define force_inline inline __attribute__((always_inline)) // one of the few places where the compiler's guess costs
#define never_inline __attribute__((noinline))
#define noreturn _Noreturn

#define PAGE_SIZE 4096ull
#define PAGE_SHIFT 12

#define NAME_SIZE 24 // bytes of a module's, server's or capability's name, the closing NUL included

typedef struct {
    uint64_t raw;
} paddr_t; // physical; reached only through the kernel's phys_ptr()

typedef struct {
    uint64_t raw;
} vaddr_t; // an address in a user's space: a number to check and map, never followed by the kernel

typedef struct {
    uint32_t slot;
} cap_t; // a slot of one's own capability table; slot 0 never holds anything

#define NO_CAP ((cap_t){0})
