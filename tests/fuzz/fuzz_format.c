// SPDX-License-Identifier: MIT
// sources: common/format.c common/format_variadic.c common/format_float.c
// The input is a format for six integers, none of them a pointer: so %s is taken out. The text is closed, no byte is
// written behind it, and its length does not depend on the room.
#include <stdlib.h>
#include <string.h>

#include "common/format.h"

#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"

static void require(int claim)
{
    if (!claim) abort();
}

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    if (size < 1 || size > 200) return 0;
    size_t room = data[0];
    char *fmt = malloc(size);
    memcpy(fmt, data + 1, size - 1);
    fmt[size - 1] = 0;
    for (char *at = strchr(fmt, 's'); at != NULL; at = strchr(at, 's'))
        *at = 'd';
    // As many arguments as a format may ask for: more `*` and conversions than these would read the caller's stack.
    size_t asked = 0;
    for (size_t i = 0; fmt[i] != 0; i++)
        asked += (fmt[i] == '%') + (fmt[i] == '*');
    if (asked <= 6) {
        char *out = malloc(room);
        size_t whole = format(NULL, 0, fmt, 1, -2, 3, -4, 5, 60), length = format(out, room, fmt, 1, -2, 3, -4, 5, 60);
        require(length == whole);
        if (room > 0) require(memchr(out, 0, room) != NULL);
        free(out);
    }
    free(fmt);
    return 0;
}
