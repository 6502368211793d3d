// SPDX-License-Identifier: MIT
// sources: libsys/heap.c libsys/heap_resize.c
// The heap's core on spans from mmap: random histories against a record of what every block must hold, and each kind of
// damage by its name.
#include "tests/host/test.h"

#include <sys/mman.h>

#include "libsys/heap.h"

static size_t pages_out; // taken and not given back
static size_t pages_left = SIZE_MAX;
static jmp_buf failed;
static enum heap_fault fault_seen;

static void *take(size_t pages)
{
    if (pages > pages_left) return NULL;
    pages_out += pages;
    pages_left -= pages;
    void *span = mmap(NULL, pages * HEAP_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return span == MAP_FAILED ? NULL : span;
}

static void give(void *span, size_t pages)
{
    pages_out -= pages;
    assert_int_equal(munmap(span, pages * HEAP_PAGE), 0);
}

static void fail_by_name(enum heap_fault fault, const void *block)
{
    (void)block;
    fault_seen = fault;
    longjmp(failed, 1);
}

static const struct heap_source source = {take, give, fail_by_name};

static struct heap new_heap(void)
{
    pages_out = 0;
    pages_left = SIZE_MAX;
    return (struct heap){.source = &source};
}

// Each has its own frame: setjmp may not find variables of its function changed.
static void assert_free_faults(enum heap_fault fault, struct heap *heap, void *block)
{
    if (setjmp(failed) == 0) {
        heap_free(heap, block);
        fail_msg("free of %p: damage was not noticed", block);
    }
    assert_int_equal(fault_seen, fault);
}

static void assert_resize_faults(enum heap_fault fault, struct heap *heap, void *block)
{
    if (setjmp(failed) == 0) {
        heap_resize(heap, block, 100);
        fail_msg("realloc of %p: damage was not noticed", block);
    }
    assert_int_equal(fault_seen, fault);
}

static void assert_alloc_faults(enum heap_fault fault, struct heap *heap, size_t size)
{
    if (setjmp(failed) == 0) {
        heap_alloc(heap, size);
        fail_msg("malloc(%zu): damage was not noticed", size);
    }
    assert_int_equal(fault_seen, fault);
}

struct record {
    unsigned char *bytes;
    size_t size;
    unsigned char pattern;
};

static void fill(const struct record *record) { memset(record->bytes, record->pattern, record->size); }

static void assert_kept(const struct record *record, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (record->bytes[i] != record->pattern)
            fail_msg("byte %zu of %zu is %02x, not %02x", i, record->size, record->bytes[i], record->pattern);
}

// Mostly small, often at the edges of classes, sometimes with spans of their own.
static size_t random_size(void)
{
    switch (random_below(8)) {
    case 0:
        return random_below(200000);
    case 1:
        return random_below(40000);
    case 2:
        return 16 * random_below(70) + random_below(3);
    default:
        return random_below(300);
    }
}

static void step(struct heap *heap, struct record *record)
{
    const size_t old = record->size, size = random_size();
    unsigned char *bytes;
    size_t alignment = HEAP_ALIGNMENT;
    if (record->bytes == NULL) {
        alignment = random_below(4) == 0 ? (size_t)1 << random_below(14) : HEAP_ALIGNMENT;
        bytes = heap_alloc_aligned(heap, alignment, size);
    } else {
        assert_kept(record, old);
        assert_int_equal(heap_size(heap, record->bytes), old);
        if (random_below(4) != 0) {
            heap_free(heap, record->bytes);
            record->bytes = NULL;
            return;
        }
        bytes = heap_resize(heap, record->bytes, size);
        record->bytes = bytes;
        assert_non_null(bytes);
        assert_kept(record, old < size ? old : size);
    }
    assert_non_null(bytes);
    assert_int_equal((uintptr_t)bytes % alignment, 0);
    *record = (struct record){bytes, size, (unsigned char)random_number()};
    fill(record);
}

static int by_address(const void *left, const void *right)
{
    const struct record *l = left, *r = right;
    return (l->bytes > r->bytes) - (l->bytes < r->bytes);
}

static void assert_no_overlap(const struct record *records, size_t count)
{
    struct record *sorted = malloc(count * sizeof *sorted);
    memcpy(sorted, records, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, by_address);
    for (size_t i = 1; i < count; i++)
        if (sorted[i - 1].bytes != NULL) assert_true(sorted[i - 1].bytes + sorted[i - 1].size < sorted[i].bytes);
    free(sorted);
}

TEST(random_histories_keep_contents_alignment_and_distance)
{
    struct heap heap = new_heap();
    struct record records[300] = {0};
    for (size_t i = 0; i < 60000; i++) {
        step(&heap, &records[random_below(COUNT(records))]);
        if (i % 1000 == 0) assert_no_overlap(records, COUNT(records));
    }
    size_t blocks = 0, bytes = 0;
    for (size_t i = 0; i < COUNT(records); i++) {
        blocks += records[i].bytes != NULL;
        bytes += records[i].bytes != NULL ? records[i].size : 0;
    }
    assert_int_equal(heap_count(&heap).blocks, blocks);
    assert_true(heap_count(&heap).bytes >= bytes); // the offsets of aligned blocks count too
    assert_int_equal(heap_count(&heap).span_bytes, pages_out * HEAP_PAGE);
    for (size_t i = 0; i < COUNT(records); i++)
        heap_free(&heap, records[i].bytes);
    assert_int_equal(heap_count(&heap).blocks, 0);
    assert_int_equal(heap_count(&heap).bytes, 0);
    assert_true(heap_end(&heap));
    assert_int_equal(pages_out, 0);
}

TEST(a_block_is_as_large_as_asked_for_and_the_next_byte_is_guarded)
{
    for (size_t size = 0; size < 70000; size += size < 2100 ? 1 : 997) {
        struct heap heap = new_heap();
        char *block = heap_alloc(&heap, size);
        memset(block, 0xff, size);
        assert_int_equal(heap_size(&heap, block), size);
        block[size] ^= 1;
        assert_free_faults(HEAP_OVERFLOW, &heap, block);
        block[size] ^= 1;
        heap_free(&heap, block);
        assert_true(heap_end(&heap));
    }
}

TEST(a_closing_nul_too_many_is_an_overflow)
{
    struct heap heap = new_heap();
    char *text = heap_alloc(&heap, 5);
    memcpy(text, "12345", 6);
    assert_free_faults(HEAP_OVERFLOW, &heap, text);
    assert_resize_faults(HEAP_OVERFLOW, &heap, text);
}

TEST(a_double_free_is_named_for_small_large_and_aligned_blocks)
{
    const size_t sizes[] = {0, 1, 24, 1000, 30000, 40000, 300000};
    for (size_t i = 0; i < COUNT(sizes); i++)
        for (size_t alignment = 1; alignment <= 8192; alignment *= 2) {
            struct heap heap = new_heap();
            void *block = heap_alloc_aligned(&heap, alignment, sizes[i]);
            heap_free(&heap, block);
            assert_free_faults(HEAP_DOUBLE_FREE, &heap, block);
            assert_resize_faults(HEAP_DOUBLE_FREE, &heap, block);
            assert_true(heap_end(&heap));
        }
}

TEST(an_address_that_is_used_again_can_be_freed_again)
{
    struct heap heap = new_heap();
    for (int i = 0; i < 100; i++)
        heap_free(&heap, heap_alloc(&heap, 50000));
    assert_int_equal(heap_count(&heap).spans, 0);
}

TEST(a_pointer_that_the_heap_did_not_give_is_named)
{
    struct heap heap = new_heap();
    static char elsewhere[64] __attribute__((aligned(16)));
    assert_free_faults(HEAP_BAD_POINTER, &heap, elsewhere);
    char *block = heap_alloc(&heap, 100);
    assert_free_faults(HEAP_BAD_POINTER, &heap, elsewhere + 16);
    assert_free_faults(HEAP_BAD_POINTER, &heap, (void *)16);
    assert_free_faults(HEAP_BAD_POINTER, &heap, (void *)UINTPTR_MAX);
    for (size_t inside = 1; inside < 100; inside++)
        assert_free_faults(HEAP_BAD_POINTER, &heap, block + inside);
    block[-1] ^= 1; // a write before the block meets the header
    assert_free_faults(HEAP_BAD_POINTER, &heap, block);
}

TEST(a_write_over_the_header_of_a_free_block_is_named_when_it_is_handed_out)
{
    struct heap heap = new_heap();
    char *block = heap_alloc(&heap, 40);
    heap_free(&heap, block);
    memset(block, 0x55, 40); // into the contents: seen by nobody, harmful to nobody
    block = heap_alloc(&heap, 40);
    heap_free(&heap, block);
    block[-1] ^= 1;
    assert_alloc_faults(HEAP_UNDERFLOW, &heap, 40);
}

TEST(a_hundred_thousand_rounds_need_one_chunk)
{
    struct heap heap = new_heap();
    for (int i = 0; i < 102400; i++) {
        int *box = heap_alloc(&heap, sizeof *box);
        *box = i;
        assert_int_equal(*box, i);
        heap_free(&heap, box);
    }
    assert_int_equal(pages_out, HEAP_CHUNK_PAGES);
    assert_int_equal(heap_count(&heap).allocations, 102400);
}

TEST(a_large_block_goes_back_at_once)
{
    struct heap heap = new_heap();
    void *block = heap_alloc(&heap, 1 << 20);
    assert_int_equal(pages_out, 257);
    block = heap_resize(&heap, block, (1 << 20) + 3000);
    assert_int_equal(pages_out, 257);
    block = heap_resize(&heap, block, 40000);
    assert_int_equal(pages_out, 10);
    heap_free(&heap, block);
    assert_int_equal(pages_out, 0);
}

TEST(without_memory_it_answers_null_and_nothing_is_lost)
{
    struct heap heap = new_heap();
    pages_left = HEAP_CHUNK_PAGES;
    assert_null(heap_alloc(&heap, 100000));
    char *kept = heap_alloc(&heap, 8);
    strcpy(kept, "kept");
    size_t blocks = 0;
    for (void *block = heap_alloc(&heap, 1000), *last = NULL; block != NULL; blocks++) {
        *(void **)block = last;
        last = block;
        block = heap_alloc(&heap, 1000);
    }
    assert_int_equal(blocks, (HEAP_CHUNK_PAGES * HEAP_PAGE - 48) / 1024); // less the chunk's header and `kept`
    assert_null(heap_resize(&heap, kept, 5000));
    assert_string_equal(kept, "kept");
    assert_false(heap_end(&heap));
}

TEST(sizes_that_cannot_be_are_refused)
{
    struct heap heap = new_heap();
    const size_t sizes[] = {SIZE_MAX, SIZE_MAX - 15, SIZE_MAX - 4096, SIZE_MAX / 2, (size_t)1 << 47};
    void *block = heap_alloc(&heap, 10);
    for (size_t i = 0; i < COUNT(sizes); i++) {
        assert_null(heap_alloc(&heap, sizes[i]));
        assert_null(heap_alloc_aligned(&heap, 64, sizes[i]));
        assert_null(heap_alloc_aligned(&heap, sizes[i], 64));
        assert_null(heap_resize(&heap, block, sizes[i]));
    }
    assert_null(heap_alloc_aligned(&heap, 0, 1));
    assert_null(heap_alloc_aligned(&heap, 24, 1));
    heap_free(&heap, NULL);
    heap_free(&heap, block);
}

TEST(the_rest_of_a_chunk_is_not_lost)
{
    struct heap heap = new_heap();
    heap_alloc(&heap, 30000);
    heap_alloc(&heap, 20000);
    assert_int_equal(pages_out, HEAP_CHUNK_PAGES);
    heap_alloc(&heap, 30000); // does not fit: a second chunk, and about 12 KiB of the first remain
    assert_int_equal(pages_out, 2 * HEAP_CHUNK_PAGES);
    size_t before = heap_count(&heap).span_bytes;
    heap_alloc(&heap, 28000);
    for (int i = 0; i < 4; i++)
        heap_alloc(&heap, 400);
    assert_int_equal(heap_count(&heap).span_bytes, before);
}

TEST(every_fault_has_words)
{
    for (int i = HEAP_BAD_POINTER; i <= HEAP_UNDERFLOW; i++)
        assert_true(strlen(heap_fault_text((enum heap_fault)i)) > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(random_histories_keep_contents_alignment_and_distance),
        cmocka_unit_test(a_block_is_as_large_as_asked_for_and_the_next_byte_is_guarded),
        cmocka_unit_test(a_closing_nul_too_many_is_an_overflow),
        cmocka_unit_test(a_double_free_is_named_for_small_large_and_aligned_blocks),
        cmocka_unit_test(an_address_that_is_used_again_can_be_freed_again),
        cmocka_unit_test(a_pointer_that_the_heap_did_not_give_is_named),
        cmocka_unit_test(a_write_over_the_header_of_a_free_block_is_named_when_it_is_handed_out),
        cmocka_unit_test(a_hundred_thousand_rounds_need_one_chunk),
        cmocka_unit_test(a_large_block_goes_back_at_once),
        cmocka_unit_test(without_memory_it_answers_null_and_nothing_is_lost),
        cmocka_unit_test(sizes_that_cannot_be_are_refused),
        cmocka_unit_test(the_rest_of_a_chunk_is_not_lost),
        cmocka_unit_test(every_fault_has_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
