// SPDX-License-Identifier: MIT
// sources: common/string.c common/mem.c
// The numbers, sorting and text functions of libsys against libc's.
#include "tests/host/test.h"

#include <limits.h>

// libsys's functions get names of their own, because libc has them too.
#define strtol annulet_strtol
#define strtoul annulet_strtoul
#define strtoll annulet_strtoll
#define strtoull annulet_strtoull
#define atoi annulet_atoi
#define atol annulet_atol
#define abs annulet_abs
#define labs annulet_labs
#define qsort annulet_qsort
#define bsearch annulet_bsearch
#define memchr annulet_memchr
#define strstr annulet_strstr
#define strspn annulet_strspn
#define strcspn annulet_strcspn
#define strpbrk annulet_strpbrk
#define strtok_r annulet_strtok_r
#define random_below annulet_random_below
#include "libsys/random.c"
#include "libsys/sort.c"
#include "libsys/strings.c"
#include "libsys/strtol.c"
#undef strtol
#undef strtoul
#undef strtoll
#undef strtoull
#undef atoi
#undef atol
#undef abs
#undef labs
#undef qsort
#undef bsearch
#undef memchr
#undef strstr
#undef strspn
#undef strcspn
#undef strpbrk
#undef strtok_r
#undef random_below

static void assert_number_as_in_libc(const char *text, int base)
{
    char *end, *libc_end;
    assert_int_equal(annulet_strtol(text, &end, base), strtol(text, &libc_end, base));
    assert_ptr_equal(end, libc_end);
    assert_int_equal(annulet_strtoul(text, &end, base), strtoul(text, &libc_end, base));
    assert_ptr_equal(end, libc_end);
    assert_int_equal(annulet_strtoll(text, NULL, base), strtoll(text, NULL, base));
    assert_int_equal(annulet_strtoull(text, NULL, base), strtoull(text, NULL, base));
}

TEST(numbers_are_read_as_libc_reads_them)
{
    const char *texts[] = {"",
                           "0",
                           "42",
                           " \t\n-42x",
                           "+7",
                           "--1",
                           "0x",
                           "0xg",
                           "0x1F",
                           "-0X10",
                           "0779",
                           "z",
                           "Zz",
                           "- 1",
                           "1 2",
                           "08",
                           "0b1",
                           "+",
                           "-",
                           "x",
                           "9223372036854775807",
                           "9223372036854775808",
                           "-9223372036854775808",
                           "-9223372036854775809",
                           "18446744073709551615",
                           "18446744073709551616",
                           "-18446744073709551615",
                           "99999999999999999999999999999z"};
    const int bases[] = {0, 2, 8, 10, 16, 35, 36};
    for (size_t i = 0; i < COUNT(texts); i++)
        for (size_t j = 0; j < COUNT(bases); j++)
            assert_number_as_in_libc(texts[i], bases[j]);
}

TEST(random_digits_are_read_as_libc_reads_them)
{
    static const char bytes[] = "0123456789abcxXzZ+- \t";
    for (int i = 0; i < 200000; i++) {
        char text[24] = {0};
        for (size_t j = 0, length = random_below(sizeof text); j < length; j++)
            text[j] = bytes[random_below(sizeof bytes - 1)];
        const int base = (int)random_below(36) + 1;
        assert_number_as_in_libc(text, base == 1 ? 0 : base);
    }
}

TEST(a_base_that_does_not_exist_reads_nothing)
{
    char *end;
    const char *text = "11";
    const int bases[] = {-1, 1, 37, INT_MAX, INT_MIN};
    for (size_t i = 0; i < COUNT(bases); i++) {
        assert_int_equal(annulet_strtol(text, &end, bases[i]), 0);
        assert_ptr_equal(end, text);
    }
}

TEST(atoi_and_abs_do_what_they_say)
{
    assert_int_equal(annulet_atoi(" -17 apples"), -17);
    assert_int_equal(annulet_atol("123456789012"), 123456789012);
    assert_int_equal(annulet_abs(-3) + annulet_abs(4), 7);
    assert_int_equal(annulet_labs(-5000000000), 5000000000);
}

static size_t comparisons;

static int compare_bytes(const void *left, const void *right)
{
    comparisons++;
    return memcmp(left, right, 3);
}

// Arrays of elements of a size that is no power of two: sorted, falling, all equal, random.
static void make_array(unsigned char *array, size_t count, int shape)
{
    for (size_t i = 0; i < count; i++) {
        const size_t value = shape == 0 ? i : shape == 1 ? count - i : shape == 2 ? 7 : random_below(count + 1);
        array[3 * i] = (unsigned char)(value >> 16);
        array[3 * i + 1] = (unsigned char)(value >> 8);
        array[3 * i + 2] = (unsigned char)value;
    }
}

TEST(sorting_gives_what_libc_gives_and_is_never_slow)
{
    const size_t counts[] = {0, 1, 2, 3, 10, 257, 4000};
    for (size_t i = 0; i < COUNT(counts); i++)
        for (int shape = 0; shape < 4; shape++) {
            const size_t count = counts[i];
            unsigned char *array = malloc(3 * count + 1), *expected = malloc(3 * count + 1);
            make_array(array, count, shape);
            memcpy(expected, array, 3 * count);
            qsort(expected, count, 3, compare_bytes);
            comparisons = 0;
            annulet_qsort(array, count, 3, compare_bytes);
            assert_memory_equal(array, expected, 3 * count);
            assert_true(comparisons <= 26 * count + 1); // 2 n log₂ n for 4,000 is 24 n
            free(array);
            free(expected);
        }
}

static int compare_ints(const void *left, const void *right)
{
    const int l = *(const int *)left, r = *(const int *)right;
    return (l > r) - (l < r);
}

TEST(searching_finds_every_element_and_nothing_else)
{
    int array[101];
    for (size_t count = 0; count <= COUNT(array); count++) {
        for (size_t i = 0; i < count; i++)
            array[i] = 2 * (int)i;
        for (int key = -1; key < 2 * (int)count + 1; key++) {
            const int *found = annulet_bsearch(&key, array, count, sizeof key, compare_ints);
            const bool is_there = key >= 0 && key % 2 == 0 && key / 2 < (int)count;
            assert_ptr_equal(found, is_there ? &array[key / 2] : NULL);
        }
    }
}

TEST(the_same_seed_gives_the_same_numbers_and_all_values_come)
{
    uint64_t one = 42, two = 42, seen = 0;
    for (int i = 0; i < 1000; i++)
        assert_int_equal(random_next(&one), random_next(&two));
    for (int i = 0; i < 1000; i++) {
        const uint64_t number = annulet_random_below(&one, 50);
        assert_true(number < 50);
        seen |= 1ull << number;
    }
    assert_int_equal(seen, (1ull << 50) - 1);
    assert_int_equal(annulet_random_below(&one, 0), 0);
    assert_int_equal(annulet_random_below(&one, 1), 0);
    assert_true(annulet_random_below(&one, UINT64_MAX) < UINT64_MAX);
}

static void random_text(char *text, size_t size)
{
    const size_t length = random_below(size);
    for (size_t i = 0; i < length; i++)
        text[i] = (char)('a' + random_below(3));
    text[length] = 0;
}

TEST(searches_in_text_find_what_libc_finds)
{
    for (int i = 0; i < 20000; i++) {
        char text[20], other[4];
        random_text(text, sizeof text);
        random_text(other, sizeof other);
        assert_ptr_equal(annulet_strstr(text, other), strstr(text, other));
        assert_int_equal(annulet_strspn(text, other), strspn(text, other));
        assert_int_equal(annulet_strcspn(text, other), strcspn(text, other));
        assert_ptr_equal(annulet_strpbrk(text, other), strpbrk(text, other));
        assert_ptr_equal(annulet_memchr(text, 'b', strlen(text)), memchr(text, 'b', strlen(text)));
    }
}

TEST(words_are_cut_as_libc_cuts_them)
{
    for (int i = 0; i < 20000; i++) {
        char text[20], copy[20], *rest, *libc_rest;
        random_text(text, sizeof text);
        strcpy(copy, text);
        char *word = annulet_strtok_r(text, "ab", &rest), *libc_word = strtok_r(copy, "ab", &libc_rest);
        while (word != NULL && libc_word != NULL) {
            assert_string_equal(word, libc_word);
            word = annulet_strtok_r(NULL, "ab", &rest);
            libc_word = strtok_r(NULL, "ab", &libc_rest);
        }
        assert_null(word);
        assert_null(libc_word);
    }
}

TEST(appending_stops_where_the_room_ends)
{
    char out[8] = "abc";
    assert_int_equal(append_text(out, sizeof out, "defg"), 7);
    assert_string_equal(out, "abcdefg");
    assert_int_equal(append_text(out, sizeof out, "hij"), 10);
    assert_string_equal(out, "abcdefg");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_read_as_libc_reads_them),
        cmocka_unit_test(random_digits_are_read_as_libc_reads_them),
        cmocka_unit_test(a_base_that_does_not_exist_reads_nothing),
        cmocka_unit_test(atoi_and_abs_do_what_they_say),
        cmocka_unit_test(sorting_gives_what_libc_gives_and_is_never_slow),
        cmocka_unit_test(searching_finds_every_element_and_nothing_else),
        cmocka_unit_test(the_same_seed_gives_the_same_numbers_and_all_values_come),
        cmocka_unit_test(searches_in_text_find_what_libc_finds),
        cmocka_unit_test(words_are_cut_as_libc_cuts_them),
        cmocka_unit_test(appending_stops_where_the_room_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
