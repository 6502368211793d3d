// SPDX-License-Identifier: MIT
// sources: common/elf.c common/elf_symbol.c
#include "tests/host/test.h"

#include "abi/syscall.h"
#include "common/elf.h"
#include "tests/host/elf_image.h"

static struct image image;

// The image as an exact block at an odd address: ASan sees a byte too many, UBSan an access that wants alignment.
static err_t open_copy(struct elf *elf, size_t size, unsigned char **block)
{
    *block = malloc(size + 1);
    memcpy(*block + 1, &image, size);
    return elf_open(elf, *block + 1, size);
}

static void expect_reason(const char *reason)
{
    struct elf elf;
    unsigned char *block;
    assert_int_equal(open_copy(&elf, sizeof image, &block), ERR_BROKEN);
    assert_string_equal(elf.reason, reason);
    free(block);
}

TEST(a_good_image_shows_its_segments_and_entry)
{
    struct elf elf;
    unsigned char *block;
    image_make(&image);
    assert_int_equal(open_copy(&elf, sizeof image, &block), OK);
    assert_null(elf.reason);
    assert_int_equal(elf.entry, USER_BASE + 0x10);
    assert_int_equal(elf.segment_count, 3);
    assert_int_equal(elf.segments[0].access, ACCESS_READ | ACCESS_EXECUTE);
    assert_int_equal(elf.segments[1].access, ACCESS_READ);
    assert_int_equal(elf.segments[2].access, ACCESS_READ | ACCESS_WRITE);
    assert_int_equal(elf.segments[2].vaddr, USER_BASE + 0x2008);
    assert_int_equal(elf.segments[2].offset, IMAGE_DATA + 8);
    assert_int_equal(elf.segments[2].filesz, 0x30);
    assert_int_equal(elf.segments[2].memsz, 0x3000);
    free(block);
}

#define WRONG(FIELD, VALUE, REASON) \
    do { \
        image_make(&image); \
        image.FIELD = (VALUE); \
        expect_reason(REASON); \
    } while (0)

TEST(each_wrong_header_has_its_sentence)
{
    WRONG(header.e_ident[0], 'M', "it is not an ELF file");
    WRONG(header.e_ident[EI_CLASS], ELFCLASS32, "it is not a 64-bit little-endian ELF file of version 1");
    WRONG(header.e_ident[EI_DATA], ELFDATA2MSB, "it is not a 64-bit little-endian ELF file of version 1");
    WRONG(header.e_ident[EI_VERSION], 0, "it is not a 64-bit little-endian ELF file of version 1");
    WRONG(header.e_version, 2, "it is not a 64-bit little-endian ELF file of version 1");
    WRONG(header.e_machine, EM_AARCH64, "it is for another processor");
    WRONG(header.e_type, ET_DYN, "it is not a statically linked executable");
    WRONG(header.e_type, ET_REL, "it is not a statically linked executable");
    WRONG(header.e_phentsize, 55, "program headers have the wrong size");
    WRONG(header.e_phentsize, 0, "program headers have the wrong size");
    WRONG(header.e_phoff, IMAGE_SIZE, "the program headers lie outside the file");
    WRONG(header.e_phoff, UINT64_MAX, "the program headers lie outside the file");
    WRONG(header.e_phoff, UINT64_MAX - 4 * 56 + 1, "the program headers lie outside the file");
    WRONG(header.e_phnum, 0xffff, "the program headers lie outside the file");
    WRONG(header.e_phnum, 0, "it has nothing to load");
    WRONG(header.e_entry, 0, "its entry point is not in executable code");
    WRONG(header.e_entry, USER_BASE - 1, "its entry point is not in executable code");
    WRONG(header.e_entry, USER_BASE + 0x800, "its entry point is not in executable code");
    WRONG(header.e_entry, USER_BASE + 0x1000, "its entry point is not in executable code");
    WRONG(programs[1].p_type, PT_INTERP, "it is dynamically linked");
    WRONG(programs[1].p_type, PT_DYNAMIC, "it is dynamically linked");
    WRONG(programs[1].p_type, PT_TLS, "it has thread-local storage");
}

TEST(each_wrong_segment_has_its_sentence)
{
    const char *const outside_file = "a segment lies outside the file";
    const char *const outside_user = "a segment lies outside the user half";
    const char *const page = "a segment's address and offset disagree within the page";
    WRONG(programs[0].p_filesz, IMAGE_SIZE, outside_file);
    WRONG(programs[0].p_filesz, UINT64_MAX, outside_file);
    WRONG(programs[0].p_offset, IMAGE_SIZE, outside_file);
    WRONG(programs[0].p_offset, UINT64_MAX - 0x7ff, outside_file);
    WRONG(programs[3].p_memsz, 0x2f, "a segment is smaller in memory than in the file");
    WRONG(programs[3].p_memsz, 0, "a segment is smaller in memory than in the file");
    WRONG(programs[3].p_memsz, UINT64_MAX, outside_user);
    WRONG(programs[3].p_memsz, USER_TOP - USER_BASE - 0x2008 + 1, outside_user);
    WRONG(programs[0].p_vaddr, 0, outside_user);
    WRONG(programs[0].p_vaddr, USER_BASE - 0x1000, outside_user);
    WRONG(programs[0].p_vaddr, USER_TOP, outside_user);
    WRONG(programs[0].p_vaddr, USER_TOP - 0x1000 + 0x801, outside_user);
    WRONG(programs[0].p_vaddr, KERNEL_BASE, outside_user);
    WRONG(programs[0].p_vaddr, UINT64_MAX - 0xfff, outside_user);
    WRONG(programs[0].p_vaddr, USER_BASE + 1, page);
    WRONG(programs[0].p_offset, IMAGE_TEXT + 8, page);
    WRONG(programs[0].p_align, 0x1001, "a segment has an impossible alignment");
    WRONG(programs[0].p_align, 8, "a segment has an impossible alignment");
    WRONG(programs[0].p_flags, PF_R | PF_W | PF_X, "a segment is writable and executable");
    WRONG(programs[2].p_flags, PF_W, "a segment is not readable");
    WRONG(programs[2].p_flags, 0, "a segment is not readable");
    WRONG(programs[2].p_vaddr, USER_BASE, "two segments share a page");
    WRONG(programs[0].p_memsz, 0x1001, "two segments share a page");
    WRONG(programs[3].p_vaddr, USER_BASE + 0x1008, "two segments share a page");
    WRONG(programs[0].p_vaddr, USER_BASE + 0x10000, "the segments are not in ascending order");
}

TEST(the_last_user_page_may_be_used)
{
    struct elf elf;
    unsigned char *block;
    image_make(&image);
    image.programs[3].p_memsz = USER_TOP - USER_BASE - 0x2008;
    assert_int_equal(open_copy(&elf, sizeof image, &block), OK);
    free(block);
}

TEST(sixteen_segments_are_allowed_and_seventeen_are_not)
{
    for (uint16_t count = 16; count <= 17; count++) {
        struct elf elf;
        unsigned char *block;
        image_make(&image);
        image.header.e_phnum = count;
        for (uint16_t i = 0; i < count; i++)
            image.programs[i] =
                (Elf64_Phdr){PT_LOAD, PF_R | PF_X, IMAGE_TEXT, USER_BASE + i * 0x1000u, 0, 0x20, 0x20, 0x1000};
        assert_int_equal(open_copy(&elf, sizeof image, &block), count == 16 ? OK : ERR_BROKEN);
        if (count == 17) assert_string_equal(elf.reason, "there are more than 16 segments");
        free(block);
    }
}

TEST(a_file_cut_anywhere_is_refused_or_whole_and_never_read_past_its_end)
{
    image_make(&image);
    for (size_t size = 0; size < sizeof image; size++) {
        struct elf elf;
        unsigned char *block;
        const char *name;
        uint64_t offset;
        err_t err = open_copy(&elf, size, &block);
        assert_int_equal(err, size < IMAGE_DATA + 8 + 0x30 ? ERR_BROKEN : OK);
        if (err == OK) // the segments are there, the sections behind them are not
            assert_int_equal(elf_symbol(&elf, USER_BASE + 0x110, &name, &offset),
                             size < IMAGE_SECTIONS + 3 * sizeof(Elf64_Shdr) ? ERR_NOT_FOUND : OK);
        free(block);
    }
}

static err_t symbol_at(uint64_t address, const char **name, uint64_t *offset)
{
    static struct elf elf;
    assert_int_equal(elf_open(&elf, &image, sizeof image), OK);
    return elf_symbol(&elf, address, name, offset);
}

TEST(an_address_gets_the_nearest_function_or_label_below_it)
{
    const char *name;
    uint64_t offset;
    image_make(&image);
    assert_int_equal(symbol_at(USER_BASE + 0x100, &name, &offset), OK);
    assert_string_equal(name, "main");
    assert_int_equal(offset, 0);
    assert_int_equal(symbol_at(USER_BASE + 0x17f, &name, &offset), OK); // past "table", which is no function
    assert_string_equal(name, "main");
    assert_int_equal(offset, 0x7f);
    assert_int_equal(symbol_at(USER_BASE + 0x180, &name, &offset), OK); // past main's end: the label has none
    assert_string_equal(name, "_start");
    assert_int_equal(offset, 0x170);
    assert_int_equal(symbol_at(USER_BASE + 0xf, &name, &offset), ERR_NOT_FOUND);
    assert_int_equal(symbol_at(USER_BASE + 0x800, &name, &offset), ERR_NOT_FOUND);  // behind the code
    assert_int_equal(symbol_at(USER_BASE + 0x2010, &name, &offset), ERR_NOT_FOUND); // data
    assert_int_equal(symbol_at(0, &name, &offset), ERR_NOT_FOUND);
    assert_int_equal(symbol_at(UINT64_MAX, &name, &offset), ERR_NOT_FOUND);
}

#define NO_SYMBOL(FIELD, VALUE) \
    do { \
        image_make(&image); \
        image.FIELD = (VALUE); \
        assert_int_equal(symbol_at(USER_BASE + 0x100, &name, &offset), ERR_NOT_FOUND); \
    } while (0)

TEST(a_broken_symbol_table_is_as_none)
{
    const char *name;
    uint64_t offset;
    NO_SYMBOL(header.e_shentsize, 63);
    NO_SYMBOL(header.e_shnum, 0);
    NO_SYMBOL(header.e_shnum, 0xffff);
    NO_SYMBOL(header.e_shoff, UINT64_MAX - 63);
    NO_SYMBOL(sections[1].sh_offset, IMAGE_SIZE);
    NO_SYMBOL(sections[1].sh_size, UINT64_MAX);
    NO_SYMBOL(sections[1].sh_size, 23);
    NO_SYMBOL(sections[1].sh_link, 3);
    NO_SYMBOL(sections[1].sh_link, 0xffffffff);
    NO_SYMBOL(sections[1].sh_link, 1);
    NO_SYMBOL(sections[2].sh_size, IMAGE_SIZE);
    NO_SYMBOL(symbols[2].st_name, 0);
    NO_SYMBOL(symbols[2].st_name, sizeof IMAGE_NAMES);
    NO_SYMBOL(symbols[2].st_name, 0xffffffff);
    NO_SYMBOL(sections[2].sh_size, 12); // "main" loses its NUL
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_image_shows_its_segments_and_entry),
        cmocka_unit_test(each_wrong_header_has_its_sentence),
        cmocka_unit_test(each_wrong_segment_has_its_sentence),
        cmocka_unit_test(the_last_user_page_may_be_used),
        cmocka_unit_test(sixteen_segments_are_allowed_and_seventeen_are_not),
        cmocka_unit_test(a_file_cut_anywhere_is_refused_or_whole_and_never_read_past_its_end),
        cmocka_unit_test(an_address_gets_the_nearest_function_or_label_below_it),
        cmocka_unit_test(a_broken_symbol_table_is_as_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
