// SPDX-License-Identifier: MIT
// sources: common/mem.c common/memcmp.c
// memcpy and friends against libc's, between two pages that may not be touched: the string instructions are assembly,
// which ASan does not see.
#include "tests/host/test.h"

#include <sys/mman.h>

extern __typeof__(memcpy) annulet_memcpy;
extern __typeof__(memmove) annulet_memmove;
extern __typeof__(memset) annulet_memset;
extern __typeof__(memcmp) annulet_memcmp;

#define PAGE 4096u
#define LONGEST 130u

static char *fenced_page(void)
{
    char *pages = mmap(NULL, 3 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_ptr_not_equal(pages, MAP_FAILED);
    assert_int_equal(mprotect(pages + PAGE, PAGE, PROT_READ | PROT_WRITE), 0);
    return pages + PAGE;
}

static void fill_at_random(char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        bytes[i] = (char)random_number();
}

TEST(memcpy_copies_every_size_at_every_alignment_and_nothing_else)
{
    char from[LONGEST + 16], to[LONGEST + 48], expected[sizeof to];
    for (size_t size = 0; size <= LONGEST; size++) {
        for (size_t in = 0; in < 9; in++) {
            for (size_t out = 16; out < 25; out++) {
                fill_at_random(from, sizeof from);
                fill_at_random(to, sizeof to);
                memcpy(expected, to, sizeof to);
                memcpy(expected + out, from + in, size);
                assert_ptr_equal(annulet_memcpy(to + out, from + in, size), to + out);
                assert_memory_equal(to, expected, sizeof to);
            }
        }
    }
}

TEST(memmove_copies_every_overlap)
{
    char bytes[400], expected[sizeof bytes];
    for (size_t size = 0; size <= LONGEST; size++) {
        for (size_t to = 0; to <= 2 * LONGEST; to++) {
            fill_at_random(bytes, sizeof bytes);
            memcpy(expected, bytes, sizeof bytes);
            memmove(expected + to, expected + LONGEST, size);
            assert_ptr_equal(annulet_memmove(bytes + to, bytes + LONGEST, size), bytes + to);
            assert_memory_equal(bytes, expected, sizeof bytes);
        }
    }
}

TEST(memset_fills_every_size_at_every_alignment_and_nothing_else)
{
    char bytes[LONGEST + 48], expected[sizeof bytes];
    for (size_t size = 0; size <= LONGEST; size++) {
        for (size_t at = 16; at < 25; at++) {
            int value = (int)random_number(); // only its low byte counts
            fill_at_random(bytes, sizeof bytes);
            memcpy(expected, bytes, sizeof bytes);
            memset(expected + at, value, size);
            assert_ptr_equal(annulet_memset(bytes + at, value, size), bytes + at);
            assert_memory_equal(bytes, expected, sizeof bytes);
        }
    }
}

static int sign(int value) { return (value > 0) - (value < 0); }

TEST(memcmp_orders_by_the_first_byte_that_differs)
{
    char left[LONGEST], right[LONGEST];
    fill_at_random(left, sizeof left);
    for (size_t size = 0; size <= 40; size++) {
        memcpy(right, left, sizeof left);
        assert_int_equal(annulet_memcmp(left, right, size), 0);
        for (size_t first = 0; first < 40; first++) {
            for (size_t second = first; second < 40; second++) {
                memcpy(right, left, sizeof left);
                right[first] = (char)random_number();
                right[second] = (char)random_number();
                assert_int_equal(sign(annulet_memcmp(left, right, size)), sign(memcmp(left, right, size)));
                assert_int_equal(sign(annulet_memcmp(right, left, size)), sign(memcmp(right, left, size)));
            }
        }
    }
}

TEST(nothing_outside_the_range_is_read_or_written)
{
    char *from = fenced_page(), *to = fenced_page();
    for (size_t size = 0; size <= LONGEST; size++) {
        annulet_memcpy(to, from, size);
        annulet_memcpy(to + PAGE - size, from + PAGE - size, size);
        annulet_memcpy(to, from + PAGE - size, size);
        annulet_memmove(to, to + PAGE - size, size);
        annulet_memmove(to + 1, to, size);                             // downwards, from the page's first byte
        annulet_memmove(to + PAGE - size, to + PAGE - size - 1, size); // downwards, to the page's last byte
        annulet_memmove(to + PAGE - size - 1, to + PAGE - size, size);
        annulet_memset(to, 0x5a, size);
        annulet_memset(to + PAGE - size, 0x5a, size);
        memset(from, 0x5a, PAGE);
        memset(to, 0x5a, PAGE);
        assert_int_equal(annulet_memcmp(to, from, size), 0);
        assert_int_equal(annulet_memcmp(to + PAGE - size, from + PAGE - size, size), 0);
    }
    munmap(from - PAGE, 3 * PAGE);
    munmap(to - PAGE, 3 * PAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memcpy_copies_every_size_at_every_alignment_and_nothing_else),
        cmocka_unit_test(memmove_copies_every_overlap),
        cmocka_unit_test(memset_fills_every_size_at_every_alignment_and_nothing_else),
        cmocka_unit_test(memcmp_orders_by_the_first_byte_that_differs),
        cmocka_unit_test(nothing_outside_the_range_is_read_or_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
