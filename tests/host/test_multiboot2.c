// SPDX-License-Identifier: MIT
// sources: common/multiboot2.c
#include "tests/host/test.h"

#include "abi/types.h"
#include "common/multiboot2.h"

// A loader in miniature. The finished information lies in a block of exactly its size, so ASan sees one byte too many.
struct builder {
    unsigned char bytes[1024];
    size_t size;
};

static void put32(struct builder *b, uint32_t value)
{
    memcpy(b->bytes + b->size, &value, 4);
    b->size += 4;
}

static struct builder begin(void)
{
    struct builder b = {.size = 8};
    return b;
}

static void add_tag(struct builder *b, uint32_t type, const void *data, size_t size)
{
    put32(b, type);
    put32(b, (uint32_t)size + 8);
    memcpy(b->bytes + b->size, data, size);
    b->size = (b->size + size + 7) & ~(size_t)7;
}

static void add_text(struct builder *b, uint32_t type, const char *text) { add_tag(b, type, text, strlen(text) + 1); }

static void add_module(struct builder *b, uint32_t start, uint32_t end, const char *name, size_t name_size)
{
    unsigned char data[128];
    memcpy(data, &start, 4);
    memcpy(data + 4, &end, 4);
    memcpy(data + 8, name, name_size);
    add_tag(b, 3, data, 8 + name_size);
}

static void add_map(struct builder *b, uint32_t entry_size, size_t bytes)
{
    unsigned char data[256] = {0};
    memcpy(data, &entry_size, 4);
    add_tag(b, 6, data, 8 + bytes);
}

static void add_screen(struct builder *b, uint64_t address, uint32_t pitch, uint32_t width, uint32_t height,
                       uint8_t type)
{
    unsigned char data[24] = {0};
    memcpy(data, &address, 8);
    memcpy(data + 8, &pitch, 4);
    memcpy(data + 12, &width, 4);
    memcpy(data + 16, &height, 4);
    data[20] = 16;
    data[21] = type;
    add_tag(b, 8, data, sizeof data);
}

static void *finish(struct builder *b)
{
    add_tag(b, 0, "", 0);
    uint32_t size = (uint32_t)b->size;
    memcpy(b->bytes, &size, 4);
    void *info = malloc(b->size);
    memcpy(info, b->bytes, b->size);
    return info;
}

static void expect_reason(struct builder *b, const char *reason)
{
    struct multiboot2 boot;
    void *info = finish(b);
    assert_int_equal(multiboot2_open(&boot, info, b->size), ERR_BROKEN);
    assert_string_equal(boot.reason, reason);
    free(info);
}

TEST(everything_that_a_loader_says_is_found)
{
    struct builder b = begin();
    add_text(&b, 2, "GRUB 2.06");
    add_tag(&b, 4, "whatever", 8); // a tag that nobody here reads
    add_module(&b, 0x200000, 0x201234, "init", 5);
    add_map(&b, 24, 48);
    add_module(&b, 0x9000, 0x9001, "memory heap=1", 14);
    add_screen(&b, 0xb8000, 160, 80, 25, 2);
    add_tag(&b, 14, "RSD PTR old old old ", 20);
    add_tag(&b, 15, "RSD PTR new new new new new new new ", 36);
    void *info = finish(&b);
    struct multiboot2 boot;
    struct multiboot2_module module;
    size_t place = 0;
    assert_int_equal(multiboot2_size(info), b.size);
    assert_int_equal(multiboot2_open(&boot, info, b.size), OK);
    assert_null(boot.reason);
    assert_string_equal(boot.loader, "GRUB 2.06");
    assert_int_equal(boot.map_count, 2);
    assert_int_equal(boot.map_entry_size, 24);
    assert_int_equal(boot.screen, SCREEN_TEXT);
    assert_int_equal(boot.rsdp_size, 36);
    assert_memory_equal(boot.rsdp, "RSD PTR new", 11);
    assert_true(multiboot2_module(&boot, &place, &module));
    assert_null(module.reason);
    assert_string_equal(module.name, "init");
    assert_int_equal(module.start, 0x200000);
    assert_int_equal(module.end, 0x201234);
    assert_true(multiboot2_module(&boot, &place, &module));
    assert_string_equal(module.name, "memory heap=1");
    assert_false(multiboot2_module(&boot, &place, &module));
    assert_false(multiboot2_module(&boot, &place, &module));
    free(info);
}

TEST(what_a_loader_does_not_say_is_empty)
{
    struct builder b = begin();
    void *info = finish(&b);
    struct multiboot2 boot;
    assert_int_equal(multiboot2_open(&boot, info, 4096), OK);
    assert_string_equal(boot.loader, "");
    assert_null(boot.map);
    assert_int_equal(boot.map_count, 0);
    assert_null(boot.rsdp);
    assert_int_equal(boot.screen, SCREEN_UNKNOWN);
    free(info);
}

TEST(uefi_firmware_has_no_text_screen)
{
    for (uint32_t type = 11; type <= 12; type++) {
        static const unsigned char table[8];
        struct builder b = begin();
        add_tag(&b, type, table, sizeof table);
        void *info = finish(&b);
        struct multiboot2 boot;
        assert_int_equal(multiboot2_open(&boot, info, 4096), OK);
        assert_int_equal(boot.screen, SCREEN_OTHER);
        free(info);
    }
}

TEST(only_80_by_25_text_at_b8000_is_a_text_screen)
{
    static const struct {
        uint64_t address;
        uint32_t pitch, width, height;
        uint8_t type;
        enum multiboot2_screen screen;
    } cases[] = {
        {0xb8000, 160, 80, 25, 2, SCREEN_TEXT},  {0xfd000000, 4096, 1024, 768, 1, SCREEN_OTHER},
        {0xb8000, 160, 80, 50, 2, SCREEN_OTHER}, {0xb8000, 264, 132, 25, 2, SCREEN_OTHER},
        {0xb0000, 160, 80, 25, 2, SCREEN_OTHER}, {0xb8000, 160, 80, 25, 0, SCREEN_OTHER},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct builder b = begin();
        add_screen(&b, cases[i].address, cases[i].pitch, cases[i].width, cases[i].height, cases[i].type);
        void *info = finish(&b);
        struct multiboot2 boot;
        assert_int_equal(multiboot2_open(&boot, info, b.size), OK);
        assert_int_equal(boot.screen, cases[i].screen);
        free(info);
    }
}

TEST(each_malformation_has_its_sentence)
{
    struct builder b = begin();
    add_tag(&b, 2, "no end", 6);
    expect_reason(&b, "boot information has a text that is not terminated");
    b = begin();
    add_tag(&b, 2, "", 0);
    expect_reason(&b, "boot information has a text that is not terminated");
    b = begin();
    add_map(&b, 24, 24), add_map(&b, 24, 24);
    expect_reason(&b, "boot information has two memory maps");
    b = begin();
    add_tag(&b, 6, "1234", 4);
    expect_reason(&b, "the memory map is shorter than its own header");
    static const uint32_t entry_sizes[] = {0, 1, 23, 25, 40 + 1, 0xffffffff};
    for (size_t i = 0; i < COUNT(entry_sizes); i++) {
        b = begin();
        add_map(&b, entry_sizes[i], 48);
        expect_reason(&b, "the memory map's entries have an impossible size");
    }
    b = begin();
    add_map(&b, 24, 30);
    expect_reason(&b, "the memory map ends in the middle of an entry");
    b = begin();
    add_tag(&b, 8, "short", 6);
    expect_reason(&b, "the framebuffer's description is cut short");
}

TEST(tag_sizes_that_lie_are_found)
{
    static const struct {
        uint32_t size;
        const char *reason;
    } cases[] = {
        {0, "boot information has a tag shorter than its own header"},
        {7, "boot information has a tag shorter than its own header"},
        {17, "boot information has a tag that reaches past the end"},
        {0xffffffff, "boot information has a tag that reaches past the end"},
        {16, "boot information ends without an end tag"},
        {13, "boot information ends without an end tag"},
        {8, "boot information has a tag shorter than its own header"}, // then the data is taken for a tag
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint32_t *info = calloc(6, 4);
        info[0] = 24;
        info[2] = 77; // some type
        info[3] = cases[i].size;
        info[4] = 77;
        struct multiboot2 boot;
        assert_int_equal(multiboot2_open(&boot, info, 24), ERR_BROKEN);
        assert_string_equal(boot.reason, cases[i].reason);
        free(info);
    }
}

TEST(total_sizes_that_lie_are_found)
{
    static const struct {
        uint32_t size;
        const char *reason;
    } cases[] = {
        {0, "boot information is too short to hold a tag"},
        {15, "boot information is too short to hold a tag"},
        {17, "boot information claims more bytes than there can be"},
        {0xffffffff, "boot information claims more bytes than there can be"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        uint32_t *info = calloc(4, 4);
        info[0] = cases[i].size;
        struct multiboot2 boot;
        assert_int_equal(multiboot2_open(&boot, info, 16), ERR_BROKEN);
        assert_string_equal(boot.reason, cases[i].reason);
        free(info);
    }
    _Alignas(8) unsigned char bytes[32] = {0};
    bytes[4] = 16;
    struct multiboot2 boot;
    assert_int_equal(multiboot2_open(&boot, bytes + 4, 16), ERR_BROKEN);
    assert_string_equal(boot.reason, "boot information is not 8-byte aligned");
}

TEST(information_cut_anywhere_is_refused_and_never_read_past_its_end)
{
    struct builder b = begin();
    add_text(&b, 2, "GRUB");
    add_module(&b, 0x200000, 0x201234, "init", 5);
    add_map(&b, 24, 48);
    void *whole = finish(&b);
    for (uint32_t size = 8; size < b.size; size++) {
        unsigned char *cut = malloc(size);
        memcpy(cut, whole, size);
        memcpy(cut, &size, 4);
        struct multiboot2 boot;
        assert_int_equal(multiboot2_open(&boot, cut, size), ERR_BROKEN);
        assert_non_null(boot.reason);
        free(cut);
    }
    free(whole);
}

TEST(a_malformed_module_does_not_take_the_others_along)
{
    struct builder b = begin();
    add_tag(&b, 3, "1234", 4);
    add_module(&b, 0x200000, 0x201000, "init", 4);
    add_module(&b, 0x300000, 0x2fffff, "backwards", 10);
    add_module(&b, 0x300000, 0x300000, "empty", 6);
    add_module(&b, 0x400000, 0x401000, "sound", 6);
    void *info = finish(&b);
    static const struct {
        const char *reason, *name;
    } wanted[] = {
        {"its description is cut short", ""},
        {"its name is not terminated", ""},
        {"it ends before it starts", "backwards"},
        {"it is empty", "empty"},
        {NULL, "sound"},
    };
    struct multiboot2 boot;
    struct multiboot2_module module;
    size_t place = 0, i = 0;
    assert_int_equal(multiboot2_open(&boot, info, b.size), OK);
    for (; multiboot2_module(&boot, &place, &module); i++) {
        assert_string_equal(module.name, wanted[i].name);
        if (wanted[i].reason == NULL)
            assert_null(module.reason);
        else
            assert_string_equal(module.reason, wanted[i].reason);
    }
    assert_int_equal(i, COUNT(wanted));
    free(info);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everything_that_a_loader_says_is_found),
        cmocka_unit_test(what_a_loader_does_not_say_is_empty),
        cmocka_unit_test(only_80_by_25_text_at_b8000_is_a_text_screen),
        cmocka_unit_test(uefi_firmware_has_no_text_screen),
        cmocka_unit_test(each_malformation_has_its_sentence),
        cmocka_unit_test(tag_sizes_that_lie_are_found),
        cmocka_unit_test(total_sizes_that_lie_are_found),
        cmocka_unit_test(information_cut_anywhere_is_refused_and_never_read_past_its_end),
        cmocka_unit_test(a_malformed_module_does_not_take_the_others_along),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
