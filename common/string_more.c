// SPDX-License-Identifier: MIT
// What only ring 3 needs of common/string.h.
#include "common/string.h"

int strncmp(const char *left, const char *right, size_t limit)
{
    for (size_t i = 0; i < limit; i++) {
        unsigned char a = (unsigned char)left[i], b = (unsigned char)right[i];
        if (a != b) return a < b ? -1 : 1;
        if (a == 0) break;
    }
    return 0;
}

char *strrchr(const char *text, int wanted)
{
    const char *found = NULL;
    do {
        if (*text == (char)wanted) found = text;
    } while (*text++ != 0);
    return (char *)found;
}
