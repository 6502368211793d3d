// SPDX-License-Identifier: MIT
#include "libsys/string.h"

#include <stdint.h>

void *memchr(const void *bytes, int value, size_t count)
{
    for (const unsigned char *b = bytes; count > 0; b++, count--)
        if (*b == (unsigned char)value) return (void *)(uintptr_t)b;
    return NULL;
}

char *strstr(const char *text, const char *wanted)
{
    const size_t length = strlen(wanted);
    for (;; text++) {
        if (strncmp(text, wanted, length) == 0) return (char *)(uintptr_t)text;
        if (*text == '\0') return NULL;
    }
}

static size_t span(const char *text, const char *set, int in_set)
{
    size_t length = 0;
    while (text[length] != '\0' && (strchr(set, text[length]) != NULL) == in_set)
        length++;
    return length;
}

size_t strspn(const char *text, const char *set) { return span(text, set, 1); }

size_t strcspn(const char *text, const char *set) { return span(text, set, 0); }

char *strpbrk(const char *text, const char *set)
{
    text += strcspn(text, set);
    return *text != '\0' ? (char *)(uintptr_t)text : NULL;
}

char *strtok_r(char *text, const char *separators, char **rest)
{
    if (text == NULL) text = *rest;
    text += strspn(text, separators);
    *rest = text + strcspn(text, separators);
    if (*rest == text) return NULL;
    if (**rest != '\0') *(*rest)++ = '\0';
    return text;
}

size_t append_text(char *out, size_t size, const char *more)
{
    size_t used = strnlen(out, size);
    return used + copy_text(out + used, size - used, more);
}
