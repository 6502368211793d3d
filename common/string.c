// SPDX-License-Identifier: MIT
#include "common/string.h"

#include "common/mem.h"

size_t strlen(const char *text) { return strnlen(text, (size_t)-1); }

size_t strnlen(const char *text, size_t limit)
{
    size_t length = 0;
    while (length < limit && text[length] != 0)
        length++;
    return length;
}

int strcmp(const char *left, const char *right)
{
    while (*left == *right && *left != 0)
        left++, right++;
    return (unsigned char)*left - (unsigned char)*right;
}

char *strchr(const char *text, int wanted)
{
    for (; *text != (char)wanted; text++)
        if (*text == 0) return NULL;
    return (char *)text;
}

size_t copy_text(char *out, size_t size, const char *in)
{
    size_t length = strlen(in), kept = length < size ? length : size - 1;
    if (size > 0) {
        memcpy(out, in, kept);
        out[kept] = 0;
    }
    return length;
}
