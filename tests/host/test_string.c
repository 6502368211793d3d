// SPDX-License-Identifier: MIT
// sources: common/string.c common/string_more.c common/mem.c
// The text functions against libc's, over texts that differ, end and repeat in every place.
#include "tests/host/test.h"

extern __typeof__(strlen) annulet_strlen;
extern __typeof__(strnlen) annulet_strnlen;
extern __typeof__(strcmp) annulet_strcmp;
extern __typeof__(strncmp) annulet_strncmp;
extern __typeof__(strchr) annulet_strchr;
extern __typeof__(strrchr) annulet_strrchr;
size_t copy_text(char *out, size_t size, const char *in);

static int sign(int value) { return (value > 0) - (value < 0); }

// A text of few different bytes, some of them negative as char, in a block that ends with its NUL: so ASan sees one
// byte too many.
static char *random_text(size_t length)
{
    static const char bytes[] = {'a', 'b', '\x80', '\xff'};
    char *text = malloc(length + 1);
    for (size_t i = 0; i < length; i++)
        text[i] = bytes[random_below(sizeof bytes)];
    text[length] = 0;
    return text;
}

TEST(lengths_are_libcs)
{
    for (size_t length = 0; length < 70; length++) {
        char *text = random_text(length);
        assert_int_equal(annulet_strlen(text), length);
        for (size_t limit = 0; limit <= length + 1; limit++)
            assert_int_equal(annulet_strnlen(text, limit), strnlen(text, limit));
        free(text);
    }
}

TEST(strnlen_does_not_read_past_its_limit)
{
    char *bytes = malloc(5);
    memset(bytes, 'x', 5);
    assert_int_equal(annulet_strnlen(bytes, 5), 5);
    free(bytes);
}

TEST(comparisons_are_libcs_in_sign)
{
    for (int round = 0; round < 20000; round++) {
        char *left = random_text(random_below(6)), *right = random_text(random_below(6));
        assert_int_equal(sign(annulet_strcmp(left, right)), sign(strcmp(left, right)));
        for (size_t limit = 0; limit < 8; limit++)
            assert_int_equal(sign(annulet_strncmp(left, right, limit)), sign(strncmp(left, right, limit)));
        free(left);
        free(right);
    }
}

TEST(searches_are_libcs_the_closing_nul_included)
{
    static const int wanted[] = {'a', 'b', 0x80, 0xff, -1, 'z', 0};
    for (int round = 0; round < 2000; round++) {
        char *text = random_text(random_below(10));
        for (size_t i = 0; i < COUNT(wanted); i++) {
            assert_ptr_equal(annulet_strchr(text, wanted[i]), strchr(text, wanted[i]));
            assert_ptr_equal(annulet_strrchr(text, wanted[i]), strrchr(text, wanted[i]));
        }
        free(text);
    }
}

TEST(copy_text_cuts_closes_and_says_how_long_it_was)
{
    for (size_t size = 0; size < 8; size++) {
        char *out = malloc(8);
        memset(out, '#', 8);
        assert_int_equal(copy_text(out, size, "mouse"), 5);
        char expected[9] = "########";
        if (size > 0) snprintf(expected, size, "mouse");
        assert_memory_equal(out, expected, 8);
        free(out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lengths_are_libcs),
        cmocka_unit_test(strnlen_does_not_read_past_its_limit),
        cmocka_unit_test(comparisons_are_libcs_in_sign),
        cmocka_unit_test(searches_are_libcs_the_closing_nul_included),
        cmocka_unit_test(copy_text_cuts_closes_and_says_how_long_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
