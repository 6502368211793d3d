// SPDX-License-Identifier: MIT
// Pure C of common/ and libsys, inside the system and on this machine.
#include "tests/cases/shared.h"

#include "common/crc32.h"
#include "common/exception_text.h"
#include "common/format.h"
#include "common/utf8.h"
#include "libsys/heap.h"

TEST(what_does_not_fit_is_cut_and_its_length_is_said)
{
    char text[8];
    CHECK_EQ(format(text, sizeof text, "%s-%d", "hello", 12345), 11);
    CHECK_TEXT(text, "hello-1");
    CHECK_EQ(format(text, 0, "%s", "hello"), 5);
    CHECK_TEXT(text, "hello-1");
}

TEST(numbers_are_printed_in_every_base)
{
    char text[128];
    format(text, sizeof text, "%d %u %x %#X %o %c %%", -5, 4000000000u, 0xbeef, 0xbeef, 8, 'z');
    CHECK_TEXT(text, "-5 4000000000 beef 0XBEEF 10 z %");
    format(text, sizeof text, "[%5d][%-5d][%05d][%+d][%.3d]", 42, 42, 42, 42, 7);
    CHECK_TEXT(text, "[   42][42   ][00042][+42][007]");
    format(text, sizeof text, "%ld %lx", INT64_MIN, UINT64_MAX);
    CHECK_TEXT(text, "-9223372036854775808 ffffffffffffffff");
}

TEST(the_check_value_of_crc_32)
{
    CHECK_EQ(crc32(0, "123456789", 9), 0xcbf43926); // "check" of CRC-32/ISO-HDLC
    CHECK_EQ(crc32(crc32(0, "12345", 5), "6789", 4), 0xcbf43926);
    CHECK_EQ(crc32(0, "", 0), 0);
}

TEST(text_in_utf_8_comes_back_and_other_bytes_are_refused)
{
    static const uint32_t codes[] = {0, 0x7f, 0x80, 0x7ff, 0x800, 0xffff, 0x10000, 0x10ffff};
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        char bytes[4];
        uint32_t code = 1;
        size_t length = utf8_encode(bytes, codes[i]);
        CHECK_EQ(utf8_decode(bytes, length, &code), length);
        CHECK_EQ(code, codes[i]);
        CHECK(utf8_is_valid(bytes, length));
        CHECK(length == 1 || !utf8_is_valid(bytes, length - 1));
    }
    CHECK(!utf8_is_valid("\xc0\x80", 2));     // longer than need be
    CHECK(!utf8_is_valid("\xed\xa0\x80", 3)); // a surrogate
    CHECK(!utf8_is_valid("\xff", 1));
}

TEST(exceptions_have_the_manuals_names)
{
    CHECK_TEXT(exception_text(14), "PAGE FAULT");
    CHECK_TEXT(exception_text(3), "BREAKPOINT");
    CHECK_TEXT(exception_text(31), "UNKNOWN EXCEPTION");
}

// --- a heap of its own, on spans from whatever malloc there is

#define SPANS 8

static size_t spans_out;

static void *take(size_t count)
{
    if (spans_out == SPANS) return NULL;
    spans_out++;
    return aligned_alloc(HEAP_PAGE, count * HEAP_PAGE);
}

static void give(void *span, size_t count)
{
    (void)count;
    spans_out--;
    free(span);
}

static void fail_by_name(enum heap_fault fault, const void *block)
{
    (void)fault;
    (void)block;
    CHECK(false);
}

TEST(a_heap_gives_all_its_spans_back)
{
    static const struct heap_source source = {.take = take, .give = give, .fail = fail_by_name};
    struct heap heap = {.source = &source};
    static void *blocks[500];
    for (size_t i = 0; i < 500; i++) {
        blocks[i] = heap_alloc(&heap, 1 + i % 200);
        CHECK(blocks[i] != NULL);
        memset(blocks[i], (int)i, 1 + i % 200);
    }
    for (size_t i = 0; i < 500; i += 2)
        heap_free(&heap, blocks[i]);
    for (size_t i = 1; i < 500; i += 2) {
        CHECK_EQ(*(uint8_t *)blocks[i], (uint8_t)i);
        CHECK_EQ(heap_size(&heap, blocks[i]), 1 + i % 200);
        blocks[i] = heap_resize(&heap, blocks[i], 300);
        CHECK_EQ(*(uint8_t *)blocks[i], (uint8_t)i);
        heap_free(&heap, blocks[i]);
    }
    CHECK_EQ(heap_count(&heap).blocks, 0);
    CHECK(heap_end(&heap));
    CHECK_EQ(spans_out, 0);
}

TEST(a_heap_whose_source_is_empty_says_so_and_goes_on)
{
    static const struct heap_source source = {.take = take, .give = give, .fail = fail_by_name};
    struct heap heap = {.source = &source};
    static void *blocks[SPANS + 1];
    size_t count = 0;
    while ((blocks[count] = heap_alloc(&heap, HEAP_CHUNK_PAGES * HEAP_PAGE - 100)) != NULL)
        CHECK(++count <= SPANS);
    CHECK_EQ(count, SPANS);
    heap_free(&heap, blocks[3]);
    CHECK((blocks[3] = heap_alloc(&heap, 1000)) != NULL);
    for (size_t i = 0; i < SPANS; i++)
        heap_free(&heap, blocks[i]);
    CHECK(heap_end(&heap));
    CHECK_EQ(spans_out, 0);
}
