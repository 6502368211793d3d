// SPDX-License-Identifier: MIT
// sources: common/manifest.c common/crc32.c common/utf8.c common/string.c common/mem.c
// The manifest as init reads it: every rule of abi/manifest.h broken once.
#include "tests/host/test.h"

#include "abi/syscall.h"
#include "common/crc32.h"
#include "common/manifest.h"

enum { INIT, MEMORY, DRIVER, PROGRAM, ENTRIES };

static struct {
    struct manifest head;
    struct manifest_entry entries[ENTRIES];
} good, m;

static void entry(int place, const char *name, uint32_t kind, uint32_t priority)
{
    struct manifest_entry *e = &good.entries[place];
    strcpy(e->name, name);
    strcpy(e->about, "what it is for");
    e->kind = kind;
    e->priority = priority;
    e->stack_pages = 16;
    e->table_slots = 128;
    e->pool_frames = 32;
}

static void seal(void)
{
    const uint8_t *behind = (const uint8_t *)(&m.head.crc + 1);
    m.head.crc = crc32(0, behind, sizeof m - (size_t)(behind - (const uint8_t *)&m));
}

static int start(void **state)
{
    (void)state;
    memset(&good, 0, sizeof good);
    good.head.magic = MANIFEST_MAGIC;
    good.head.version = MANIFEST_VERSION;
    good.head.size = sizeof good;
    good.head.entry_count = ENTRIES;
    good.head.entry_size = sizeof(struct manifest_entry);
    good.head.supervisor_priority = 24;
    entry(INIT, "init", MANIFEST_INIT, 12);
    entry(MEMORY, "memory", MANIFEST_SERVER, 20);
    entry(DRIVER, "kbd", MANIFEST_SERVER, 16);
    entry(PROGRAM, "shell", MANIFEST_PROGRAM, 4);
    good.entries[DRIVER].irqs = 1 << 1;
    good.entries[DRIVER].port_count = 1;
    good.entries[DRIVER].ports[0] = (struct manifest_ports){0x64, 1, PORT_READ | PORT_WRITE, 1, {[4] = 1}};
    good.entries[DRIVER].device_count = 1;
    good.entries[DRIVER].devices[0] = (struct manifest_device){"screen", 0xb8000, 0x8000, ACCESS_READ | ACCESS_WRITE};
    good.entries[PROGRAM].calls = 1 << INIT | 1 << MEMORY | 1 << DRIVER;
    m.head = good.head;
    memcpy(m.entries, good.entries, sizeof m.entries);
    return 0;
}

static err_t sealed(void)
{
    const struct manifest *opened;
    seal();
    return manifest_open(&m, sizeof m, &opened);
}

// Breaks one field of a good manifest, with a checksum that fits.
#define REFUSED(STATEMENT) \
    do { \
        start(NULL); \
        STATEMENT; \
        assert_int_equal(sealed(), ERR_BROKEN); \
    } while (0)

TEST(a_good_manifest_is_opened_in_place)
{
    const struct manifest *opened;
    seal();
    assert_int_equal(manifest_open(&m, sizeof m, &opened), OK);
    assert_ptr_equal(opened, &m);
    assert_int_equal(manifest_find(opened, "kbd"), DRIVER);
    assert_int_equal(manifest_find(opened, "tape"), -1);
}

TEST(the_end_of_a_page_behind_the_manifest_does_not_matter)
{
    static _Alignas(8) uint8_t page[2 * PAGE_SIZE];
    const struct manifest *opened;
    seal();
    memset(page, 0xff, sizeof page);
    memcpy(page, &m, sizeof m);
    assert_int_equal(manifest_open(page, sizeof page, &opened), OK);
}

TEST(every_shorter_length_is_refused)
{
    const struct manifest *opened = NULL;
    seal();
    for (size_t size = 0; size < sizeof m; size++)
        assert_int_equal(manifest_open(&m, size, &opened), ERR_BROKEN);
    assert_null(opened);
}

TEST(every_altered_byte_is_noticed)
{
    const struct manifest *opened;
    seal();
    for (size_t i = 0; i < sizeof m; i++) {
        ((uint8_t *)&m)[i] ^= 0x80;
        assert_int_equal(manifest_open(&m, sizeof m, &opened), ERR_BROKEN);
        ((uint8_t *)&m)[i] ^= 0x80;
    }
}

TEST(an_address_that_is_not_aligned_is_refused)
{
    static _Alignas(8) uint8_t bytes[sizeof m + 1];
    const struct manifest *opened;
    seal();
    memcpy(bytes + 1, &m, sizeof m);
    assert_int_equal(manifest_open(bytes + 1, sizeof m, &opened), ERR_BROKEN);
}

TEST(a_head_that_says_something_else_is_refused)
{
    REFUSED(m.head.magic++);
    REFUSED(m.head.version++);
    REFUSED(m.head.entry_count = 0);
    REFUSED(m.head.entry_count--);
    REFUSED(m.head.entry_count = UINT32_MAX);
    REFUSED(m.head.entry_count = MANIFEST_ENTRIES + 1);
    REFUSED(m.head.entry_size++);
    REFUSED(m.head.size--);
    REFUSED(m.head.size = UINT32_MAX);
    REFUSED(m.head.supervisor_priority = 0);
    REFUSED(m.head.supervisor_priority = 31);
    REFUSED(m.head.reserved = 1);
}

TEST(names_and_texts_must_be_closed_clean_and_there_once)
{
    REFUSED(m.entries[PROGRAM].name[0] = 0);
    REFUSED(m.entries[PROGRAM].name[0] = 'S');
    REFUSED(m.entries[PROGRAM].name[2] = '/');
    REFUSED(m.entries[PROGRAM].name[NAME_SIZE - 1] = 'x');
    REFUSED(memset(m.entries[PROGRAM].name, 'x', NAME_SIZE));
    REFUSED(strcpy(m.entries[PROGRAM].name, "kbd"));
    REFUSED(m.entries[PROGRAM].about[0] = 0);
    REFUSED(memset(m.entries[PROGRAM].about, 'x', MANIFEST_ABOUT));
    REFUSED(m.entries[PROGRAM].about[0] = '\xff');
}

TEST(figures_out_of_range_are_refused)
{
    REFUSED(m.entries[PROGRAM].kind = 0);
    REFUSED(m.entries[PROGRAM].kind = 4);
    REFUSED(m.entries[PROGRAM].kind = MANIFEST_INIT);
    REFUSED(m.entries[INIT].kind = MANIFEST_SERVER);
    REFUSED(m.entries[PROGRAM].flags = MANIFEST_FLAGS + 1);
    REFUSED(m.entries[PROGRAM].grants = MANIFEST_GRANTS + 1);
    REFUSED(m.entries[PROGRAM].priority = 0);
    REFUSED(m.entries[MEMORY].priority = MANIFEST_PRIORITY_MAX + 1);
    REFUSED(m.entries[PROGRAM].stack_pages = 0);
    REFUSED(m.entries[PROGRAM].stack_pages = MANIFEST_STACK_MAX + 1);
    REFUSED(m.entries[PROGRAM].table_slots = 0);
    REFUSED(m.entries[PROGRAM].table_slots = 129);
    REFUSED(m.entries[PROGRAM].table_slots = MANIFEST_SLOTS_MAX + 128);
    REFUSED(m.entries[PROGRAM].pool_frames = 0);
    REFUSED(m.entries[PROGRAM].pool_frames = MANIFEST_POOL_MAX + 1);
    REFUSED(m.entries[PROGRAM].backoff_ms = MANIFEST_BACKOFF_MAX + 1);
    REFUSED(m.entries[DRIVER].heartbeat_ms = MANIFEST_BACKOFF_MAX + 1);
    REFUSED(m.entries[DRIVER].keep_pages = MANIFEST_KEEP_MAX + 1);
    REFUSED(m.entries[DRIVER].run_pages = MANIFEST_RUN_MAX + 1);
    REFUSED((m.entries[DRIVER].run_pages = 1, m.entries[DRIVER].flags |= MANIFEST_RESTART));
    REFUSED(m.entries[PROGRAM].run_pages = 1);
    REFUSED(strcpy(m.entries[PROGRAM].arguments, "who starts it says them"));
    REFUSED(memset(m.entries[DRIVER].arguments, 'a', MANIFEST_ARGUMENTS));
    REFUSED(memset(m.entries[DRIVER].arguments, 'a', MANIFEST_ARGUMENTS - 1));
    REFUSED(memcpy(m.entries[DRIVER].arguments, "one\0\0two", 9));
    REFUSED(m.entries[PROGRAM].heartbeat_ms = 1);
    REFUSED(m.entries[PROGRAM].keep_pages = 1);
    REFUSED(m.entries[PROGRAM].lives = MANIFEST_LIVES_MAX + 1);
}

TEST(hardware_that_cannot_be_given_is_refused)
{
    REFUSED(m.entries[PROGRAM].irqs = 1 << 0);
    REFUSED(m.entries[PROGRAM].irqs = 1 << 2);
    REFUSED(m.entries[PROGRAM].irqs = 1 << 4);
    REFUSED(m.entries[PROGRAM].irqs = 1 << 16);
    REFUSED(m.entries[PROGRAM].irqs = 1 << 1);
    REFUSED(m.entries[DRIVER].port_count = 0);
    REFUSED(m.entries[DRIVER].port_count = MANIFEST_PORTS + 1);
    REFUSED(m.entries[DRIVER].port_count = UINT32_MAX);
    REFUSED(m.entries[DRIVER].ports[0].count = 0);
    REFUSED(m.entries[DRIVER].ports[0].first = 0xffff; m.entries[DRIVER].ports[0].count = 2);
    REFUSED(m.entries[DRIVER].ports[0].access = 0);
    REFUSED(m.entries[DRIVER].ports[0].access = 4);
    REFUSED(m.entries[DRIVER].ports[0].access = PORT_READ);
    REFUSED(m.entries[DRIVER].ports[0].valued = 0);
    REFUSED(m.entries[DRIVER].ports[0].valued = 2);
    REFUSED(m.entries[DRIVER].ports[1].first = 1);
    REFUSED(m.entries[DRIVER].device_count = 0);
    REFUSED(m.entries[DRIVER].device_count = MANIFEST_DEVICES + 1);
    REFUSED(m.entries[DRIVER].devices[0].name[0] = 0);
    REFUSED(m.entries[DRIVER].devices[0].address++);
    REFUSED(m.entries[DRIVER].devices[0].address = BIT(52));
    REFUSED(m.entries[DRIVER].devices[0].size = 0);
    REFUSED(m.entries[DRIVER].devices[0].size = ~0ull << 12);
    REFUSED(m.entries[DRIVER].devices[0].access = ACCESS_WRITE);
    REFUSED(m.entries[DRIVER].devices[0].access = ACCESS_READ | ACCESS_EXECUTE);
    REFUSED(m.entries[DRIVER].devices[3].access = ACCESS_READ);
}

TEST(calls_that_do_not_go_up_to_a_server_are_refused)
{
    REFUSED(m.entries[MEMORY].calls = 1 << DRIVER);
    REFUSED(m.entries[MEMORY].calls = 1 << MEMORY);
    REFUSED(m.entries[DRIVER].calls = 1 << INIT);
    REFUSED(m.entries[DRIVER].priority = 20; m.entries[DRIVER].calls = 1 << MEMORY);
    REFUSED(m.entries[PROGRAM].calls = 1 << ENTRIES);
    REFUSED(m.entries[PROGRAM].calls = BIT(63));
    REFUSED(m.entries[INIT].priority = 2; m.entries[INIT].calls = 1 << PROGRAM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_good_manifest_is_opened_in_place, start),
        cmocka_unit_test_setup(the_end_of_a_page_behind_the_manifest_does_not_matter, start),
        cmocka_unit_test_setup(every_shorter_length_is_refused, start),
        cmocka_unit_test_setup(every_altered_byte_is_noticed, start),
        cmocka_unit_test_setup(an_address_that_is_not_aligned_is_refused, start),
        cmocka_unit_test_setup(a_head_that_says_something_else_is_refused, start),
        cmocka_unit_test_setup(names_and_texts_must_be_closed_clean_and_there_once, start),
        cmocka_unit_test_setup(figures_out_of_range_are_refused, start),
        cmocka_unit_test_setup(hardware_that_cannot_be_given_is_refused, start),
        cmocka_unit_test_setup(calls_that_do_not_go_up_to_a_server_are_refused, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
