// SPDX-License-Identifier: MIT
// Nothing here may become a call of itself: GCC and clang turn copying loops and big struct assignments into memcpy. So
// there are no byte loops: up to 32 bytes are moved by overlapping words (a count of 11 is bytes 0–7 and 3–10), more
// by the string instructions in units of 8 bytes. Everything is loaded before anything that could overlap is stored.
// (Names in parentheses: they are macros too.)
#include "common/mem.h"

#include <stdint.h>

// Words at any address, of any type. Not __builtin_memcpy: without optimisation that is a call of memcpy.
typedef uint32_t any_half __attribute__((aligned(1), may_alias));
typedef uint64_t any_word __attribute__((aligned(1), may_alias));

static void copy_short(char *to, const char *from, size_t count)
{
    const size_t last = count - 8;
    if (count >= 16) { // 16–32
        uint64_t a = *(any_word *)from, b = *(any_word *)(from + 8);
        uint64_t c = *(any_word *)(from + last - 8), d = *(any_word *)(from + last);
        *(any_word *)to = a, *(any_word *)(to + 8) = b;
        *(any_word *)(to + last - 8) = c, *(any_word *)(to + last) = d;
    } else if (count >= 8) {
        uint64_t a = *(any_word *)from, b = *(any_word *)(from + last);
        *(any_word *)to = a, *(any_word *)(to + last) = b;
    } else if (count >= 4) {
        uint32_t a = *(any_half *)from, b = *(any_half *)(from + count - 4);
        *(any_half *)to = a, *(any_half *)(to + count - 4) = b;
    } else if (count > 0) { // 1–3: the first, the last and the one between are all there are
        char a = from[0], b = from[count / 2], c = from[count - 1];
        to[0] = a, to[count / 2] = b, to[count - 1] = c;
    }
}

// Right for overlapping ranges too when `to` is the lower one: a word is loaded before the store that could reach it.
static void copy_up(char *to, const char *from, size_t count)
{
    any_word *last = (any_word *)(to + count - 8);
    uint64_t tail = *(any_word *)(from + count - 8);
    count /= 8;
    __asm__ volatile("rep movsq" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
    *last = tail;
}

static void copy_down(char *to, const char *from, size_t count)
{
    any_word *first = (any_word *)to;
    uint64_t head = *(any_word *)from;
    to += count - 8;
    from += count - 8;
    count /= 8;
    __asm__ volatile("std\n\trep movsq\n\tcld" : "+D"(to), "+S"(from), "+c"(count) : : "memory", "cc");
    *first = head;
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

void *(memcpy)(void *restrict to, const void *restrict from, size_t count) { return (memmove)(to, from, count); }

void *(memset)(void *to, int value, size_t count)
{
    const uint64_t pattern = (uint8_t)value * 0x0101010101010101ull;
    char *at = to, *end = at + count;
    if (count >= 8) {
        count /= 8;
        __asm__ volatile("rep stosq" : "+D"(at), "+c"(count) : "a"(pattern) : "memory");
        *(any_word *)(end - 8) = pattern;
    } else if (count >= 4) {
        *(any_half *)at = *(any_half *)(end - 4) = (uint32_t)pattern;
    } else if (count > 0) {
        at[0] = at[count / 2] = end[-1] = (char)value;
    }
    return to;
}
