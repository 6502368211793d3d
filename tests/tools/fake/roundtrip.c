// SPDX-License-Identifier: MIT
// The generated client against the generated server. Run by tests/tools/test_idl_roundtrip.py; with the argument
// "serve" it answers messages from standard input instead, for the Python client.
#include "sample.h"

#include <inttypes.h>

#include "tests/host/test.h"

static const cap_t server = {9};

static int start(void **state)
{
    (void)state;
    sample_serve(server, &sample_server);
    fake_alter_request = fake_alter_reply = NULL;
    fake_later = sample_answer_later;
    fake_calls = fake_discarded = 0;
    return 0;
}

// --- values

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

// --- what is refused before it is sent

TEST(what_is_too_long_is_not_sent)
{
    static char text[SAMPLE_TEXT_TEXT_MAX + 2];
    struct sample_text_reply t;
    struct sample_bytes_reply b;
    struct sample_lists_reply l;
    memset(text, 'x', sizeof text - 1);
    assert_int_equal(sample_text(server, text, &t), ERR_TOO_LONG);
    assert_int_equal(sample_bytes(server, text, SAMPLE_BYTES_DATA_MAX + 1, &b), ERR_TOO_LONG);
    assert_int_equal(sample_bytes(server, text, (size_t)1 << 32, &b), ERR_TOO_LONG);
    assert_int_equal(sample_lists(server, NULL, 0, NULL, 0, NULL, SAMPLE_LISTS_FLAGS_MAX + 1, NULL, 0, NULL, 0, &l),
                     ERR_TOO_LONG);
    assert_int_equal(fake_calls, 0);
}

TEST(two_texts_out_of_the_message_page_are_refused)
{
    struct sample_pair_reply r;
    char *body = (char *)fake_page(FAKE_CLIENT)->body;
    memset(body, 'x', 100);
    body[100] = 0;
    assert_int_equal(sample_pair(server, body, body + 50, &r), ERR_BAD_MESSAGE);
    assert_int_equal(fake_calls, 0);
}

TEST(invalid_utf8_is_refused_where_utf8_is_wanted)
{
    struct sample_unicode_reply r;
    assert_int_equal(sample_unicode(server, "gr\xc3\xbc\xc3\x9f dich", &r), OK);
    assert_int_equal(r.characters, 9);
    fake_calls = 0;
    assert_int_equal(sample_unicode(server, "\xff", &r), ERR_UTF8);
    assert_int_equal(fake_calls, 0);
    struct sample_text_reply t;
    assert_int_equal(sample_text(server, "\xff", &t), OK);
}

// --- what is refused on receipt

static struct message altered;
static size_t altered_byte;

static void alter(struct message *m, uint8_t *body)
{
    if (altered.tag) m->tag = altered.tag;
    for (size_t i = 0; i < MESSAGE_WORDS; i++)
        m->words[i] ^= altered.words[i];
    body[altered_byte] ^= (uint8_t)altered.bits;
}

static const struct message no_change;

TEST(bad_numbers_are_refused)
{
    static const uint64_t bad[MESSAGE_WORDS] = {0x100, 0x8000, 1ull << 32, 0, 2, 0x80};
    struct sample_scalars_reply r;
    for (int reply = 0; reply < 2; reply++)
        for (size_t i = 0; i < MESSAGE_WORDS; i++) {
            altered = no_change;
            altered.words[i] = bad[i];
            (reply ? &fake_alter_reply : &fake_alter_request)[0] = alter;
            err_t want = bad[i] ? ERR_BAD_MESSAGE : OK;
            assert_int_equal(sample_scalars(server, 0, 0, 0, 0, false, 0, &r), want);
            fake_alter_request = fake_alter_reply = NULL;
        }
}

TEST(bad_lengths_are_refused)
{
    static char text[1000];
    struct sample_text_reply r;
    memset(text, 'x', sizeof text - 1);
    fake_alter_request = alter;
    static const uint64_t wrong[] = {1, 2, 0x400, 0x8000, 0x10000, 1ull << 63};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        altered = (struct message){.words = {wrong[i]}};
        assert_int_equal(sample_text(server, text, &r), ERR_BAD_MESSAGE);
        assert_int_equal(sample_text(server, "short", &r), ERR_BAD_MESSAGE);
    }
    static const uint16_t lengths[] = {0, 1, 999, 1001, MESSAGE_MAX};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        altered = (struct message){.tag = TAG(SYS_call, SAMPLE_METHOD_TEXT, lengths[i], 0)};
        assert_int_equal(sample_text(server, text, &r), ERR_BAD_MESSAGE);
    }
}

TEST(a_nul_inside_a_text_or_none_behind_it_is_refused)
{
    static char text[1000];
    struct sample_text_reply r;
    memset(text, 'x', sizeof text - 1);
    altered = (struct message){.bits = 'x'};
    for (int reply = 0; reply < 2; reply++) {
        (reply ? &fake_alter_reply : &fake_alter_request)[0] = alter;
        for (altered_byte = 0; altered_byte < 1000; altered_byte += 333)
            assert_int_equal(sample_text(server, text, &r), ERR_BAD_MESSAGE);
        fake_alter_request = fake_alter_reply = NULL;
    }
    altered_byte = 0;
}

TEST(bad_bools_and_gaps_in_structs_are_refused)
{
    struct sample_structs_reply r;
    const struct sample_point point = {0};
    const struct sample_gappy gappy = {0};
    fake_alter_request = alter;
    altered = (struct message){.words = {[1] = 1}};
    assert_int_equal(sample_structs(server, &point, &gappy, &r), OK);
    altered.words[1] = 2;
    assert_int_equal(sample_structs(server, &point, &gappy, &r), ERR_BAD_MESSAGE);
    altered.words[1] = 0x100;
    assert_int_equal(sample_structs(server, &point, &gappy, &r), ERR_BAD_MESSAGE);
    altered = (struct message){.words = {[3] = 0x100}};
    assert_int_equal(sample_structs(server, &point, &gappy, &r), ERR_BAD_MESSAGE);
}

TEST(bad_bools_in_lists_are_refused)
{
    struct sample_lists_reply r;
    const bool flag = false;
    fake_alter_request = alter;
    altered = (struct message){.words = {[2] = 2}};
    assert_int_equal(sample_lists(server, NULL, 0, NULL, 0, &flag, 1, NULL, 0, NULL, 0, &r), ERR_BAD_MESSAGE);
}

TEST(an_unknown_method_and_one_without_a_handler_are_answered)
{
    assert_int_equal(sample_missing(server), ERR_NO_METHOD);
    fake_alter_request = alter;
    altered = (struct message){.tag = TAG(SYS_call, 99, 0, 0)};
    assert_int_equal(sample_nothing(server), ERR_NO_METHOD);
}

TEST(a_body_or_capability_that_no_method_expects_is_refused)
{
    struct sample_scalars_reply r;
    fake_alter_request = alter;
    altered = (struct message){.tag = TAG(SYS_call, SAMPLE_METHOD_NOTHING, 8, 0)};
    assert_int_equal(sample_nothing(server), ERR_BAD_MESSAGE);
    altered.tag = TAG(SYS_call, SAMPLE_METHOD_NOTHING, 0, 1);
    assert_int_equal(sample_nothing(server), ERR_BAD_MESSAGE);
    altered.tag = TAG(SYS_call, SAMPLE_METHOD_SCALARS, 8, 0);
    assert_int_equal(sample_scalars(server, 0, 0, 0, 0, false, 0, &r), ERR_BAD_MESSAGE);
    fake_alter_request = NULL;
    fake_alter_reply = alter;
    altered.tag = TAG(SYS_reply_recv, 0, 8, 0);
    assert_int_equal(sample_nothing(server), ERR_BAD_MESSAGE);
}

TEST(a_small_payload_in_the_body_is_taken_too)
{
    struct message m = {.tag = TAG(SYS_call, SAMPLE_METHOD_TEXT, 3, 0), .words = {2}};
    memcpy(fake_page(FAKE_SERVER)->body, "hi", 3);
    assert_int_equal(fake_serve_one(&m), OK);
    assert_int_equal(m.words[0], 2);
    assert_memory_equal(&m.words[1], "hi", 3);
}

// --- nothing leaks

static bool is_rubbish(uint64_t word)
{
    for (int i = 0; i < 8; i++)
        if ((uint8_t)(word >> 8 * i) == 0xa5) return true;
    return false;
}

TEST(unused_words_and_gaps_are_zero)
{
    struct sample_structs_reply s;
    struct sample_lists_reply l;
    const struct sample_point point = {0};
    struct sample_gappy gaps[2];
    memset(gaps, 0xa5, sizeof gaps);
    for (int i = 0; i < 2; i++) {
        gaps[i].flag = true;
        gaps[i].wide = 1;
        gaps[i].small = 1;
    }
    assert_int_equal(sample_structs(server, &point, gaps, &s), OK);
    for (size_t i = 0; i < MESSAGE_WORDS; i++)
        assert_false(is_rubbish(fake_request.words[i]) || is_rubbish(fake_reply.words[i]));
    const uint8_t one = 1;
    memset(fake_page(FAKE_CLIENT)->body, 0xa5, MESSAGE_MAX);
    assert_int_equal(sample_lists(server, &one, 1, NULL, 0, NULL, 0, gaps, 2, NULL, 0, &l), OK);
    for (int side = FAKE_CLIENT; side <= FAKE_SERVER; side++)
        for (size_t i = 0; i < TAG_LENGTH(fake_reply.tag); i++)
            assert_int_not_equal(fake_page(side)->body[i], 0xa5);
    assert_int_equal(sample_nothing(server), OK);
    for (size_t i = 0; i < MESSAGE_WORDS; i++)
        assert_int_equal(fake_request.words[i] | fake_reply.words[i], 0);
}

// --- errors, capabilities, deferred replies

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

TEST(capabilities_of_a_bad_reply_are_dropped)
{
    struct sample_caps_reply r;
    fake_alter_reply = alter;
    altered = (struct message){.words = {1ull << 40}};
    assert_int_equal(sample_caps(server, 7, (cap_t){3}, (cap_t){4}, &r), ERR_BAD_MESSAGE);
    assert_int_equal(fake_discarded, 1);
}

TEST(a_deferred_reply_comes_later_with_a_value_or_an_error)
{
    struct sample_deferred_reply r;
    assert_int_equal(sample_deferred(server, "patience", &r), OK);
    assert_string_equal(r.text, "patience");
    fake_later = sample_refuse_later;
    assert_int_equal(sample_deferred(server, "patience", &r), ERR_BUSY);
}

// Lines of "method word … word body-in-hex-or-dash" in, "error word … word body" out.
static int serve_lines(void)
{
    static char hex[2 * MESSAGE_MAX + 2];
    uint64_t method;
    struct message m = {0};
    uint64_t *w = m.words;
    start(NULL);
    while (scanf("%" SCNu64 " %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64 " %" SCNx64 " %8129s", &method,
                 &w[0], &w[1], &w[2], &w[3], &w[4], &w[5], hex) == 8) {
        size_t length = hex[0] == '-' ? 0 : strlen(hex) / 2;
        for (size_t i = 0; i < length; i++)
            sscanf(hex + 2 * i, "%2hhx", &fake_page(FAKE_SERVER)->body[i]);
        m.tag = TAG(SYS_call, method, length, 0);
        err_t error = fake_serve_one(&m);
        printf("%u", error);
        for (size_t i = 0; i < MESSAGE_WORDS; i++)
            printf(" %" PRIx64, w[i]);
        printf(" -");
        for (size_t i = 0; i < TAG_LENGTH(m.tag); i++)
            printf("%02x", fake_page(FAKE_SERVER)->body[i]);
        printf("\n");
        fflush(stdout);
    }
    return 0;
}

#define CHECK(NAME) cmocka_unit_test_setup(NAME, start)

int main(int argc, char **argv)
{
    if (argc > 1 && strcmp(argv[1], "serve") == 0) return serve_lines();
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
        CHECK(what_is_too_long_is_not_sent),
        CHECK(two_texts_out_of_the_message_page_are_refused),
        CHECK(invalid_utf8_is_refused_where_utf8_is_wanted),
        CHECK(bad_numbers_are_refused),
        CHECK(bad_lengths_are_refused),
        CHECK(a_nul_inside_a_text_or_none_behind_it_is_refused),
        CHECK(bad_bools_and_gaps_in_structs_are_refused),
        CHECK(bad_bools_in_lists_are_refused),
        CHECK(an_unknown_method_and_one_without_a_handler_are_answered),
        CHECK(a_body_or_capability_that_no_method_expects_is_refused),
        CHECK(a_small_payload_in_the_body_is_taken_too),
        CHECK(unused_words_and_gaps_are_zero),
        CHECK(an_error_comes_back_alone),
        CHECK(capabilities_travel_in_their_places),
        CHECK(a_capability_may_be_left_out),
        CHECK(capabilities_of_a_bad_reply_are_dropped),
        CHECK(a_deferred_reply_comes_later_with_a_value_or_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
