// SPDX-License-Identifier: MIT
#include "libsys/panic.h"

#include <stdarg.h>

#include "common/format.h"
#include "libsys/start.h"

// Appends a formatted text; returns the new length, never more than PANIC_MAX.
static size_t append(char *text, size_t length, const char *fmt, ...)
{
    va_list arguments;
    va_start(arguments, fmt);
    size_t more = format_list(text + length, PANIC_MAX + 1 - length, fmt, arguments);
    va_end(arguments);
    return more < PANIC_MAX - length ? length + more : PANIC_MAX;
}

noreturn void panic_at(const char *file, int line, const char *fmt, ...)
{
    char text[PANIC_MAX + 1]; // not yet in the message page: the arguments may point into it
    size_t length = append(text, 0, "%s: ", process_name());
    va_list arguments;
    va_start(arguments, fmt);
    size_t more = format_list(text + length, PANIC_MAX + 1 - length, fmt, arguments);
    va_end(arguments);
    // A long message must not push the place out.
    length = more < PANIC_MAX - 100 - length ? length + more : PANIC_MAX - 100;
    length = append(text, length, " at %s:%d", file, line);
    exit_text(PANIC_CODE, text, length);
}
