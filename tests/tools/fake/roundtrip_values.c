// SPDX-License-Identifier: MIT
// What goes through comes out the same: values, errors, capabilities, deferred replies.
#include "roundtrip.h"

TEST(scalars_keep_their_extremes)
{
    struct sample_scalars_reply r;
    assert_int_equal(sample_scalars(server, 255, INT16_MIN, UINT32_MAX, INT64_MIN, true, -128, &r), OK);
    assert_true(r.a == 255 && r.b == INT16_MIN && r.c == UINT32_MAX && r.d == INT64_MIN && r.e && r.f == -128);
    assert_int_equal(sample_scalars(server, 0, INT16_MAX, 0, INT64_MAX, false, 127, &r), OK);
    assert_true(r.a == 0 && r.b == INT16_MAX && r.c == 0 && r.d == INT64_MAX && !r.e && r.f == 127);
    assert_int_equal(TAG_LENGTH(fake_request.tag), 0);
}

TEST(numbers_beyond_the_registers_travel_in_the_body)
{
    struct sample_spilled_reply r;
    assert_int_equal(
        sample_spilled(server, UINT64_MAX, -5, 65535, 7, 8, INT32_MIN, true, "thirty characters and no more.", &r), OK);
    assert_true(r.a == UINT64_MAX && r.b == -5 && r.c == 65535 && r.d == 7 && r.e == 8 && r.f == INT32_MIN && r.g);
    assert_string_equal(r.text, "thirty characters and no more.");
    assert_int_equal(r.text_length, 30);
    assert_int_equal(TAG_LENGTH(fake_request.tag), 16 + 31);
}

TEST(a_text_of_every_length_up_to_the_limit_comes_back)
{
    static char text[SAMPLE_TEXT_TEXT_MAX + 1];
    struct sample_text_reply r;
    for (size_t n = 0; n <= SAMPLE_TEXT_TEXT_MAX; n += n < 100 || n > 4000 ? 1 : 61) {
        for (size_t i = 0; i < n; i++)
            text[i] = (char)('a' + (i + n) % 26);
        text[n] = 0;
        assert_int_equal(sample_text(server, text, &r), OK);
        assert_int_equal(r.text_length, n);
        assert_string_equal(r.text, text);
        assert_int_equal(TAG_LENGTH(fake_request.tag), n + 1 <= 40 ? 0 : n + 1);
        assert_int_equal(TAG_LENGTH(fake_reply.tag), n + 1 <= 40 ? 0 : n + 1);
    }
}

TEST(bytes_of_every_length_up_to_the_limit_come_back)
{
    static uint8_t data[SAMPLE_BYTES_DATA_MAX];
    struct sample_bytes_reply r;
    for (size_t n = 0; n <= sizeof data; n += n < 100 || n > 4000 ? 1 : 61) {
        uint32_t sum = 0;
        for (size_t i = 0; i < n; i++)
            sum += data[i] = (uint8_t)(i * 7 + n);
        assert_int_equal(sample_bytes(server, data, n, &r), OK);
        assert_int_equal(r.sum, sum);
        assert_int_equal(r.data_length, n);
        assert_memory_equal(r.data, data, n);
    }
}

TEST(structs_come_back_as_values)
{
    struct sample_structs_reply r;
    const struct sample_point point = {-1, INT32_MAX};
    struct sample_gappy gappy;
    memset(&gappy, 0xa5, sizeof gappy);
    gappy.flag = true;
    gappy.wide = UINT64_MAX;
    gappy.small = -1;
    assert_int_equal(sample_structs(server, &point, &gappy, &r), OK);
    assert_true(r.point.x == -1 && r.point.y == INT32_MAX);
    assert_true(r.gappy.flag && r.gappy.wide == UINT64_MAX && r.gappy.small == -1);
}

static void fill(struct sample_gappy *gaps, struct sample_point *points, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        gaps[i] = (struct sample_gappy){.flag = i % 2, .wide = i << 40, .small = (int8_t) - (int)i};
        points[i] = (struct sample_point){(int32_t)i, -(int32_t)i};
    }
}

TEST(lists_of_every_length_come_back)
{
    const uint8_t bytes[SAMPLE_LISTS_BYTES_MAX] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    const uint32_t numbers[SAMPLE_LISTS_NUMBERS_MAX] = {~0u, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    const bool flags[SAMPLE_LISTS_FLAGS_MAX] = {true, false, true, true, false};
    struct sample_gappy gaps[SAMPLE_LISTS_GAPS_MAX];
    struct sample_point points[SAMPLE_LISTS_POINTS_MAX];
    fill(gaps, points, SAMPLE_LISTS_GAPS_MAX);
    for (size_t b = 0; b <= SAMPLE_LISTS_BYTES_MAX; b++)
        for (size_t n = 0; n <= SAMPLE_LISTS_NUMBERS_MAX; n += 5)
            for (size_t f = 0; f <= SAMPLE_LISTS_FLAGS_MAX; f++)
                for (size_t g = 0; g <= SAMPLE_LISTS_GAPS_MAX; g += 10) {
                    struct sample_lists_reply r;
                    size_t p = SAMPLE_LISTS_GAPS_MAX - g;
                    assert_int_equal(sample_lists(server, bytes, b, numbers, n, flags, f, gaps, g, points, p, &r), OK);
                    assert_true(r.bytes_count == b && r.numbers_count == n && r.flags_count == f);
                    assert_true(r.gaps_count == g && r.points_count == p);
                    assert_memory_equal(r.bytes, bytes, b);
                    assert_memory_equal(r.numbers, numbers, n * sizeof *numbers);
                    assert_memory_equal(r.flags, flags, f);
                    assert_memory_equal(r.gaps, gaps, g * sizeof *gaps);
                    assert_memory_equal(r.points, points, p * sizeof *points);
                }
}

TEST(two_texts_change_places_even_within_the_registers)
{
    struct sample_pair_reply r;
    assert_int_equal(sample_pair(server, "left", "the right one", &r), OK);
    assert_string_equal(r.left, "the right one");
    assert_string_equal(r.right, "left");
    assert_int_equal(TAG_LENGTH(fake_reply.tag), 0);
}

TEST(a_null_text_is_an_empty_one)
{
    struct sample_text_reply r;
    assert_int_equal(sample_text(server, NULL, &r), OK);
    assert_string_equal(r.text, "");
}

TEST(a_reply_may_be_sent_on_in_the_next_call)
{
    static char text[2000];
    struct sample_text_reply r;
    memset(text, 'x', sizeof text - 1);
    assert_int_equal(sample_text(server, text, &r), OK);
    assert_int_equal(sample_text(server, r.text + 5, &r), OK);
    assert_string_equal(r.text, text + 5);
}

TEST(an_error_comes_back_alone)
{
    struct sample_failing_reply r = {.text = "untouched"};
    assert_int_equal(sample_failing(server, ERR_BUSY, &r), ERR_BUSY);
    assert_string_equal(r.text, "untouched");
    assert_int_equal(sample_failing(server, OK, &r), ERR_TOO_LONG);
}

TEST(capabilities_travel_in_their_places)
{
    struct sample_caps_reply r;
    assert_int_equal(sample_caps(server, 7, (cap_t){3}, (cap_t){4}, &r), OK);
    assert_int_equal(r.arrived, 2);
    assert_int_equal(r.back.slot, 2000 + 1004);
    assert_int_equal(r.none.slot, 0);
    assert_int_equal(TAG_CAPS(fake_request.tag), 2);
}

TEST(a_capability_may_be_left_out)
{
    struct sample_caps_reply r;
    assert_int_equal(sample_caps(server, 7, (cap_t){3}, NO_CAP, &r), OK);
    assert_int_equal(TAG_CAPS(fake_request.tag), 1);
    assert_int_equal(r.arrived, 1);
    assert_int_equal(r.back.slot, 0);
}

TEST(a_deferred_reply_comes_later_with_a_value_or_an_error)
{
    struct sample_deferred_reply r;
    assert_int_equal(sample_deferred(server, "patience", &r), OK);
    assert_string_equal(r.text, "patience");
    fake_later = sample_refuse_later;
    assert_int_equal(sample_deferred(server, "patience", &r), ERR_BUSY);
}

int run_values(void)
{
    const struct CMUnitTest tests[] = {
        CHECK(scalars_keep_their_extremes),
        CHECK(numbers_beyond_the_registers_travel_in_the_body),
        CHECK(a_text_of_every_length_up_to_the_limit_comes_back),
        CHECK(bytes_of_every_length_up_to_the_limit_come_back),
        CHECK(structs_come_back_as_values),
        CHECK(lists_of_every_length_come_back),
        CHECK(two_texts_change_places_even_within_the_registers),
        CHECK(a_null_text_is_an_empty_one),
        CHECK(a_reply_may_be_sent_on_in_the_next_call),
        CHECK(an_error_comes_back_alone),
        CHECK(capabilities_travel_in_their_places),
        CHECK(a_capability_may_be_left_out),
        CHECK(a_deferred_reply_comes_later_with_a_value_or_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
