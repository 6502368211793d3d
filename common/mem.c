// SPDX-License-Identifier: MIT
// Nothing here may become a call of itself: GCC and clang turn copying loops and big struct assignments into memcpy. So
// there are no byte loops: up to 32 bytes are moved by overlapping words (a count of 11 is bytes 0–7 and 3–10), more
// by the string instructions in units of 8 bytes. Everything is loaded before anything that could overlap is stored,
// which is why one short copy serves memcpy and memmove alike. (Names in parentheses: they are macros too.)
#include "common/mem.h"

#include <stdint.h>

// A word at any address, of any type. Not __builtin_memcpy: without optimisation that is a call of memcpy.
struct word16 {
    uint16_t raw;
} __attribute__((packed, may_alias));
struct word32 {
    uint32_t raw;
} __attribute__((packed, may_alias));
struct word64 {
    uint64_t raw;
} __attribute__((packed, may_alias));

#define LOAD(BITS, P) (((const struct word##BITS *)(P))->raw)
#define STORE(BITS, P, VALUE) (((struct word##BITS *)(P))->raw = (VALUE))

static void copy_short(char *to, const char *from, size_t count)
{
    if (count >= 16) { // 16–32
        uint64_t a = LOAD(64, from), b = LOAD(64, from + 8);
        uint64_t c = LOAD(64, from + count - 16), d = LOAD(64, from + count - 8);
        STORE(64, to, a), STORE(64, to + 8, b);
        STORE(64, to + count - 16, c), STORE(64, to + count - 8, d);
    } else if (count >= 8) {
        uint64_t a = LOAD(64, from), b = LOAD(64, from + count - 8);
        STORE(64, to, a), STORE(64, to + count - 8, b);
    } else if (count >= 4) {
        uint32_t a = LOAD(32, from), b = LOAD(32, from + count - 4);
        STORE(32, to, a), STORE(32, to + count - 4, b);
    } else if (count >= 2) {
        uint16_t a = LOAD(16, from), b = LOAD(16, from + count - 2);
        STORE(16, to, a), STORE(16, to + count - 2, b);
    } else if (count == 1) {
        *to = *from;
    }
}

// Right for overlapping ranges too when `to` is the lower one: a word is loaded before the store that could reach it.
static void copy_up(char *to, const char *from, size_t count)
{
    char *last = to + count - 8;
    uint64_t tail = LOAD(64, from + count - 8);
    size_t words = count / 8;
    __asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(words) : : "memory");
    STORE(64, last, tail);
}

static void copy_down(char *to, const char *from, size_t count)
{
    char *first = to;
    uint64_t head = LOAD(64, from);
    size_t words = count / 8;
    to += count - 8;
    from += count - 8;
    __asm__ volatile("std\n\trep movsq\n\tcld" : "+D"(to), "+S"(from), "+c"(words) : : "memory", "cc");
    STORE(64, first, head);
}

void *(memcpy)(void *restrict to, const void *restrict from, size_t count)
{
    if (count <= 32)
        copy_short(to, from, count);
    else
        copy_up(to, from, count);
    return to;
}

void *(memmove)(void *to, const void *from, size_t count)
{
    if (count <= 32)
        copy_short(to, from, count);
    else if ((uintptr_t)to - (uintptr_t)from >= count) // wraps to a huge number when `to` is the lower one
        copy_up(to, from, count);
    else
        copy_down(to, from, count);
    return to;
}

void *(memset)(void *to, int value, size_t count)
{
    uint64_t pattern = (uint8_t)value * 0x0101010101010101ull;
    char *p = to;
    if (count >= 8) {
        char *last = p + count - 8;
        size_t words = count / 8;
        __asm__ volatile("rep stosq" : "+D"(p), "+c"(words) : "a"(pattern) : "memory");
        STORE(64, last, pattern);
    } else if (count >= 4) {
        STORE(32, p, (uint32_t)pattern), STORE(32, p + count - 4, (uint32_t)pattern);
    } else if (count >= 2) {
        STORE(16, p, (uint16_t)pattern), STORE(16, p + count - 2, (uint16_t)pattern);
    } else if (count == 1) {
        *p = (char)value;
    }
    return to;
}

int(memcmp)(const void *left, const void *right, size_t count)
{
    const unsigned char *a = left, *b = right;
    for (; count >= 8; a += 8, b += 8, count -= 8) {
        uint64_t x = LOAD(64, a), y = LOAD(64, b);
        if (x != y) return __builtin_bswap64(x) < __builtin_bswap64(y) ? -1 : 1; // the lowest address decides
    }
    for (; count > 0; a++, b++, count--)
        if (*a != *b) return *a < *b ? -1 : 1;
    return 0;
}
