// SPDX-License-Identifier: MIT
// The kernel's page table walker on an array that plays physical memory. What it makes is read by another walker, written
// from the manual (SDM vol. 3, "4-Level Paging"), which knows nothing of the kernel's.
// sources: common/mem.c
#include "tests/host/test.h"

#include "abi/layout.h"

#define RAM_FRAMES 256u

static unsigned char ram[RAM_FRAMES][4096] __attribute__((aligned(4096)));
static unsigned char table[RAM_FRAMES * 32] __attribute__((aligned(32)));

// The kernel's two windows are these arrays here.
#undef PHYSMAP_BASE
#undef FRAMES_BASE
#define PHYSMAP_BASE ((uint64_t)(uintptr_t)ram)
#define FRAMES_BASE ((uint64_t)(uintptr_t)table)
#define frame_object frame_object_by_shift
#define object_frame object_frame_by_shift
#include "kernel/frame.h"
#undef frame_object
#undef object_frame

static inline void *frame_object(const struct frame *f) { return ram[f - FRAMES]; }

static inline struct frame *object_frame(const void *object)
{
    return FRAMES + ((const unsigned char *)object - ram[0]) / 4096;
}

#define invlpg invlpg_of_the_processor
#define cr3_read cr3_read_of_the_processor
#include "kernel/x86/cpu.h"
#undef invlpg
#undef cr3_read

static uint64_t loaded, invalidated[8];
static unsigned invalidations;

static void invlpg(uint64_t address) { invalidated[invalidations++ % 8] = address; }

static uint64_t cr3_read(void) { return loaded; }

#include "kernel/x86/paging.c"

paddr_t kernel_page_table;
static jmp_buf panicked;

noreturn void panic(const char *text, ...)
{
    (void)text;
    longjmp(panicked, 1);
}

// --- a pool of all frames from 8 on

#define TOP_FRAME 1u
#define FIRST_FREE 8u
#define DATA_FRAME 7u

static struct process process;

err_t pool_take(struct process *p, enum object_type type, struct frame **out)
{
    if (p->free == NULL) return ERR_POOL_EMPTY;
    struct frame *f = p->free;
    p->free = f->next;
    p->free_frames--;
    memset(frame_object(f), 0, 4096);
    f->stamp = (uint64_t)type << 8;
    *out = f;
    return OK;
}

void pool_return(struct process *p, struct frame *f)
{
    f->stamp = 0;
    f->next = p->free;
    p->free = f;
    p->free_frames++;
}

static void begin(void)
{
    memset(ram, 0xee, sizeof ram); // what is not cleared shows
    memset(table, 0, sizeof table);
    memset(ram[TOP_FRAME], 0, 4096);
    memset(&process, 0, sizeof process);
    process.page_table = (paddr_t){TOP_FRAME * PAGE_SIZE};
    forget(&process);
    FRAMES[TOP_FRAME].stamp = (uint64_t)TYPE_PAGE_TABLE << 8;
    for (uint32_t i = RAM_FRAMES; i-- > FIRST_FREE;)
        pool_return(&process, FRAMES + i);
    loaded = 0;
    invalidations = 0;
}

#define ALL_FREE (RAM_FRAMES - FIRST_FREE)

// --- the other walker

struct translation {
    bool present, write, user, execute, uncached;
    uint64_t physical;
};

static struct translation translate(uint64_t address)
{
    struct translation t = {.present = true, .write = true, .user = true, .execute = true};
    uint64_t at = TOP_FRAME * 4096;
    for (int shift = 39; shift >= 12; shift -= 9) {
        uint64_t entry;
        memcpy(&entry, (const unsigned char *)ram + at + 8 * (address >> shift & 511), 8);
        if ((entry & 1) == 0) return (struct translation){.present = false};
        assert_true(shift == 12 || (entry & 1 << 7) == 0); // no large page
        t.write = t.write && (entry & 2) != 0;
        t.user = t.user && (entry & 4) != 0;
        t.execute = t.execute && (entry >> 63) == 0;
        t.uncached = (entry & 0x18) == 0x18;
        at = entry & 0x000ffffffffff000;
        assert_true(at < sizeof ram);
    }
    t.physical = at + address % 4096;
    return t;
}

static void map(uint64_t address, uint64_t frame, uint32_t access)
{
    vaddr_t at = {address};
    struct leaf leaf = paging_leaf(&process, at);
    if (leaf.missing) leaf = paging_make_leaf(&process, at);
    leaf_fill(leaf, at, entry_make((paddr_t){frame * PAGE_SIZE}, access), 1);
}

static void unmap(uint64_t address)
{
    vaddr_t at = {address};
    struct leaf leaf = paging_leaf(&process, at);
    assert_non_null(leaf.entries);
    leaf_replace(leaf.entries + leaf_index(at), at, 0, cr3_read() == process.page_table.raw);
    object_frame(leaf.entries)->entries--;
    paging_trim(&process, at);
}

#define RW (ACCESS_READ | ACCESS_WRITE)

TEST(what_was_mapped_is_found_with_its_rights_and_its_low_bits)
{
    begin();
    const uint32_t accesses[] = {ACCESS_READ, RW, ACCESS_READ | ACCESS_EXECUTE, RW | ACCESS_UNCACHED};
    for (uint32_t i = 0; i < COUNT(accesses); i++) {
        uint64_t address = 0x123456789000 + i * 0x1000;
        map(address, 3 + i, accesses[i]);
        struct translation t = translate(address + 0xabc);
        assert_true(t.present && t.user);
        assert_int_equal(t.physical, (3 + i) * PAGE_SIZE + 0xabc);
        assert_int_equal(t.write, (accesses[i] & ACCESS_WRITE) != 0);
        assert_int_equal(t.execute, (accesses[i] & ACCESS_EXECUTE) != 0);
        assert_int_equal(t.uncached, (accesses[i] & ACCESS_UNCACHED) != 0);
        uint64_t entry = paging_entry(&process, (vaddr_t){address + 0xabc});
        assert_int_equal(entry_access(entry), accesses[i]);
        assert_int_equal(entry_address(entry).raw, (3 + i) * PAGE_SIZE);
    }
    assert_false(translate(0x123456789000 + COUNT(accesses) * 0x1000).present);
    assert_int_equal(paging_entry(&process, (vaddr_t){0x123456789000 - 0x1000}), 0);
}

TEST(the_number_of_missing_tables_is_told_and_made_and_given_back)
{
    const struct {
        uint64_t address, missing;
    } rows[] = {
        {0x400000, 3},     {0x401000, 0},       {0x5ff000, 0},       {0x600000, 1},       {0x40000000, 2},
        {0x8000000000, 3}, {0x7fffffffe000, 3}, {0x7fffffffd000, 0}, {0x7fffffc00000, 1}, {0x7fff80000000, 2},
    };
    begin();
    uint64_t free = ALL_FREE;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(paging_leaf(&process, (vaddr_t){rows[i].address}).missing, rows[i].missing);
        map(rows[i].address, DATA_FRAME, RW);
        assert_int_equal(process.free_frames, free -= rows[i].missing);
    }
    for (size_t i = COUNT(rows); i-- > 0;) {
        unmap(rows[i].address);
        assert_int_equal(process.free_frames, free += rows[i].missing);
    }
    assert_int_equal(free, ALL_FREE);
}

// A few addresses of every distance from each other, so that tables are shared at each level.
static uint64_t some_address(void)
{
    return USER_BASE + (random_below(3) << 39) + (random_below(3) << 30) + (random_below(3) << 21) +
           (random_below(4) << 12);
}

TEST(a_hundred_thousand_random_changes_agree_with_the_other_walker)
{
    static struct {
        uint64_t address, frame;
        uint32_t access;
    } model[108];
    size_t count = 0;
    begin();
    for (int i = 0; i < 100000; i++) {
        uint64_t address = some_address();
        size_t place = 0;
        while (place < count && model[place].address != address)
            place++;
        const bool was_mapped = place < count;
        if (was_mapped) {
            unmap(address);
            model[place] = model[--count];
        } else {
            uint64_t frame = random_below(RAM_FRAMES);
            uint32_t access = (uint32_t[]){ACCESS_READ, RW, ACCESS_READ | ACCESS_EXECUTE}[random_below(3)];
            map(address, frame, access);
            model[count].address = address;
            model[count].frame = frame;
            model[count++].access = access;
        }
        assert_int_equal(translate(address).present, !was_mapped);
        if (i % 64 != 0) continue;
        for (size_t m = 0; m < count; m++) {
            struct translation t = translate(model[m].address + 7);
            assert_true(t.present);
            assert_int_equal(t.physical, model[m].frame * PAGE_SIZE + 7);
            assert_int_equal(t.write, (model[m].access & ACCESS_WRITE) != 0);
        }
    }
    while (count > 0)
        unmap(model[--count].address);
    assert_int_equal(process.free_frames, ALL_FREE);
    for (size_t i = 0; i < 256; i++)
        assert_int_equal(((uint64_t *)ram[TOP_FRAME])[i], 0);
}

TEST(only_a_changed_entry_of_the_loaded_space_is_invalidated)
{
    begin();
    map(0x400000, DATA_FRAME, RW);
    unmap(0x400000);
    assert_int_equal(invalidations, 0); // not loaded: its translations go with the next CR3
    loaded = process.page_table.raw;
    map(0x400000, DATA_FRAME, RW);
    map(0x401000, DATA_FRAME, RW);
    assert_int_equal(invalidations, 0); // nothing is remembered of what was not present
    unmap(0x401000);
    assert_int_equal(invalidations, 1);
    assert_int_equal(invalidated[0], 0x401000);
    unmap(0x400000);
    assert_int_equal(invalidations, 5); // the page, and the three tables that went with it
}

TEST(a_hole_is_skipped_as_a_whole)
{
    begin();
    struct leaf nothing = paging_leaf(&process, (vaddr_t){0x400000});
    assert_int_equal(paging_skip(nothing, (vaddr_t){0x400000}).raw, 1ull << 39);
    map(0x400000, DATA_FRAME, RW);
    assert_int_equal(paging_skip(paging_leaf(&process, (vaddr_t){0x400000}), (vaddr_t){0x400000}).raw, 0x600000);
    assert_int_equal(paging_skip(paging_leaf(&process, (vaddr_t){0x601000}), (vaddr_t){0x601000}).raw, 0x800000);
    assert_int_equal(paging_skip(paging_leaf(&process, (vaddr_t){0x40001000}), (vaddr_t){0x40001000}).raw, 0x80000000);
}

TEST(the_last_leaf_table_is_remembered_until_it_goes)
{
    begin();
    assert_ptr_equal(process.leaf, no_leaf);
    map(0x400000, DATA_FRAME, RW);
    uint64_t *first = paging_leaf(&process, (vaddr_t){0x400000}).entries;
    map(0x600000, DATA_FRAME, RW);
    uint64_t *second = paging_leaf(&process, (vaddr_t){0x7ff000}).entries;
    assert_ptr_not_equal(first, second);
    assert_true(process.leaf == second && process.leaf_at == 0x600000 && process.leaf_frame == object_frame(second));
    assert_ptr_equal(paging_leaf(&process, (vaddr_t){0x5ff000}).entries, first);
    assert_true(process.leaf == first && process.leaf_at == 0x400000);
    // What serves the last page, which is nobody's, is found, but not remembered.
    map(0x7fffffffe000, DATA_FRAME, RW);
    assert_true(process.leaf == first && process.leaf_at == 0x400000);
    unmap(0x400000);
    assert_true(process.leaf == no_leaf && process.leaf_at == LEAF_NOWHERE);
    assert_int_equal(paging_leaf(&process, (vaddr_t){0x400000}).missing, 1);
    for (size_t i = 0; i < PAGES_PER_TABLE; i++)
        assert_int_not_equal(no_leaf[i], 0);
}

static bool walking_panics(uint64_t address)
{
    if (setjmp(panicked) != 0) return true;
    (void)paging_leaf(&process, (vaddr_t){address});
    return false;
}

TEST(a_frame_that_is_no_page_table_is_never_walked_as_one)
{
    for (int level = 3; level > 0; level--) {
        begin();
        map(0x400000, DATA_FRAME, RW);
        // The entry of that level leads to somebody's data now.
        uint64_t *entries = (uint64_t *)ram[TOP_FRAME];
        for (int l = 3; l > level; l--)
            entries = (uint64_t *)ram[(entries[0x400000ull >> (12 + 9 * l) & 511] & 0xffffff000) / 4096];
        uint64_t *entry = &entries[0x400000ull >> (12 + 9 * level) & 511];
        *entry = (*entry & 0xfff) | DATA_FRAME * PAGE_SIZE;
        FRAMES[DATA_FRAME].stamp = (uint64_t)TYPE_MEMORY << 8;
        forget(&process); // and walks
        assert_true(walking_panics(0x400000));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_mapped_is_found_with_its_rights_and_its_low_bits),
        cmocka_unit_test(the_number_of_missing_tables_is_told_and_made_and_given_back),
        cmocka_unit_test(a_hundred_thousand_random_changes_agree_with_the_other_walker),
        cmocka_unit_test(only_a_changed_entry_of_the_loaded_space_is_invalidated),
        cmocka_unit_test(a_hole_is_skipped_as_a_whole),
        cmocka_unit_test(the_last_leaf_table_is_remembered_until_it_goes),
        cmocka_unit_test(a_frame_that_is_no_page_table_is_never_walked_as_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
