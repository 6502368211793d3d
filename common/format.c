// SPDX-License-Identifier: MIT
#include "common/format.h"

#include <limits.h>
#include <stdint.h>

#include "common/format_sink.h"
#include "common/mem.h"
#include "common/string.h"

void format_put(struct format_sink *sink, const char *text, size_t length)
{
    size_t fitting = length < sink->room ? length : sink->room;
    memcpy(sink->out, text, fitting);
    sink->out += fitting;
    sink->room -= fitting;
    sink->length += length;
}

// A width of two thousand million must not cost as many steps: what does not fit is only counted.
void format_fill(struct format_sink *sink, char c, size_t count)
{
    size_t fitting = count < sink->room ? count : sink->room;
    memset(sink->out, c, fitting);
    sink->out += fitting;
    sink->room -= fitting;
    sink->length += count;
}

const char *format_sign(const struct format_spec *spec, bool negative)
{
    return negative ? "-" : spec->flags & FORMAT_PLUS ? "+" : spec->flags & FORMAT_SPACE ? " " : "";
}

// Padding, prefix (a sign or "0x"), zeros, text, padding.
static void put_field(struct format_sink *sink, const struct format_spec *spec, const char *prefix, size_t zeros,
                      const char *text, size_t length)
{
    size_t used = strlen(prefix) + zeros + length, padding = spec->width > used ? spec->width - used : 0;
    if (!(spec->flags & (FORMAT_LEFT | FORMAT_ZERO))) format_fill(sink, ' ', padding);
    format_put(sink, prefix, strlen(prefix));
    format_fill(sink, '0', zeros + (spec->flags & FORMAT_ZERO ? padding : 0));
    format_put(sink, text, length);
    if (spec->flags & FORMAT_LEFT) format_fill(sink, ' ', padding);
}

// What is narrower than int arrives as int and is cut here: %hhx of −1 is ff, %hhd of 255 is −1.
static uint64_t take_integer(struct format_sink *sink, size_t bytes, bool is_signed)
{
    unsigned unused = 64 - 8 * (unsigned)bytes;
    uint64_t value = bytes == 8 ? va_arg(sink->arguments, uint64_t) : va_arg(sink->arguments, uint32_t);
    return is_signed ? (uint64_t)((int64_t)(value << unused) >> unused) : value << unused >> unused;
}

static bool is_one_of(const char *set, char c) { return c != 0 && strchr(set, c) != NULL; }

// d i u o x X p
static void put_integer(struct format_sink *sink, struct format_spec *spec)
{
    const char c = spec->conversion;
    const char *const symbols = c == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    const bool is_signed = is_one_of("di", c), is_exact = spec->precision != FORMAT_NO_PRECISION;
    const unsigned base = c == 'o' ? 8 : is_one_of("diu", c) ? 10 : 16;
    uint64_t value = take_integer(sink, c == 'p' ? sizeof(void *) : spec->bytes, is_signed);
    const char *prefix = is_signed ? format_sign(spec, value >> 63) : "";
    if (is_signed && value >> 63) value = -value;
    if (c == 'p' || (base == 16 && value != 0 && spec->flags & FORMAT_ALTERNATE)) prefix = c == 'X' ? "0X" : "0x";

    char digits[22]; // octal
    size_t count = 0, wanted = is_exact ? spec->precision : 1;
    for (; value != 0; value /= base)
        digits[sizeof digits - ++count] = symbols[value % base];
    if (base == 8 && spec->flags & FORMAT_ALTERNATE && wanted <= count) wanted = count + 1;
    if (is_exact) spec->flags &= ~(unsigned)FORMAT_ZERO;
    put_field(sink, spec, prefix, wanted > count ? wanted - count : 0, digits + sizeof digits - count, count);
}

static void put_text(struct format_sink *sink, struct format_spec *spec, const char *text, size_t length)
{
    spec->flags &= ~(unsigned)FORMAT_ZERO;
    put_field(sink, spec, "", 0, text, length);
}

// false: there is no such conversion.
static bool convert(struct format_sink *sink, struct format_spec *spec)
{
    const char c = spec->conversion;
    if (is_one_of("diuoxXp", c)) {
        put_integer(sink, spec);
    } else if (c == 's') {
        const char *text = va_arg(sink->arguments, const char *);
        if (text == NULL) text = "(null)";
        put_text(sink, spec, text, strnlen(text, spec->precision));
    } else if (c == 'c') {
        char letter = (char)va_arg(sink->arguments, int);
        put_text(sink, spec, &letter, 1);
    } else if (c == '%') {
        format_put(sink, "%", 1);
    } else if (FORMAT_FLOAT && is_one_of("fF", c)) {
        format_double(sink, spec);
    } else {
        return false;
    }
    return true;
}

// A width or precision: digits or `*`, which may be negative. Past INT_MAX it stays there.
static const char *take_size(const char *at, struct format_sink *sink, int64_t *size)
{
    *size = 0;
    if (*at == '*') *size = va_arg(sink->arguments, int);
    if (*at == '*') return at + 1;
    for (; '0' <= *at && *at <= '9'; at++)
        *size = *size > INT_MAX / 10 ? INT_MAX : *size * 10 + (*at - '0');
    return at;
}

// From behind the % to behind the conversion.
static const char *format_one(const char *at, struct format_sink *sink)
{
    static const char flags[] = "-0+ #"; // in the order of FORMAT_LEFT and so on
    const char *const begin = at - 1;
    struct format_spec spec = {.bytes = 4, .precision = FORMAT_NO_PRECISION};
    int64_t width, precision = -1;
    for (; is_one_of(flags, *at); at++)
        spec.flags |= 1u << (strchr(flags, *at) - flags);
    at = take_size(at, sink, &width);
    if (*at == '.') at = take_size(at + 1, sink, &precision);
    if (width < 0) spec.flags |= FORMAT_LEFT;
    if (spec.flags & FORMAT_LEFT) spec.flags &= ~(unsigned)FORMAT_ZERO;
    spec.width = (size_t)(width < 0 ? -width : width);
    if (precision >= 0) spec.precision = (size_t)precision;
    for (; *at == 'h' && spec.bytes > 1; at++)
        spec.bytes /= 2;
    for (; is_one_of("lztj", *at); at++)
        spec.bytes = 8;
    spec.conversion = *at;
    if (*at != 0) at++;
    if (!convert(sink, &spec)) format_put(sink, begin, (size_t)(at - begin));
    return at;
}

size_t format_list(char *out, size_t size, const char *fmt, va_list arguments)
{
    char nothing[1];
    struct format_sink sink = {.out = size > 0 ? out : nothing, .room = size > 0 ? size - 1 : 0};
    va_copy(sink.arguments, arguments);
    for (const char *at = fmt; *at != 0;) {
        const char *plain = at;
        while (*at != 0 && *at != '%')
            at++;
        format_put(&sink, plain, (size_t)(at - plain));
        if (*at == '%') at = format_one(at + 1, &sink);
    }
    va_end(sink.arguments);
    *sink.out = 0;
    return sink.length;
}
