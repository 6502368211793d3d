// SPDX-License-Identifier: MIT
// The four functions that the compiler itself calls. They may be called with any alignment and with a count of 0.
#pragma once

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t count);
void *memmove(void *to, const void *from, size_t count);
void *memset(void *to, int value, size_t count);
int memcmp(const void *left, const void *right, size_t count);

// Freestanding code gets none of the compiler's own knowledge of these: asked for by name, it turns a copy of known,
// small size into moves and leaves the rest as calls. (In host tests libc's header has its say.)
#if !__STDC_HOSTED__
#define memcpy(...) __builtin_memcpy(__VA_ARGS__)
#define memmove(...) __builtin_memmove(__VA_ARGS__)
#define memset(...) __builtin_memset(__VA_ARGS__)
#define memcmp(...) __builtin_memcmp(__VA_ARGS__)
#endif
