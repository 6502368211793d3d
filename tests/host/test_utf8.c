// SPDX-License-Identifier: MIT
// sources: common/utf8.c
#include "tests/host/test.h"

#include "common/utf8.h"

static bool is_scalar(uint32_t code) { return code <= 0x10ffff && !(0xd800 <= code && code <= 0xdfff); }

TEST(every_character_survives_the_way_there_and_back)
{
    for (uint32_t code = 0; code < 0x110400; code++) {
        char text[4];
        size_t length = utf8_encode(text, code);
        assert_int_equal(length, !is_scalar(code) ? 0 : code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4);
        if (length == 0) continue;
        uint32_t back;
        assert_int_equal(utf8_decode(text, length, &back), length);
        assert_int_equal(back, code);
        assert_true(utf8_is_valid(text, length));
    }
    assert_int_equal(utf8_encode((char[4]){0}, UTF8_INVALID), 0);
}

// What decodes to a character is exactly what encodes to those bytes: so there is one form of each and no other. All
// strings of three bytes, and of four that begin with a four-byte form.
TEST(every_byte_string_decodes_to_a_character_that_encodes_to_it_or_to_one_invalid_byte)
{
    for (uint32_t first = 0; first < 256; first++) {
        bool four = first >= 0xf0;
        for (uint32_t rest = 0; rest < (four ? 0x1000000u : 0x10000u); rest += four ? 7 : 1) {
            char text[4] = {(char)first, (char)rest, (char)(rest >> 8), (char)(rest >> 16)}, again[4];
            size_t length = four ? 4 : 3;
            uint32_t code;
            size_t taken = utf8_decode(text, length, &code);
            if (code == UTF8_INVALID) {
                if (taken != 1) fail_msg("%zu invalid bytes taken at once", taken);
            } else if (utf8_encode(again, code) != taken || memcmp(text, again, taken) != 0) {
                fail_msg("%02x %06x decodes to %x", first, rest, code);
            }
        }
    }
}

TEST(a_character_that_is_cut_short_is_invalid_byte_by_byte_and_nothing_is_read_past_the_end)
{
    static const char *const texts[] = {"\xc3\xb6", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
    for (size_t t = 0; t < COUNT(texts); t++) {
        for (size_t length = 1; length < strlen(texts[t]); length++) {
            char *cut = malloc(length);
            memcpy(cut, texts[t], length);
            uint32_t code;
            assert_int_equal(utf8_decode(cut, length, &code), 1);
            assert_int_equal(code, UTF8_INVALID);
            assert_false(utf8_is_valid(cut, length));
            free(cut);
        }
    }
}

TEST(the_classic_forgeries_are_invalid)
{
    static const char *const texts[] = {
        "\xc0\x80",
        "\xc1\xbf",
        "\xe0\x80\x80",
        "\xe0\x9f\xbf",
        "\xf0\x80\x80\x80",
        "\xf0\x8f\xbf\xbf", // overlong
        "\xed\xa0\x80",
        "\xed\xbf\xbf", // surrogates
        "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80",
        "\xff",
        "\xfe",
        "\x80",
        "\xbf",
    };
    for (size_t t = 0; t < COUNT(texts); t++) {
        uint32_t code;
        assert_int_equal(utf8_decode(texts[t], strlen(texts[t]), &code), 1);
        assert_int_equal(code, UTF8_INVALID);
    }
    assert_true(utf8_is_valid("", 0));
    assert_true(utf8_is_valid("W\xc3\xb6rld", 6));
    assert_false(utf8_is_valid("W\xc3rld", 5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_character_survives_the_way_there_and_back),
        cmocka_unit_test(every_byte_string_decodes_to_a_character_that_encodes_to_it_or_to_one_invalid_byte),
        cmocka_unit_test(a_character_that_is_cut_short_is_invalid_byte_by_byte_and_nothing_is_read_past_the_end),
        cmocka_unit_test(the_classic_forgeries_are_invalid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
