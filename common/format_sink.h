// SPDX-License-Identifier: MIT
// What the two files of the formatter share: where text goes, and one conversion taken apart.
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

struct format_sink {
    char *out;
    size_t room;   // at out, the closing NUL not included
    size_t length; // of the whole text, whether it fitted or not
    va_list arguments;
};

enum { FORMAT_LEFT = 1, FORMAT_ZERO = 2, FORMAT_PLUS = 4, FORMAT_SPACE = 8, FORMAT_ALTERNATE = 16 };

#define FORMAT_NO_PRECISION ((size_t)-1)

struct format_spec {
    unsigned flags; // FORMAT_…; never ZERO and LEFT
    size_t width;
    size_t precision;
    size_t bytes; // of an integer
    char conversion;
};

void format_put(struct format_sink *sink, const char *text, size_t length);
void format_fill(struct format_sink *sink, char c, size_t count);
const char *format_sign(const struct format_spec *spec, bool negative);

// %f and %F: takes the double itself. Only code built with SSE can do that, so the compiler's own macro decides.
void format_double(struct format_sink *sink, const struct format_spec *spec);
#ifdef __SSE2__
#define FORMAT_FLOAT 1
#else
#define FORMAT_FLOAT 0
#endif
