// SPDX-License-Identifier: MIT
#include "common/string.h"

#include "common/mem.h"

size_t strlen(const char *text)
{
    size_t length = 0;
    while (text[length] != 0) {
        length++;
        __asm__("" : "+r"(length)); // or GCC sees a strlen here and calls it
    }
    return length;
}

size_t strnlen(const char *text, size_t limit)
{
    size_t length = 0;
    while (length < limit && text[length] != 0)
        length++;
    return length;
}

int strcmp(const char *left, const char *right) { return strncmp(left, right, (size_t)-1); }

int strncmp(const char *left, const char *right, size_t limit)
{
    for (size_t i = 0; i < limit; i++) {
        unsigned char a = (unsigned char)left[i], b = (unsigned char)right[i];
        if (a != b) return a < b ? -1 : 1;
        if (a == 0) break;
    }
    return 0;
}

char *strchr(const char *text, int wanted)
{
    for (; *text != (char)wanted; text++)
        if (*text == 0) return NULL;
    return (char *)text;
}

char *strrchr(const char *text, int wanted)
{
    const char *found = NULL;
    do {
        if (*text == (char)wanted) found = text;
    } while (*text++ != 0);
    return (char *)found;
}

size_t copy_text(char *out, size_t size, const char *in)
{
    size_t length = strlen(in);
    if (size > 0) {
        size_t kept = length < size ? length : size - 1;
        memcpy(out, in, kept);
        out[kept] = 0;
    }
    return length;
}
