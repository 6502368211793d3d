// SPDX-License-Identifier: MIT
// What is refused, by the sender and by the receiver, and what must not leak.
#include "roundtrip.h"

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

TEST(capabilities_of_a_bad_reply_are_dropped)
{
    struct sample_caps_reply r;
    fake_alter_reply = alter;
    altered = (struct message){.words = {1ull << 40}};
    assert_int_equal(sample_caps(server, 7, (cap_t){3}, (cap_t){4}, &r), ERR_BAD_MESSAGE);
    assert_int_equal(fake_discarded, 1);
}

// Small numbers are what lengths are made of; the rest is anything.
static uint64_t odd_number(void)
{
    uint64_t number = random_number();
    switch (number % 4) {
    case 0:
        return number >> 32 & 0x3f;
    case 1:
        return (number >> 32 & 0xf) << 16 * (number >> 8 & 3);
    case 2:
        return 0;
    default:
        return number;
    }
}

static void scramble(struct message *m, uint8_t *body)
{
    for (size_t i = 0; i < MESSAGE_WORDS; i++)
        if (random_below(3) != 0) m->words[i] = odd_number();
    uint64_t length = random_below(2) ? 0 : random_below(random_below(2) ? 64 : MESSAGE_MAX + 1);
    m->tag = TAG(TAG_OPERATION(m->tag), TAG_METHOD(m->tag), length, 0);
    for (size_t i = 0; i < length; i++)
        body[i] = (uint8_t)odd_number();
}

// The sanitizers say what is wrong; here only the errors are counted: most are refused, and some get through.
TEST(scrambled_requests_are_refused_or_served_and_never_more)
{
    uint32_t refused = 0, served = 0;
    for (uint32_t i = 0; i < 100000; i++) {
        struct message m = {.tag = TAG(SYS_call, random_below(15), 0, 0)};
        scramble(&m, fake_page(FAKE_SERVER)->body);
        fake_later = sample_answer_later;
        err_t error = fake_serve_one(&m);
        if (error == OK)
            served++;
        else if (error == ERR_BAD_MESSAGE)
            refused++;
    }
    assert_true(refused > 10000 && served > 10000);
}

TEST(scrambled_replies_are_refused_or_read_and_never_more)
{
    union {
        struct sample_scalars_reply scalars;
        struct sample_spilled_reply spilled;
        struct sample_text_reply text;
        struct sample_bytes_reply bytes;
        struct sample_structs_reply structs;
        struct sample_lists_reply lists;
        struct sample_pair_reply pair;
    } r;
    const struct sample_point point = {0};
    const struct sample_gappy gappy = {0};
    volatile uint64_t read = 0; // what came is looked at, to its last byte
    fake_alter_reply = scramble;
    for (uint32_t i = 0; i < 10000; i++) {
        (void)sample_scalars(server, 0, 0, 0, 0, false, 0, &r.scalars);
        if (sample_spilled(server, 0, 0, 0, 0, 0, 0, false, "", &r.spilled) == OK) read += strlen(r.spilled.text);
        if (sample_text(server, "", &r.text) == OK) assert_int_equal(strlen(r.text.text), r.text.text_length);
        if (sample_bytes(server, NULL, 0, &r.bytes) == OK && r.bytes.data_length > 0)
            read += r.bytes.data[r.bytes.data_length - 1];
        (void)sample_structs(server, &point, &gappy, &r.structs);
        if (sample_lists(server, NULL, 0, NULL, 0, NULL, 0, NULL, 0, NULL, 0, &r.lists) == OK)
            for (uint32_t g = 0; g < r.lists.gaps_count; g++)
                read += r.lists.gaps[g].flag + r.lists.gaps[g].wide;
        if (sample_pair(server, "", "", &r.pair) == OK) read += strlen(r.pair.left) + strlen(r.pair.right);
        assert_in_range(sample_nothing(server), OK, ERR_BAD_MESSAGE);
    }
}

int run_refusals(void)
{
    const struct CMUnitTest tests[] = {
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
        CHECK(capabilities_of_a_bad_reply_are_dropped),
        CHECK(scrambled_requests_are_refused_or_served_and_never_more),
        CHECK(scrambled_replies_are_refused_or_read_and_never_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
