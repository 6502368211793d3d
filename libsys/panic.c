// SPDX-License-Identifier: MIT
#include "libsys/panic.h"

#include <stdarg.h>

#include "common/format.h"

#define REASON_MAX (PANIC_MAX - 100) // a long reason must not push the place out

noreturn void panic_at(const char *file, int line, const char *fmt, ...)
{
    char text[PANIC_MAX + 1]; // not yet in the message page: the arguments may point into it
    va_list arguments;
    va_start(arguments, fmt);
    size_t length = format_list(text, REASON_MAX + 1, fmt, arguments);
    va_end(arguments);
    if (length > REASON_MAX) length = REASON_MAX;
    length += format(text + length, sizeof text - length, " at %s:%d", file, line);
    exit_text(PANIC_CODE, text, length);
}
