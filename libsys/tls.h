// SPDX-License-Identifier: MIT
// Thread-local variables: `static _Thread_local int errors;` in a program whose entry has grants = ["threads"]. Each thread
// has its own below its FS base, which lies USER_TLS_BLOCK bytes below the top of its stack and is set by the kernel whenever
// the thread runs (System V ABI, "Thread-Local Storage", variant II).
#pragma once

#include "common/mem.h"
#include "libsys/page.h"

// Numbers of boot/user.ld. Weak, because the compiler takes an address for something that is never 0.
extern char tls_image[] __attribute__((weak)), tls_image_size[] __attribute__((weak));
extern char tls_size[] __attribute__((weak)), tls_reserved[] __attribute__((weak));

// Bytes at the top of each thread's stack; 0: the program has no thread-local variable.
static inline uint64_t tls_bytes(void) { return (uint64_t)tls_reserved; }

static inline vaddr_t tls_base(vaddr_t stack_top) { return (vaddr_t){stack_top.raw - USER_TLS_BLOCK}; }

// Gives the variables of a thread their first values. The stack is fresh: what is not in the image is zero already.
static inline void tls_fill(vaddr_t stack_top)
{
    if (tls_bytes() == 0) return;
    uint64_t base = tls_base(stack_top).raw;
    memcpy((void *)(base - (uint64_t)tls_size), tls_image, (uint64_t)tls_image_size);
    *(uint64_t *)base = base; // the ABI wants the base at its own address
}
