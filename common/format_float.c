// SPDX-License-Identifier: MIT
// %f, exact: a double is m × 2^e, and every such number has finitely many decimal digits. They are worked out in full
// (at most 309 before the point and 1074 behind it) and then rounded once, half to even, as C17 (F.5) wants.
#include "common/format_sink.h"

#if FORMAT_FLOAT

#include <stdint.h>

#include "common/mem.h"
#include "common/string.h"

#define LIMB 1000000000u // nine digits a limb
#define LIMB_DIGITS 9
#define WHOLE_LIMBS 36     // 36 × 9 ≥ 309 digits and one for a carry
#define FRACTION_LIMBS 120 // 120 × 9 ≥ 1074 digits

// The limbs, most significant first; the point is behind limb WHOLE_LIMBS − 1.
struct decimal {
    uint32_t limbs[WHOLE_LIMBS + FRACTION_LIMBS];
};

static void times_power_of_two(struct decimal *number, unsigned power)
{
    while (power > 0) {
        unsigned step = power < 29 ? power : 29;
        uint64_t carry = 0;
        for (size_t i = WHOLE_LIMBS; i-- > 0;) {
            carry += (uint64_t)number->limbs[i] << step;
            number->limbs[i] = (uint32_t)(carry % LIMB);
            carry /= LIMB;
        }
        power -= step;
    }
}

// Nine bits at a time, since 2^9 divides a limb's base: so nothing is lost.
static void divided_by_power_of_two(struct decimal *number, unsigned power)
{
    while (power > 0) {
        unsigned step = power < 9 ? power : 9;
        uint32_t carry = 0;
        for (size_t i = 0; i < WHOLE_LIMBS + FRACTION_LIMBS; i++) {
            uint32_t limb = number->limbs[i];
            number->limbs[i] = (limb >> step) + carry;
            carry = (limb & ((1u << step) - 1)) * (LIMB >> step);
        }
        power -= step;
    }
}

static struct decimal decimal_from(uint64_t mantissa, int exponent)
{
    struct decimal number = {{0}};
    for (size_t i = WHOLE_LIMBS; mantissa != 0; mantissa /= LIMB)
        number.limbs[--i] = (uint32_t)(mantissa % LIMB);
    if (exponent > 0)
        times_power_of_two(&number, (unsigned)exponent);
    else
        divided_by_power_of_two(&number, (unsigned)-exponent);
    return number;
}

static uint32_t power_of_ten(size_t n)
{
    uint32_t power = 1;
    while (n-- > 0)
        power *= 10;
    return power;
}

// Cuts everything behind `precision` digits off, and adds one to the last if that is nearer, or as near and even.
static void round_to(struct decimal *number, size_t precision)
{
    if (precision >= FRACTION_LIMBS * LIMB_DIGITS) return;
    // The last digit kept is a multiple of `unit` in limb `last`.
    size_t last = WHOLE_LIMBS + precision / LIMB_DIGITS;
    uint32_t unit = power_of_ten(LIMB_DIGITS - precision % LIMB_DIGITS);
    uint32_t cut = number->limbs[last] % unit;
    bool above_half = cut > unit / 2;
    if (cut == unit / 2)
        for (size_t i = last + 1; i < WHOLE_LIMBS + FRACTION_LIMBS; i++)
            above_half |= number->limbs[i] != 0;
    bool odd = unit == LIMB ? number->limbs[last - 1] % 2 != 0 : number->limbs[last] / unit % 2 != 0;
    bool up = above_half || (cut == unit / 2 && odd);
    number->limbs[last] -= cut;
    if (!up) return;
    number->limbs[last] += unit;
    for (size_t i = last; number->limbs[i] >= LIMB; i--) {
        number->limbs[i] -= LIMB;
        number->limbs[i - 1]++;
    }
}

static size_t first_digit(const struct decimal *number)
{
    size_t limb = 0;
    while (limb < WHOLE_LIMBS - 1 && number->limbs[limb] == 0)
        limb++;
    size_t digit = limb * LIMB_DIGITS;
    for (uint32_t unit = LIMB / 10; unit > 1 && number->limbs[limb] < unit; unit /= 10)
        digit++;
    return digit;
}

static void put_digits(struct format_sink *sink, const struct decimal *number, size_t from, size_t to)
{
    for (size_t i = from; i < to; i++) {
        uint32_t unit = power_of_ten(LIMB_DIGITS - 1 - i % LIMB_DIGITS);
        char digit = (char)('0' + number->limbs[i / LIMB_DIGITS] / unit % 10);
        format_put(sink, &digit, 1);
    }
}

// The two ends of a number whose text takes `length` bytes without its sign.
static void begin(struct format_sink *sink, const struct format_spec *spec, const char *sign, size_t length)
{
    size_t used = strlen(sign) + length, padding = spec->width > used ? spec->width - used : 0;
    if (!(spec->flags & (FORMAT_LEFT | FORMAT_ZERO))) format_fill(sink, ' ', padding);
    format_put(sink, sign, strlen(sign));
    if (spec->flags & FORMAT_ZERO) format_fill(sink, '0', padding);
}

static void end(struct format_sink *sink, const struct format_spec *spec, const char *sign, size_t length)
{
    size_t used = strlen(sign) + length;
    if (spec->flags & FORMAT_LEFT && spec->width > used) format_fill(sink, ' ', spec->width - used);
}

static void put_special(struct format_sink *sink, const struct format_spec *spec, const char *sign, const char *name)
{
    struct format_spec spaces = *spec;
    spaces.flags &= ~(unsigned)FORMAT_ZERO;
    begin(sink, &spaces, sign, 3);
    format_put(sink, name, 3);
    end(sink, &spaces, sign, 3);
}

static void put_decimal(struct format_sink *sink, const struct format_spec *spec, const char *sign,
                        const struct decimal *number, size_t precision)
{
    const size_t first = first_digit(number), point = WHOLE_LIMBS * LIMB_DIGITS, known = FRACTION_LIMBS * LIMB_DIGITS;
    size_t point_length = precision > 0 || spec->flags & FORMAT_ALTERNATE;
    size_t length = point - first + point_length + precision;
    begin(sink, spec, sign, length);
    put_digits(sink, number, first, point);
    format_put(sink, ".", point_length);
    put_digits(sink, number, point, point + (precision < known ? precision : known));
    format_fill(sink, '0', precision > known ? precision - known : 0);
    end(sink, spec, sign, length);
}

void format_double(struct format_sink *sink, const struct format_spec *spec)
{
    double value = va_arg(sink->arguments, double);
    uint64_t raw;
    memcpy(&raw, &value, sizeof raw);
    const uint64_t fraction = raw & ((1ull << 52) - 1);
    const int exponent = (int)(raw >> 52 & 0x7ff);
    const char *sign = format_sign(spec, raw >> 63 != 0);
    if (exponent == 0x7ff) {
        bool small = spec->conversion == 'f';
        put_special(sink, spec, sign, fraction != 0 ? (small ? "nan" : "NAN") : (small ? "inf" : "INF"));
        return;
    }
    // IEEE 754: the leading one is not stored; subnormals (exponent 0) have none.
    struct decimal number =
        exponent == 0 ? decimal_from(fraction, -1074) : decimal_from(fraction | 1ull << 52, exponent - 1075);
    size_t precision = spec->precision == FORMAT_NO_PRECISION ? 6 : spec->precision;
    round_to(&number, precision);
    put_decimal(sink, spec, sign, &number, precision);
}

#endif
