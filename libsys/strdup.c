// SPDX-License-Identifier: MIT
// Apart from the other string functions: only these need the heap.
#include "libsys/stdlib.h"
#include "libsys/string.h"

char *strndup(const char *text, size_t limit)
{
    size_t length = strnlen(text, limit);
    char *copy = malloc(length + 1);
    if (copy == NULL) return NULL;
    copy[length] = '\0';
    return memcpy(copy, text, length);
}

char *strdup(const char *text) { return strndup(text, (size_t)-1); }
