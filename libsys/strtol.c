// SPDX-License-Identifier: MIT
#include <limits.h>

#include <stdbool.h>

#include "libsys/ctype.h"
#include "libsys/stdlib.h"

_Static_assert(sizeof(long) == sizeof(long long), "one parser serves both");

static int digit_value(char c)
{
    if (isdigit(c)) return c - '0';
    return isalpha(c) ? tolower(c) - 'a' + 10 : INT_MAX;
}

// "0x" counts only with a digit behind it: otherwise the number is the 0.
static const char *skip_prefix(const char *text, int *base)
{
    bool hexadecimal = text[0] == '0' && (text[1] == 'x' || text[1] == 'X') && digit_value(text[2]) < 16;
    if ((*base == 0 || *base == 16) && hexadecimal) {
        *base = 16;
        return text + 2;
    }
    if (*base == 0) *base = text[0] == '0' ? 8 : 10;
    return text;
}

// The magnitude, and whether it is too large even for 64 bits.
struct parsed {
    unsigned long long value;
    bool negative;
    bool overflow;
};

static struct parsed parse(const char *text, char **end, int base)
{
    struct parsed number = {0};
    const char *start = text;
    if (end != NULL) *end = (char *)(uintptr_t)start;
    if (base < 0 || base == 1 || base > 36) return number;
    while (isspace(*text))
        text++;
    number.negative = *text == '-';
    if (*text == '-' || *text == '+') text++;
    text = skip_prefix(text, &base);
    const char *digits = text;
    for (; digit_value(*text) < base; text++) {
        unsigned long long next;
        if (__builtin_mul_overflow(number.value, (unsigned)base, &next) ||
            __builtin_add_overflow(next, (unsigned)digit_value(*text), &next))
            number.overflow = true;
        else
            number.value = next;
    }
    if (end != NULL && text != digits) *end = (char *)(uintptr_t)text;
    return number;
}

unsigned long long strtoull(const char *text, char **end, int base)
{
    struct parsed number = parse(text, end, base);
    if (number.overflow) return ULLONG_MAX;
    return number.negative ? -number.value : number.value; // C17 7.22.1.4: negated in the unsigned type
}

long long strtoll(const char *text, char **end, int base)
{
    struct parsed number = parse(text, end, base);
    if (number.negative) return number.overflow || number.value > LLONG_MAX ? LLONG_MIN : -(long long)number.value;
    return number.overflow || number.value > LLONG_MAX ? LLONG_MAX : (long long)number.value;
}

unsigned long strtoul(const char *text, char **end, int base) { return (unsigned long)strtoull(text, end, base); }

long strtol(const char *text, char **end, int base) { return (long)strtoll(text, end, base); }

long atol(const char *text) { return strtol(text, NULL, 10); }

int atoi(const char *text) { return (int)atol(text); }

int abs(int value) { return value < 0 ? -value : value; }

long labs(long value) { return value < 0 ? -value : value; }
