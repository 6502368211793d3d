// SPDX-License-Identifier: MIT
// Apart from its sisters in common/mem.c: the kernel compares no memory. (The name in parentheses: it is a macro too.)
#include "common/mem.h"

#include <stdint.h>

typedef uint64_t any_word __attribute__((aligned(1), may_alias));

int(memcmp)(const void *left, const void *right, size_t count)
{
    const unsigned char *a = left, *b = right;
    for (; count >= 8; a += 8, b += 8, count -= 8) {
        uint64_t x = *(const any_word *)a, y = *(const any_word *)b;
        if (x != y) return __builtin_bswap64(x) < __builtin_bswap64(y) ? -1 : 1; // the lowest address decides
    }
    for (; count > 0; a++, b++, count--)
        if (*a != *b) return *a < *b ? -1 : 1;
    return 0;
}
