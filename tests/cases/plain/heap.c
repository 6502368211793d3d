// SPDX-License-Identifier: MIT
// The tutorials' heap, in a process that is new for each case; what a case leaves behind, testd counts.
#include "common/mem.h"
#include "interfaces/memory.h"
#include "libsys/stdio.h"
#include "libsys/stdlib.h"
#include "libsys/string.h"
#include "tests/cases/case.h"

static uint32_t pages_touched(void)
{
    struct memory_client_reply reply = {0};
    CHECK_EQ(memory_client(cap_named("memory"), start_page()->id, &reply), OK);
    return reply.pages;
}

TEST(the_first_block_lies_at_the_start_of_the_window)
{
    uint64_t *box = malloc(sizeof *box);
    CHECK_EQ((uint64_t)box & ~0xfffull, 0x444444440000);
    *box = 41;
    CHECK_EQ(*box, 41);
    free(box);
}

TEST(the_heap_grows_past_a_hundred_kib_without_a_gap)
{
    enum { BLOCKS = 300, SIZE = 1024 };
    static unsigned char *blocks[BLOCKS];
    uint64_t highest = 0;
    for (unsigned i = 0; i < BLOCKS; i++) {
        blocks[i] = malloc(SIZE);
        CHECK(blocks[i] != NULL);
        memset(blocks[i], (int)(i % 251), SIZE);
        if ((uint64_t)blocks[i] > highest) highest = (uint64_t)blocks[i];
    }
    for (unsigned i = 0; i < BLOCKS * SIZE; i++)
        CHECK_EQ(blocks[i / SIZE][i % SIZE], i / SIZE % 251);
    CHECK(highest >= USER_HEAP + (BLOCKS - 1) * SIZE);
    CHECK(highest < USER_HEAP + 2 * BLOCKS * SIZE);
}

TEST(a_page_gets_its_frame_when_it_is_touched)
{
    struct memory_span_reply span = {0};
    CHECK_EQ(memory_span(cap_named("memory"), 10, &span), OK);
    volatile uint8_t *bytes = (volatile uint8_t *)span.address;
    uint32_t before = pages_touched();
    CHECK_EQ(bytes[5 * PAGE_SIZE], 0);
    CHECK_EQ(pages_touched() - before, 1);
    bytes[5 * PAGE_SIZE] = 1;
    bytes[9 * PAGE_SIZE] = 1;
    CHECK_EQ(pages_touched() - before, 2);
    CHECK_EQ(memory_release(cap_named("memory"), span.address, 10), OK);
    CHECK_EQ(pages_touched(), before);
    EXPECT_FAULT_AT(span.address, bytes[0] = 1);
}

TEST(a_large_array_that_grows_keeps_what_it_has)
{
    uint64_t *items = NULL, sum = 0;
    for (uint64_t i = 0; i < 1000; i++) {
        items = realloc(items, (i + 1) * sizeof *items);
        CHECK(items != NULL);
        items[i] = i;
    }
    for (uint64_t i = 0; i < 1000; i++)
        sum += items[i];
    CHECK_EQ(sum, 499500);
    free(items);
    CHECK_EQ(heap_figures().blocks, 0);
}

TEST(many_boxes_take_the_room_of_one, .milliseconds = 5000)
{
    uint64_t *kept = malloc(sizeof *kept);
    *kept = 1;
    size_t spans = heap_figures().span_bytes;
    for (uint64_t i = 0; i < 102400; i++) {
        uint64_t *box = malloc(sizeof *box);
        *box = i;
        CHECK_EQ(*box, i);
        free(box);
    }
    CHECK_EQ(*kept, 1);
    CHECK_EQ(heap_figures().span_bytes, spans);
    free(kept);
}

TEST(ten_thousand_strings_leave_the_heap_as_it_was)
{
    char *first = strdup("warm");
    free(first);
    struct heap_figures before = heap_figures();
    for (unsigned i = 0; i < 10000; i++) {
        char text[64];
        snprintf(text, sizeof text, "string number %u", i);
        char *copy = strdup(text);
        CHECK_TEXT(copy, text);
        free(copy);
    }
    CHECK_EQ(heap_figures().span_bytes, before.span_bytes);
    CHECK_EQ(heap_figures().bytes, before.bytes);
}

TEST(more_than_the_quota_is_null_and_what_was_there_stays)
{
    char *block = malloc(100);
    block[99] = 'x';
    CHECK_EQ(malloc(1ull << 40), 0);
    CHECK_EQ(malloc(SIZE_MAX), 0);
    CHECK_EQ(block[99], 'x');
    CHECK(malloc(100) != NULL);
}

TEST(a_second_free_an_overflow_and_a_foreign_pointer_end_the_program)
{
    char *block = malloc(24);
    EXPECT_PANIC(free(block); free(block));
    EXPECT_PANIC(block[24] = 1; free(block));
    EXPECT_PANIC(free(block + 16));
    EXPECT_PANIC(free((void *)0x400000));
    free(block);
}
