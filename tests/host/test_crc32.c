// SPDX-License-Identifier: MIT
// sources: common/crc32.c
#include "tests/host/test.h"

#include "common/crc32.h"

// One bit at a time, as the definition says.
static uint32_t by_definition(const unsigned char *data, size_t length)
{
    uint32_t crc = ~0u;
    for (size_t i = 0; i < length; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
    }
    return ~crc;
}

TEST(known_texts_have_their_known_sums)
{
    assert_int_equal(crc32(0, "", 0), 0);
    assert_int_equal(crc32(0, "123456789", 9), 0xcbf43926);
    assert_int_equal(crc32(0, "The quick brown fox jumps over the lazy dog", 43), 0x414fa339);
}

TEST(it_is_the_definitions_sum_and_can_be_taken_piece_by_piece)
{
    unsigned char data[300];
    for (int round = 0; round < 1000; round++) {
        size_t length = random_below(sizeof data), cut = random_below(length + 1);
        for (size_t i = 0; i < length; i++)
            data[i] = (unsigned char)random_number();
        assert_int_equal(crc32(0, data, length), by_definition(data, length));
        assert_int_equal(crc32(crc32(0, data, cut), data + cut, length - cut), by_definition(data, length));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_texts_have_their_known_sums),
        cmocka_unit_test(it_is_the_definitions_sum_and_can_be_taken_piece_by_piece),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
