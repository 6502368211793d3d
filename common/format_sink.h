// SPDX-License-Identifier: MIT
// What the two files of the formatter share: where text goes, and one conversion taken apart.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct format_sink {
    char *out;
    size_t size;   // room in out, the closing NUL included
    size_t length; // of the whole text, whether it fitted or not
};

struct format_spec {
    bool left, zero, plus, space, alternate;
    bool has_precision;
    size_t width;
    size_t precision;
    char conversion;
};

void format_put(struct format_sink *sink, const char *text, size_t length);
void format_fill(struct format_sink *sink, char c, size_t count);

// The two ends of a conversion whose body takes `length` bytes: padding, prefix (a sign or "0x") and the zeros that
// fill the width; then the padding behind it. format_end gets what format_begin returned.
size_t format_begin(struct format_sink *sink, const struct format_spec *spec, const char *prefix, size_t length);
void format_end(struct format_sink *sink, const struct format_spec *spec, size_t start);

const char *format_sign(const struct format_spec *spec, bool negative);

// Only code built with SSE can take a double out of a va_list, so the compiler's own macro decides who has %f.
#ifdef __SSE2__
#define FORMAT_FLOAT 1
void format_double(struct format_sink *sink, const struct format_spec *spec, double value); // %f and %F
#else
#define FORMAT_FLOAT 0
#endif
