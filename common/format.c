// SPDX-License-Identifier: MIT
#include "common/format.h"

#include <limits.h>
#include <stdint.h>

#include "common/format_sink.h"
#include "common/mem.h"
#include "common/string.h"

// A va_list parameter is really a pointer: inside a struct it can be handed on.
struct arguments {
    va_list list;
};

void format_put(struct format_sink *sink, const char *text, size_t length)
{
    if (sink->length < sink->size) {
        size_t room = sink->size - sink->length;
        memcpy(sink->out + sink->length, text, length < room ? length : room);
    }
    sink->length += length;
}

// A width of two thousand million must not cost as many steps: what does not fit is only counted.
void format_fill(struct format_sink *sink, char c, size_t count)
{
    if (sink->length < sink->size) {
        size_t room = sink->size - sink->length;
        memset(sink->out + sink->length, c, count < room ? count : room);
    }
    sink->length += count;
}

size_t format_begin(struct format_sink *sink, const struct format_spec *spec, const char *prefix, size_t length)
{
    size_t start = sink->length, prefix_length = strlen(prefix), used = prefix_length + length;
    size_t padding = !spec->left && spec->width > used ? spec->width - used : 0;
    if (!spec->zero) format_fill(sink, ' ', padding);
    format_put(sink, prefix, prefix_length);
    if (spec->zero) format_fill(sink, '0', padding);
    return start;
}

void format_end(struct format_sink *sink, const struct format_spec *spec, size_t start)
{
    size_t used = sink->length - start;
    if (spec->width > used) format_fill(sink, ' ', spec->width - used);
}

const char *format_sign(const struct format_spec *spec, bool negative)
{
    return negative ? "-" : spec->plus ? "+" : spec->space ? " " : "";
}

static void put_text(struct format_sink *sink, struct format_spec *spec, const char *text, size_t length)
{
    spec->zero = false;
    size_t start = format_begin(sink, spec, "", length);
    format_put(sink, text, length);
    format_end(sink, spec, start);
}

static void put_number(struct format_sink *sink, struct format_spec *spec, const char *prefix, unsigned base,
                       uint64_t value)
{
    const char *const symbols = spec->conversion == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    char digits[24]; // 2^64 has 22 octal digits, and one zero may go before them
    size_t count = 0;
    for (uint64_t rest = value; rest != 0; rest /= base)
        digits[sizeof digits - ++count] = symbols[rest % base];
    if ((base == 8 && spec->alternate) || (count == 0 && !spec->has_precision)) digits[sizeof digits - ++count] = '0';

    size_t zeros = spec->has_precision && spec->precision > count ? spec->precision - count : 0;
    if (spec->has_precision) spec->zero = false;
    size_t start = format_begin(sink, spec, prefix, zeros + count);
    format_fill(sink, '0', zeros);
    format_put(sink, digits + sizeof digits - count, count);
    format_end(sink, spec, start);
}

// Arguments narrower than int arrive as int and are cut here: %hhx of −1 is ff.
static uint64_t take_unsigned(struct arguments *arguments, size_t bytes)
{
    if (bytes == 8) return va_arg(arguments->list, uint64_t);
    uint32_t value = va_arg(arguments->list, uint32_t);
    return bytes == 1 ? (uint8_t)value : bytes == 2 ? (uint16_t)value : value;
}

static int64_t take_signed(struct arguments *arguments, size_t bytes)
{
    if (bytes == 8) return va_arg(arguments->list, int64_t);
    int32_t value = va_arg(arguments->list, int32_t);
    return bytes == 1 ? (int8_t)value : bytes == 2 ? (int16_t)value : value;
}

// A width or precision: digits or `*`. Past INT_MAX it stays there. A negative one, which only `*` can give: *negative.
static const char *take_size(const char *at, struct arguments *arguments, size_t *size, bool *negative)
{
    if (*at == '*') {
        int64_t value = va_arg(arguments->list, int);
        *negative = value < 0;
        *size = (size_t)(value < 0 ? -value : value);
        return at + 1;
    }
    *negative = false;
    for (*size = 0; '0' <= *at && *at <= '9'; at++)
        *size = *size > INT_MAX / 10 ? INT_MAX : *size * 10 + (size_t)(*at - '0');
    return at;
}

static const char *take_flags(const char *at, struct format_spec *spec)
{
    for (;; at++) {
        switch (*at) {
        case '-':
            spec->left = true;
            break;
        case '0':
            spec->zero = true;
            break;
        case '+':
            spec->plus = true;
            break;
        case ' ':
            spec->space = true;
            break;
        case '#':
            spec->alternate = true;
            break;
        default:
            return at;
        }
    }
}

// hh h l ll z t j: how many bytes the number has. 0: a combination that means nothing.
static const char *take_length(const char *at, size_t *bytes)
{
    static const struct {
        char name[3];
        uint8_t bytes;
    } lengths[] = {{"hh", 1}, {"h", 2}, {"ll", 8}, {"l", 8}, {"z", 8}, {"t", 8}, {"j", 8}, {"", 4}};
    size_t i = 0;
    while (strncmp(at, lengths[i].name, strlen(lengths[i].name)) != 0)
        i++;
    *bytes = lengths[i].bytes;
    return at + strlen(lengths[i].name);
}

#if FORMAT_FLOAT
static bool put_double(struct format_sink *sink, const struct format_spec *spec, struct arguments *arguments)
{
    format_double(sink, spec, va_arg(arguments->list, double));
    return true;
}
#else
static bool put_double(struct format_sink *sink, const struct format_spec *spec, struct arguments *arguments)
{
    (void)sink, (void)spec, (void)arguments;
    return false;
}
#endif

// false: there is no such conversion.
static bool convert(struct format_sink *sink, struct format_spec *spec, size_t bytes, struct arguments *arguments)
{
    switch (spec->conversion) {
    case 'd':
    case 'i': {
        int64_t value = take_signed(arguments, bytes);
        put_number(sink, spec, format_sign(spec, value < 0), 10, value < 0 ? 0 - (uint64_t)value : (uint64_t)value);
        return true;
    }
    case 'u':
        put_number(sink, spec, "", 10, take_unsigned(arguments, bytes));
        return true;
    case 'o':
        put_number(sink, spec, "", 8, take_unsigned(arguments, bytes));
        return true;
    case 'x':
    case 'X': {
        uint64_t value = take_unsigned(arguments, bytes);
        const char *prefix = !spec->alternate || value == 0 ? "" : spec->conversion == 'x' ? "0x" : "0X";
        put_number(sink, spec, prefix, 16, value);
        return true;
    }
    case 'p':
        put_number(sink, spec, "0x", 16, take_unsigned(arguments, sizeof(void *)));
        return true;
    case 'c': {
        char c = (char)va_arg(arguments->list, int);
        put_text(sink, spec, &c, 1);
        return true;
    }
    case 's': {
        const char *text = va_arg(arguments->list, const char *);
        text = text == NULL ? "(null)" : text;
        put_text(sink, spec, text, strnlen(text, spec->has_precision ? spec->precision : SIZE_MAX));
        return true;
    }
    case '%':
        format_put(sink, "%", 1);
        return true;
    case 'f':
    case 'F':
        return put_double(sink, spec, arguments);
    }
    return false;
}

// From behind the % to behind the conversion.
static const char *format_one(const char *at, struct format_sink *sink, struct arguments *arguments)
{
    const char *const begin = at - 1;
    struct format_spec spec = {0};
    bool negative;
    size_t bytes;
    at = take_flags(at, &spec);
    at = take_size(at, arguments, &spec.width, &negative);
    spec.left |= negative;
    if (*at == '.') {
        at = take_size(at + 1, arguments, &spec.precision, &negative);
        spec.has_precision = !negative;
    }
    at = take_length(at, &bytes);
    spec.zero &= !spec.left;
    spec.conversion = *at;
    if (*at != 0) at++;
    if (!convert(sink, &spec, bytes, arguments)) format_put(sink, begin, (size_t)(at - begin));
    return at;
}

size_t format_list(char *out, size_t size, const char *fmt, va_list arguments)
{
    struct format_sink sink = {out, size, 0};
    struct arguments copy;
    va_copy(copy.list, arguments);
    for (const char *at = fmt; *at != 0;) {
        const char *plain = at;
        while (*at != 0 && *at != '%')
            at++;
        format_put(&sink, plain, (size_t)(at - plain));
        if (*at == '%') at = format_one(at + 1, &sink, &copy);
    }
    va_end(copy.list);
    if (size > 0) out[sink.length < size ? sink.length : size - 1] = 0;
    return sink.length;
}

size_t format(char *out, size_t size, const char *fmt, ...)
{
    va_list arguments;
    va_start(arguments, fmt);
    size_t length = format_list(out, size, fmt, arguments);
    va_end(arguments);
    return length;
}
