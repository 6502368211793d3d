// SPDX-License-Identifier: MIT
// Apart from common/format.c: the kernel always hands a va_list on.
#include "common/format.h"

size_t format(char *out, size_t size, const char *fmt, ...)
{
    va_list arguments;
    va_start(arguments, fmt);
    size_t length = format_list(out, size, fmt, arguments);
    va_end(arguments);
    return length;
}
