// SPDX-License-Identifier: MIT
// Apart from printf: who formats into memory does not need the screen.
#include "common/format.h"
#include "libsys/stdio.h"

int vsnprintf(char *out, size_t size, const char *fmt, va_list arguments)
{
    return (int)format_list(out, size, fmt, arguments);
}

int snprintf(char *out, size_t size, const char *fmt, ...)
{
    va_list arguments;
    va_start(arguments, fmt);
    int length = vsnprintf(out, size, fmt, arguments);
    va_end(arguments);
    return length;
}
