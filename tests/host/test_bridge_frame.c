// SPDX-License-Identifier: MIT
// Frames on the serial line: found among noise, refused with the reason when they are spoilt, whole when they are good.
// sources: servers/bridge/frame.c common/crc32.c
#include "tests/host/test.h"

#include "common/crc32.h"
#include "servers/bridge/frame.h"

static struct decoder decoder;
static struct frame frame;
static enum refusal why;
static uint8_t line[FRAME_LINE_MAX + 64];

// Gives bytes; counts what came of them and leaves the last frame and the last reason.
static struct {
    uint32_t frames, refused;
} seen;

static void give(const void *data, size_t length)
{
    for (const uint8_t *byte = data; byte < (const uint8_t *)data + length; byte++) {
        enum decoded result = decoder_take(&decoder, *byte, &frame, &why);
        seen.frames += result == DECODED_FRAME;
        seen.refused += result == DECODED_REFUSED;
    }
}

static int set_up(void **state)
{
    (void)state;
    memset(&decoder, 0, sizeof decoder);
    memset(&seen, 0, sizeof seen);
    return 0;
}

static uint32_t good(const char *text)
{
    const struct protocol_head head = {.kind = FRAME_CALL, .sequence = 7};
    return frame_encode(line, head, text, (uint32_t)strlen(text), NULL, 0);
}

static void the_next_good_one_is_found(void)
{
    uint32_t before = seen.frames;
    give(line, good("next"));
    assert_int_equal(seen.frames, before + 1);
    assert_memory_equal(frame.content, "next", 4);
}

TEST(a_frame_comes_out_as_it_went_in)
{
    give(line, good("hello"));
    assert_int_equal(seen.frames, 1);
    assert_int_equal(frame.head.kind, FRAME_CALL);
    assert_int_equal(frame.head.sequence, 7);
    assert_int_equal(frame.head.length, 5);
    assert_memory_equal(frame.content, "hello", 5);
}

TEST(an_empty_content_is_a_frame_too)
{
    give(line, good(""));
    assert_int_equal(seen.frames, 1);
    assert_int_equal(frame.head.length, 0);
}

TEST(all_byte_values_pass_and_no_flag_is_inside)
{
    uint8_t all[256];
    for (int i = 0; i < 256; i++)
        all[i] = (uint8_t)i;
    uint32_t length =
        frame_encode(line, (struct protocol_head){.kind = 0x7e, .sequence = 0x7d7e7d7e}, all, 128, all + 128, 128);
    assert_null(memchr(line + 1, 0x7e, length - 2));
    give(line, length);
    assert_int_equal(seen.frames, 1);
    assert_int_equal(frame.head.sequence, 0x7d7e7d7e);
    assert_memory_equal(frame.content, all, 256);
}

TEST(the_biggest_content_fits_even_if_every_byte_needs_two)
{
    static uint8_t most[FRAME_CONTENT_MAX];
    memset(most, 0x7e, sizeof most);
    uint32_t length = frame_encode(line, (struct protocol_head){.kind = 1}, most, sizeof most, NULL, 0);
    assert_true(length > 0 && length <= FRAME_LINE_MAX);
    give(line, length);
    assert_int_equal(seen.frames, 1);
    assert_memory_equal(frame.content, most, sizeof most);
}

TEST(one_byte_more_is_not_encoded)
{
    static uint8_t most[FRAME_CONTENT_MAX + 1];
    assert_int_equal(frame_encode(line, (struct protocol_head){0}, most, sizeof most, NULL, 0), 0);
    assert_int_equal(frame_encode(line, (struct protocol_head){0}, most, FRAME_CONTENT_MAX, most, 1), 0);
    assert_int_equal(frame_encode(line, (struct protocol_head){0}, most, 1, most, UINT32_MAX), 0);
}

TEST(flags_between_frames_are_nothing)
{
    give("~~~~", 4);
    assert_int_equal(seen.frames + seen.refused, 0);
    the_next_good_one_is_found();
}

TEST(noise_before_a_frame_is_refused_and_the_frame_is_taken)
{
    give("noise", 5);
    the_next_good_one_is_found();
    assert_int_equal(seen.refused, 1);
    assert_int_equal(why, REFUSED_SHORT);
}

TEST(a_frame_that_is_cut_at_any_byte_costs_itself_only)
{
    uint32_t length = good("cut me wherever you like");
    uint8_t whole[128];
    memcpy(whole, line, length);
    for (uint32_t cut = 2; cut < length - 1; cut++) {
        memset(&decoder, 0, sizeof decoder);
        seen.refused = 0;
        give(whole, cut);
        the_next_good_one_is_found();
        assert_int_equal(seen.refused, 1);
    }
}

TEST(a_bit_that_is_turned_anywhere_never_makes_another_frame)
{
    uint32_t length = good("every bit counts");
    uint8_t whole[128];
    memcpy(whole, line, length);
    for (uint32_t bit = 8; bit < (length - 1) * 8; bit++) {
        memset(&decoder, 0, sizeof decoder);
        seen.frames = 0;
        whole[bit / 8] ^= (uint8_t)(1u << bit % 8);
        give(whole, length);
        assert_int_equal(seen.frames, 0);
        whole[bit / 8] ^= (uint8_t)(1u << bit % 8);
        the_next_good_one_is_found();
    }
}

TEST(a_wrong_length_is_named)
{
    struct protocol_head head = {.kind = 1, .version = PROTOCOL_VERSION, .length = 3};
    uint8_t raw[16] = {0};
    memcpy(raw, &head, sizeof head);
    uint32_t crc = crc32(0, raw, 12);
    memcpy(raw + 12, &crc, 4);
    give(raw, 16);
    give("~", 1);
    assert_int_equal(why, REFUSED_LENGTH);
    the_next_good_one_is_found();
}

TEST(a_wrong_checksum_is_named)
{
    uint32_t length = good("sum");
    line[length - 2] ^= 1;
    give(line, length);
    assert_int_equal(seen.refused, 1);
    assert_int_equal(why, REFUSED_CRC);
}

TEST(another_version_is_named)
{
    struct protocol_head head = {.kind = 1, .version = PROTOCOL_VERSION + 1};
    uint8_t raw[12];
    memcpy(raw, &head, sizeof head);
    uint32_t crc = crc32(0, raw, 8);
    memcpy(raw + 8, &crc, 4);
    give(raw, 12);
    give("~", 1);
    assert_int_equal(why, REFUSED_VERSION);
}

TEST(more_than_the_biggest_frame_is_refused_once_however_long_it_goes_on)
{
    give("~", 1);
    for (int i = 0; i < 100000; i++)
        give("x", 1);
    assert_int_equal(seen.refused, 0);
    the_next_good_one_is_found();
    assert_int_equal(seen.refused, 1);
    assert_int_equal(why, REFUSED_TOO_BIG);
}

TEST(an_escape_before_a_flag_ends_a_frame_that_was_given_up)
{
    give("~abc\x7d~", 6);
    assert_int_equal(seen.refused, 1);
    assert_int_equal(why, REFUSED_SHORT);
    the_next_good_one_is_found();
}

TEST(random_bytes_never_pass_as_a_frame_nor_hide_the_next_one)
{
    for (int round = 0; round < 3000; round++) {
        uint8_t noise[300];
        uint32_t length = (uint32_t)random_below(sizeof noise);
        for (uint32_t i = 0; i < length; i++)
            noise[i] = random_below(8) == 0 ? 0x7e : (uint8_t)random_number();
        uint32_t before = seen.frames;
        give(noise, length);
        assert_int_equal(seen.frames, before);
        the_next_good_one_is_found();
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_frame_comes_out_as_it_went_in, set_up),
        cmocka_unit_test_setup(an_empty_content_is_a_frame_too, set_up),
        cmocka_unit_test_setup(all_byte_values_pass_and_no_flag_is_inside, set_up),
        cmocka_unit_test_setup(the_biggest_content_fits_even_if_every_byte_needs_two, set_up),
        cmocka_unit_test_setup(one_byte_more_is_not_encoded, set_up),
        cmocka_unit_test_setup(flags_between_frames_are_nothing, set_up),
        cmocka_unit_test_setup(noise_before_a_frame_is_refused_and_the_frame_is_taken, set_up),
        cmocka_unit_test_setup(a_frame_that_is_cut_at_any_byte_costs_itself_only, set_up),
        cmocka_unit_test_setup(a_bit_that_is_turned_anywhere_never_makes_another_frame, set_up),
        cmocka_unit_test_setup(a_wrong_length_is_named, set_up),
        cmocka_unit_test_setup(a_wrong_checksum_is_named, set_up),
        cmocka_unit_test_setup(another_version_is_named, set_up),
        cmocka_unit_test_setup(more_than_the_biggest_frame_is_refused_once_however_long_it_goes_on, set_up),
        cmocka_unit_test_setup(an_escape_before_a_flag_ends_a_frame_that_was_given_up, set_up),
        cmocka_unit_test_setup(random_bytes_never_pass_as_a_frame_nor_hide_the_next_one, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
