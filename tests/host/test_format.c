// SPDX-License-Identifier: MIT
// sources: common/format.c common/format_variadic.c common/format_float.c
// The formatter: fixed expectations, then every combination of flags, widths and precisions against libc's snprintf.
#include "tests/host/test.h"

#include "common/format.h"

// The formats are made at run time here, and some are meant to be wrong.
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat"
#pragma GCC diagnostic ignored "-Wformat-extra-args"
#pragma GCC diagnostic ignored "-Wformat-security"
#pragma GCC diagnostic ignored "-Wformat-truncation"
#pragma GCC diagnostic ignored "-Wformat-overflow"

#define EXPECT(WANTED, ...) \
    do { \
        char out[200]; \
        size_t length = format(out, sizeof out, __VA_ARGS__); \
        assert_string_equal(out, WANTED); \
        assert_int_equal(length, strlen(WANTED)); \
    } while (0)

#define SAME_AS_LIBC(...) \
    do { \
        char ours[800], libcs[800]; \
        size_t length = format(ours, sizeof ours, __VA_ARGS__); \
        int wanted = snprintf(libcs, sizeof libcs, __VA_ARGS__); \
        assert_string_equal(ours, libcs); \
        assert_int_equal(length, wanted); \
    } while (0)

TEST(the_tutorials_lines_come_out)
{
    EXPECT("The numbers are 42 and 0.333", "The numbers are %d and %.3f", 42, 1.0 / 3.0);
    EXPECT("some numbers: 42 1.337", "some numbers: %d %.3f", 42, 1.337);
}

TEST(every_conversion_and_length_does_what_the_standard_says)
{
    EXPECT("plain text", "plain text");
    EXPECT("-7 7 -7", "%d %u %i", -7, 7u, -7);
    EXPECT("ff FF 377 z %", "%x %X %o %c %%", 255, 255, 255, 'z');
    EXPECT("ff ffff ffffffff", "%hhx %hx %x", -1, -1, -1);
    EXPECT("-1 -1", "%hhd %hd", 0xff, 0xffff);
    EXPECT("-9223372036854775808 18446744073709551615", "%ld %llu", (long)INT64_MIN, ~0ull);
    EXPECT("5 -5 6", "%zu %td %ju", (size_t)5, (ptrdiff_t)-5, (uintmax_t)6);
    EXPECT("0x1000 0x0 [    0x2a]", "%p %p [%8p]", (void *)0x1000, NULL, (void *)42);
    EXPECT("ab [abc  ] [  abc] [ab]", "%s [%-5s] [%5s] [%.2s]", "ab", "abc", "abc", "abc");
    EXPECT("(null)", "%s", (char *)NULL);
    EXPECT("[   42] [42   ] [00042] [+42] [ 42]", "[%*d] [%-*d] [%0*d] [%+d] [% d]", 5, 42, 5, 42, 5, 42, 42, 42);
    EXPECT("[42   ] [42]", "[%*d] [%.*d]", -5, 42, -1, 42);
    EXPECT("[]", "[%.0d]", 0);
}

TEST(a_string_with_a_precision_need_not_end)
{
    char *text = malloc(3);
    memcpy(text, "abc", 3);
    EXPECT("abc", "%.3s", text);
    free(text);
}

TEST(an_unknown_conversion_is_printed_as_it_stands)
{
    EXPECT("%q", "%q", 1);
    EXPECT("%-5.3lq!", "%-5.3lq!");
    EXPECT("%n", "%n", NULL);
    EXPECT("%e %g %Lf", "%e %g %Lf");
    EXPECT("%", "%");
    EXPECT("100%", "100%");
    EXPECT("%l", "%l");
    EXPECT("%5.", "%5.");
    EXPECT("%q 7", "%q %d", 7);
}

TEST(the_text_is_cut_closed_and_its_whole_length_returned)
{
    for (size_t size = 0; size < 16; size++) {
        char *out = malloc(16);
        memset(out, '#', 16);
        assert_int_equal(format(out, size, "%s-%05d-%3c", "ab", 42, 'z'), 12);
        char expected[17] = "################";
        snprintf(expected, size, "%s-%05d-%3c", "ab", 42, 'z');
        assert_memory_equal(out, expected, 16);
        free(out);
    }
    assert_int_equal(format(NULL, 0, "%d", 1234), 4);
}

TEST(a_huge_width_costs_no_time_and_writes_no_more)
{
    char out[8];
    assert_int_equal(format(out, sizeof out, "%2147483647d", 1), 2147483647);
    assert_string_equal(out, "       ");
    assert_int_equal(format(out, sizeof out, "%99999999999999999999d", 1), INT32_MAX);
    assert_int_equal(format(out, sizeof out, "%.2147483647d", 1), 2147483647);
    assert_string_equal(out, "0000000");
}

static const char *const flags[] = {"", "-", "0", "+", " ", "#", "-0", "+0", " 0", "#0", "-#", "+-", "+ ", "#-0+ "};
static const char *const sizes[] = {"", "1", "5", "12", "40", ".", ".0", ".1", ".5", ".30", "12.5", "5.12", "30.25"};

TEST(integers_match_libc_under_all_flags_widths_and_precisions)
{
    static const char conversions[] = "diuxXo";
    static const char *const lengths[] = {"hh", "h", "", "l", "ll", "z", "t", "j"};
    uint64_t values[] = {0, 1, 7, 8, 255, 0x7f, 0x80, 0x8000, 0x7fffffff, 0x80000000, ~0ull, 1ull << 63, 0, 0, 0};
    for (size_t f = 0; f < COUNT(flags); f++)
        for (size_t s = 0; s < COUNT(sizes); s++)
            for (size_t l = 0; l < COUNT(lengths); l++)
                for (size_t c = 0; conversions[c] != 0; c++) {
                    char fmt[32];
                    snprintf(fmt, sizeof fmt, "<%%%s%s%s%c>", flags[f], sizes[s], lengths[l], conversions[c]);
                    for (size_t v = COUNT(values) - 3; v < COUNT(values); v++)
                        values[v] = random_number() >> random_below(64);
                    for (size_t v = 0; v < COUNT(values); v++)
                        SAME_AS_LIBC(fmt, values[v]);
                }
}

TEST(text_matches_libc_under_all_widths_and_precisions)
{
    static const char *const texts[] = {"", "a", "hello", "a rather long text that is wider than any width above"};
    for (size_t s = 0; s < COUNT(sizes); s++)
        for (int left = 0; left < 2; left++)
            for (size_t t = 0; t < COUNT(texts); t++) {
                char fmt[32];
                snprintf(fmt, sizeof fmt, "<%%%s%ss>", left ? "-" : "", sizes[s]);
                SAME_AS_LIBC(fmt, texts[t]);
                snprintf(fmt, sizeof fmt, "<%%%s%zuc>", left ? "-" : "", t + 1);
                SAME_AS_LIBC(fmt, 'x');
            }
}

TEST(doubles_match_libc_to_the_last_digit)
{
    double values[] = {0.0,
                       -0.0,
                       0.5,
                       1.5,
                       2.5,
                       -2.5,
                       0.125,
                       0.375,
                       1.0 / 3,
                       0.1,
                       1.337,
                       9.9995,
                       99999.5,
                       1e15,
                       1e22,
                       1e23,
                       123456789.125,
                       1e-5,
                       1e-300,
                       4.9e-324,
                       1e308,
                       1.7976931348623157e308,
                       2.2250738585072014e-308,
                       999999999.9999999,
                       0.0,
                       0.0};
    for (size_t f = 0; f < COUNT(flags); f++)
        for (size_t s = 0; s < COUNT(sizes); s++) {
            char fmt[32];
            snprintf(fmt, sizeof fmt, "<%%%s%s%c>", flags[f], sizes[s], s % 2 ? 'f' : 'F');
            for (size_t v = COUNT(values) - 2; v < COUNT(values); v++) {
                uint64_t raw = random_number();
                memcpy(&values[v], &raw, sizeof raw);
            }
            for (size_t v = 0; v < COUNT(values); v++)
                if (values[v] == values[v]) SAME_AS_LIBC(fmt, values[v]);
        }
}

TEST(random_doubles_match_libc)
{
    for (int round = 0; round < 100000; round++) {
        double value = (double)(int64_t)random_number() / (double)(1ull << random_below(64));
        int precision = (int)random_below(20);
        SAME_AS_LIBC("%.*f", precision, value);
    }
    // every digit that a double can have, and some behind them
    SAME_AS_LIBC("%.600f", 0x1.fffffffffffffp-500);
    SAME_AS_LIBC("%.700f", 4.9e-324);
}

TEST(the_smallest_double_has_1074_digits_behind_the_point)
{
    char ours[1200], libcs[1200];
    assert_int_equal(format(ours, sizeof ours, "%.1100f", 4.9e-324),
                     snprintf(libcs, sizeof libcs, "%.1100f", 4.9e-324));
    assert_string_equal(ours, libcs);
}

TEST(infinities_and_nan_are_words)
{
    const double infinity = __builtin_inf(), nan = __builtin_nan("");
    EXPECT("inf -inf nan INF NAN", "%f %f %f %F %F", infinity, -infinity, nan, infinity, nan);
    EXPECT("[     inf] [+inf    ]", "[%08f] [%+-8f]", infinity, infinity);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_tutorials_lines_come_out),
        cmocka_unit_test(every_conversion_and_length_does_what_the_standard_says),
        cmocka_unit_test(a_string_with_a_precision_need_not_end),
        cmocka_unit_test(an_unknown_conversion_is_printed_as_it_stands),
        cmocka_unit_test(the_text_is_cut_closed_and_its_whole_length_returned),
        cmocka_unit_test(a_huge_width_costs_no_time_and_writes_no_more),
        cmocka_unit_test(integers_match_libc_under_all_flags_widths_and_precisions),
        cmocka_unit_test(text_matches_libc_under_all_widths_and_precisions),
        cmocka_unit_test(doubles_match_libc_to_the_last_digit),
        cmocka_unit_test(random_doubles_match_libc),
        cmocka_unit_test(the_smallest_double_has_1074_digits_behind_the_point),
        cmocka_unit_test(infinities_and_nan_are_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
