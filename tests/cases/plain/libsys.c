// SPDX-License-Identifier: MIT
// libsys where its kernel and its memory server are the real ones. What is pure C of it is tested on the host too
// (tests/host).
#include "common/mem.h"
#include "interfaces/memory.h"
#include "libsys/error.h"
#include "libsys/log.h"
#include "libsys/panic.h"
#include "libsys/slots.h"
#include "libsys/stdio.h"
#include "libsys/stdlib.h"
#include "libsys/string.h"
#include "tests/cases/case.h"

// --- the heap

TEST(blocks_keep_their_contents_and_do_not_overlap)
{
    enum { COUNT = 300 };
    static uint8_t *blocks[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        blocks[i] = malloc(i + 1);
        memset(blocks[i], (int)(i % 251), i + 1);
    }
    for (size_t i = 0; i < COUNT; i++)
        for (size_t k = 0; k <= i; k++)
            CHECK_EQ(blocks[i][k], i % 251);
    for (size_t i = 0; i < COUNT; i++)
        free(blocks[i]);
    CHECK_EQ(heap_figures().blocks, 0);
}

TEST(a_freed_block_is_used_again)
{
    size_t spans = 0;
    for (int i = 0; i < 20000; i++) {
        void *block = malloc(64);
        if (i == 0) spans = heap_figures().spans;
        free(block);
    }
    CHECK_EQ(heap_figures().spans, spans);
}

TEST(realloc_keeps_what_was_there)
{
    char *text = malloc(8);
    copy_text(text, 8, "seven77");
    for (size_t size = 8; size < 1000000; size *= 3) {
        text = realloc(text, size);
        CHECK(text != NULL);
        CHECK_TEXT(text, "seven77");
    }
    text = realloc(text, 4);
    CHECK(memcmp(text, "seve", 4) == 0);
}

TEST(calloc_gives_zeros_also_where_others_have_been)
{
    for (int round = 0; round < 3; round++) {
        uint8_t *bytes = calloc(100, 50);
        for (size_t i = 0; i < 5000; i++)
            CHECK_EQ(bytes[i], 0);
        memset(bytes, 0xff, 5000);
        free(bytes);
    }
}

TEST(a_size_that_wraps_round_is_refused)
{
    CHECK_EQ(calloc(UINT64_MAX / 2, 4), NULL);
    CHECK_EQ(calloc(1ull << 33, 1ull << 33), NULL);
    CHECK_EQ(malloc(UINT64_MAX), NULL);
    CHECK_EQ(malloc(UINT64_MAX - 100), NULL);
}

TEST(a_block_may_ask_for_an_alignment)
{
    for (size_t alignment = 16; alignment <= 8192; alignment *= 2) {
        void *block = aligned_alloc(alignment, 100);
        CHECK(block != NULL);
        CHECK_EQ((uint64_t)block % alignment, 0);
        free(block);
    }
}

TEST(the_end_of_the_quota_is_NULL_and_what_is_freed_comes_back, .milliseconds = 2000)
{
    void **last = NULL;
    size_t blocks = 0, again = 0;
    for (void **block; (block = malloc(200000)) != NULL; last = block, blocks++)
        *block = last;
    CHECK(blocks > 5);
    while (last != NULL) {
        void **block = last;
        last = *block;
        free(block);
    }
    while (again < blocks && malloc(200000) != NULL)
        again++;
    CHECK_EQ(again, blocks);
}

TEST(memory_counts_what_a_process_has, .calls = "memory")
{
    struct memory_client_reply before = {0}, after = {0};
    CHECK_EQ(memory_client(cap_named("memory"), start_page()->id, &before), OK);
    volatile char *pages = malloc(40 * PAGE_SIZE);
    for (size_t i = 0; i < 40; i++)
        pages[i * PAGE_SIZE] = 1;
    CHECK_EQ(memory_client(cap_named("memory"), start_page()->id, &after), OK);
    CHECK(after.pages >= before.pages + 40);
    CHECK(after.reserved >= before.reserved + 40);
    free((void *)(uint64_t)pages);
    CHECK_EQ(memory_client(cap_named("memory"), start_page()->id, &after), OK);
    CHECK_EQ(after.pages, before.pages);
}

TEST(a_span_that_was_given_back_faults)
{
    volatile char *large = malloc(100 * PAGE_SIZE);
    large[50 * PAGE_SIZE] = 1;
    free((void *)(uint64_t)large);
    EXPECT_FAULT_AT(large + 50 * PAGE_SIZE, large[50 * PAGE_SIZE] = 2);
}

TEST(a_broken_rule_of_the_heap_is_a_panic)
{
    char *block = malloc(10), *large = malloc(100000);
    static char no_block[64];
    EXPECT_PANIC((free(block), free(block)));
    EXPECT_PANIC((free(large), free(large)));
    EXPECT_PANIC((block[10] = 1, free(block)));
    EXPECT_PANIC((block[-1] = 1, free(block)));
    EXPECT_PANIC(free(no_block + 32));
    EXPECT_PANIC(free(block + 1));
    EXPECT_PANIC(block = realloc(block + 16, 5));
}

TEST(memorys_blocks_come_and_go_by_message, .calls = "memory")
{
    struct memory_block_alloc_reply first = {0}, second = {0};
    cap_t memory = cap_named("memory");
    CHECK_EQ(memory_block_alloc(memory, 100, &first), OK);
    CHECK_EQ(memory_block_alloc(memory, 100, &second), OK);
    CHECK(second.address >= first.address + 100 || first.address >= second.address + 100);
    *(volatile uint64_t *)first.address = 0x1234;
    CHECK_EQ(*(volatile uint64_t *)first.address, 0x1234);
    CHECK_EQ(memory_block_free(memory, first.address), OK);
    CHECK_EQ(memory_block_free(memory, first.address), ERR_BAD_ADDRESS);
    CHECK_EQ(memory_block_free(memory, second.address + 16), ERR_BAD_ADDRESS);
    CHECK_EQ(memory_block_free(memory, second.address), OK);
}

TEST(only_init_borrows_and_detaches, .calls = "memory")
{
    struct memory_take_run_reply run;
    CHECK_EQ(memory_take_run(cap_named("memory"), 1, &run), ERR_DENIED);
    EXPECT_DENIED(memory_detach(cap_named("memory"), start_page()->id));
    EXPECT_DENIED(memory_give_run(cap_named("memory"), case_self()));
}

// --- start-up, slots, ends

TEST(a_process_knows_who_it_is)
{
    CHECK_TEXT(process_name(), "cases");
    CHECK_EQ(start_page()->magic, START_MAGIC);
    CHECK(start_page()->id > 1);
    CHECK_EQ(start_page()->generation, 1);
    CHECK_EQ(cap_named("no such capability").slot, 0);
    CHECK_EQ(region_named("keep", NULL), NULL);
}

// The ABI has the stack at a multiple of 16 before a call, which pushes the return address and then the frame pointer.
TEST(the_stack_is_aligned) { CHECK_EQ((uint64_t)__builtin_frame_address(0) % 16, 0); }

TEST(a_sleep_ends_at_its_time)
{
    uint64_t start = clock_now();
    CHECK_EQ(sleep_for(30 * NS_PER_MS), OK);
    CHECK(clock_now() - start >= 30 * NS_PER_MS && clock_now() - start < 35 * NS_PER_MS);
}

TEST(slots_are_given_out_once_until_they_are_freed)
{
    cap_t first = slot_alloc(), second = slot_alloc();
    CHECK(first.slot != second.slot && first.slot >= start_page()->first_free_slot);
    slot_free(first);
    CHECK_EQ(slot_alloc().slot, first.slot);
    CHECK_EQ(slot_reserve(second.slot, 1), ERR_SLOT_USED);
}

TEST(when_all_slots_are_taken_there_is_none)
{
    uint32_t count = 0;
    while (slot_alloc().slot != 0)
        count++;
    CHECK_EQ(count, start_page()->slot_count - start_page()->first_free_slot);
}

TEST(a_panic_and_a_failed_assert_end_the_process)
{
    EXPECT_PANIC(panic("number %d", 7));
    EXPECT_PANIC(assert(1 + 1 == 3));
    assert(1 + 1 == 2);
}

TEST(a_log_line_leaves_the_message_page_alone)
{
    for (size_t i = 0; i < MESSAGE_MAX; i++)
        message_page()->body[i] = (uint8_t)(i * 31);
    CHECK_EQ(log_printf("a line of a case, %d of %d", 1, 1), OK);
    for (size_t i = 0; i < MESSAGE_MAX; i++)
        CHECK_EQ(message_page()->body[i], (uint8_t)(i * 31));
}

TEST(the_log_of_all_is_not_open_to_a_case)
{
    char bytes[64];
    size_t length;
    uint64_t position = 0;
    EXPECT_DENIED(log_read(cap_named("log"), &position, bytes, sizeof bytes, &length));
}

// --- text

TEST(snprintf_cuts_closes_and_says_the_whole_length)
{
    char text[8];
    CHECK_EQ(snprintf(text, sizeof text, "%s-%d", "hello", 12345), 11);
    CHECK_TEXT(text, "hello-1");
    CHECK_EQ(snprintf(text, sizeof text, "%#x|%c", 0xab, 'z'), 6);
    CHECK_TEXT(text, "0xab|z");
    CHECK_EQ(snprintf(text, 0, "whatever"), 8);
}

TEST(numbers_are_read_to_their_end)
{
    char *end;
    CHECK_EQ(strtol("  -123xyz", &end, 10), (uint64_t)-123);
    CHECK_TEXT(end, "xyz");
    CHECK_EQ(strtoull("0xffffffffffffffff", NULL, 16), UINT64_MAX);
    CHECK_EQ(strtoul("777", NULL, 8), 511);
    CHECK_EQ(atoi("42 is it"), 42);
}

TEST(words_are_taken_apart)
{
    char text[] = "one  two,three";
    char *rest = NULL;
    CHECK_TEXT(strtok_r(text, " ,", &rest), "one");
    CHECK_TEXT(strtok_r(NULL, " ,", &rest), "two");
    CHECK_TEXT(strtok_r(NULL, " ,", &rest), "three");
    CHECK_EQ(strtok_r(NULL, " ,", &rest), NULL);
    CHECK_EQ(strspn("aabbc", "ab"), 4);
    CHECK_EQ(strcspn("hello, world", ","), 5);
    CHECK_TEXT(strstr("find the needle here", "needle"), "needle here");
}

static int by_value(const void *left, const void *right)
{
    uint32_t a = *(const uint32_t *)left, b = *(const uint32_t *)right;
    return a < b ? -1 : a > b;
}

TEST(a_sorted_array_is_searched)
{
    enum { COUNT = 500 };
    static uint32_t numbers[COUNT];
    for (uint32_t i = 0; i < COUNT; i++)
        numbers[i] = (i * 7919) % 10007;
    qsort(numbers, COUNT, sizeof *numbers, by_value);
    for (uint32_t i = 1; i < COUNT; i++)
        CHECK(numbers[i - 1] <= numbers[i]);
    for (uint32_t i = 0; i < COUNT; i++)
        CHECK_EQ(*(uint32_t *)bsearch(&numbers[i], numbers, COUNT, sizeof *numbers, by_value), numbers[i]);
    uint32_t missing = 10008;
    CHECK_EQ(bsearch(&missing, numbers, COUNT, sizeof *numbers, by_value), NULL);
}

TEST(a_copy_of_a_text_is_ones_own)
{
    char text[] = "mine", *copy = strdup(text), *part = strndup(text, 2);
    text[0] = 'w';
    CHECK_TEXT(copy, "mine");
    CHECK_TEXT(part, "mi");
    free(copy);
    free(part);
    CHECK_EQ(heap_figures().blocks, 0);
}

TEST(every_error_has_words)
{
    CHECK_TEXT(error_text(OK), "no error");
    CHECK_TEXT(error_text(ERR_POOL_EMPTY), "the process's pool has no frame left for this");
    CHECK_TEXT(error_text((err_t)9999), "unknown error");
}
