// SPDX-License-Identifier: MIT
// ELF-64 Object File Format, version 1.5, and the System V ABI for x86-64. Structures are copied out of the image
// before use (it may be misaligned), and every range is checked by subtraction: offset + size could wrap, size − offset
// cannot.
#include "common/elf.h"

#include "abi/layout.h"
#include "abi/syscall.h"
#include "common/mem.h"

struct file_header {
    unsigned char ident[16];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, program_offset, section_offset;
    uint32_t flags;
    uint16_t header_size, program_size, program_count, section_size, section_count, section_names;
};
_Static_assert(sizeof(struct file_header) == 64, "Elf64_Ehdr");

struct program_header {
    uint32_t type, flags;
    uint64_t offset, vaddr, paddr, filesz, memsz, align;
};
_Static_assert(sizeof(struct program_header) == 56, "Elf64_Phdr");

struct section_header {
    uint32_t name, type;
    uint64_t flags, address, offset, size;
    uint32_t link, info;
    uint64_t align, entry_size;
};
_Static_assert(sizeof(struct section_header) == 64, "Elf64_Shdr");

struct symbol {
    uint32_t name;
    unsigned char info, other;
    uint16_t section;
    uint64_t value, size;
};
_Static_assert(sizeof(struct symbol) == 24, "Elf64_Sym");

static const unsigned char ident_wanted[7] = {0x7f, 'E', 'L', 'F', 2 /* 64 bits */, 1 /* little-endian */, 1};

#define TYPE_EXECUTABLE 2
#define MACHINE_X86_64 62
#define PROGRAM_LOAD 1
#define PROGRAM_DYNAMIC 2
#define PROGRAM_INTERPRETER 3
#define PROGRAM_THREAD_LOCAL 7
#define FLAG_EXECUTE 1u
#define FLAG_WRITE 2u
#define FLAG_READ 4u
#define SECTION_SYMBOLS 2
#define SECTION_STRINGS 3
#define SYMBOL_TYPE(INFO) ((INFO)&15)
#define SYMBOL_NOTYPE 0 // what an assembler's label is
#define SYMBOL_FUNCTION 2

static bool fits(const struct elf *elf, uint64_t offset, uint64_t size)
{
    return offset <= elf->size && size <= elf->size - offset;
}

static uint64_t page_of(uint64_t address) { return address / PAGE_SIZE; }

// NULL: the segment is fit to be mapped.
static const char *check_segment(const struct elf *elf, const struct program_header *program)
{
    if (!fits(elf, program->offset, program->filesz)) return "a segment lies outside the file";
    if (program->memsz < program->filesz) return "a segment is smaller in memory than in the file";
    if (program->vaddr < USER_BASE || program->vaddr >= USER_TOP || program->memsz > USER_TOP - program->vaddr)
        return "a segment lies outside the user half";
    if (program->vaddr % PAGE_SIZE != program->offset % PAGE_SIZE)
        return "a segment's address and offset disagree within the page";
    if ((program->align & (program->align - 1)) != 0 || (program->align > 1 && program->align % PAGE_SIZE != 0))
        return "a segment has an impossible alignment";
    if ((program->flags & FLAG_WRITE) && (program->flags & FLAG_EXECUTE)) return "a segment is writable and executable";
    if (!(program->flags & FLAG_READ)) return "a segment is not readable";
    if (elf->segment_count == ELF_SEGMENTS) return "there are more than 16 segments";
    if (elf->segment_count > 0) {
        const struct elf_segment *last = &elf->segments[elf->segment_count - 1];
        if (program->vaddr < last->vaddr) return "the segments are not in ascending order";
        if (page_of(program->vaddr) <= page_of(last->vaddr + last->memsz - 1)) return "two segments share a page";
    }
    return NULL;
}

static const char *add_segment(struct elf *elf, const struct program_header *program)
{
    if (program->memsz == 0 && program->filesz == 0) return NULL; // a linker script with an empty section
    const char *reason = check_segment(elf, program);
    if (reason == NULL)
        elf->segments[elf->segment_count++] = (struct elf_segment){
            .vaddr = program->vaddr,
            .memsz = program->memsz,
            .offset = program->offset,
            .filesz = program->filesz,
            .access = ACCESS_READ | (program->flags & FLAG_WRITE ? ACCESS_WRITE : 0) |
                      (program->flags & FLAG_EXECUTE ? ACCESS_EXECUTE : 0),
        };
    return reason;
}

static const char *read_segments(struct elf *elf, const struct file_header *file)
{
    if (file->program_size != sizeof(struct program_header)) return "program headers have the wrong size";
    if (!fits(elf, file->program_offset, (uint64_t)file->program_count * sizeof(struct program_header)))
        return "the program headers lie outside the file";
    for (uint32_t i = 0; i < file->program_count; i++) {
        struct program_header program;
        const char *reason = NULL;
        memcpy(&program, elf->image + file->program_offset + i * sizeof program, sizeof program);
        if (program.type == PROGRAM_INTERPRETER || program.type == PROGRAM_DYNAMIC)
            reason = "it is dynamically linked";
        else if (program.type == PROGRAM_THREAD_LOCAL)
            reason = "it has thread-local storage";
        else if (program.type == PROGRAM_LOAD)
            reason = add_segment(elf, &program);
        if (reason != NULL) return reason;
    }
    return elf->segment_count == 0 ? "it has nothing to load" : NULL;
}

static const struct elf_segment *code_at(const struct elf *elf, uint64_t address)
{
    for (uint32_t i = 0; i < elf->segment_count; i++) {
        const struct elf_segment *segment = &elf->segments[i];
        if ((segment->access & ACCESS_EXECUTE) && address >= segment->vaddr &&
            address - segment->vaddr < segment->memsz)
            return segment;
    }
    return NULL;
}

static const char *read_image(struct elf *elf)
{
    struct file_header file;
    if (elf->size < sizeof file) return "it is too short for an ELF header";
    memcpy(&file, elf->image, sizeof file);
    if (memcmp(file.ident, ident_wanted, 4) != 0) return "it is not an ELF file";
    if (memcmp(file.ident, ident_wanted, sizeof ident_wanted) != 0 || file.version != 1)
        return "it is not a 64-bit little-endian ELF file of version 1";
    if (file.machine != MACHINE_X86_64) return "it is for another processor";
    if (file.type != TYPE_EXECUTABLE) return "it is not a statically linked executable";
    const char *reason = read_segments(elf, &file);
    if (reason != NULL) return reason;
    elf->entry = file.entry;
    return code_at(elf, elf->entry) == NULL ? "its entry point is not in executable code" : NULL;
}

err_t elf_open(struct elf *elf, const void *image, size_t size)
{
    elf->image = image;
    elf->size = size;
    elf->entry = 0;
    elf->segment_count = 0;
    elf->reason = read_image(elf);
    return elf->reason == NULL ? OK : ERR_BROKEN;
}

static bool read_section(const struct elf *elf, const struct file_header *file, uint32_t index,
                         struct section_header *section)
{
    uint64_t table_size = (uint64_t)file->section_count * sizeof *section;
    if (file->section_size != sizeof *section || index >= file->section_count ||
        !fits(elf, file->section_offset, table_size))
        return false;
    memcpy(section, elf->image + file->section_offset + index * sizeof *section, sizeof *section);
    return fits(elf, section->offset, section->size);
}

// The name at an offset of a string table that has checked out; NULL if it is empty or not terminated.
static const char *name_in(const struct elf *elf, const struct section_header *strings, uint32_t offset)
{
    const char *text = (const char *)elf->image + strings->offset;
    for (uint64_t i = offset; i < strings->size; i++)
        if (text[i] == 0) return i > offset ? text + offset : NULL;
    return NULL;
}

static bool may_hold(const struct elf_segment *code, const struct symbol *symbol, uint64_t address)
{
    unsigned type = SYMBOL_TYPE(symbol->info);
    return (type == SYMBOL_FUNCTION || type == SYMBOL_NOTYPE) && symbol->section != 0 && symbol->value >= code->vaddr &&
           symbol->value <= address && (symbol->size == 0 || address - symbol->value < symbol->size);
}

static bool find_symbols(const struct elf *elf, const struct file_header *file, struct section_header *table)
{
    for (uint32_t i = 0; i < file->section_count; i++)
        if (read_section(elf, file, i, table) && table->type == SECTION_SYMBOLS) return true;
    return false;
}

err_t elf_symbol(const struct elf *elf, uint64_t address, const char **name, uint64_t *offset)
{
    const struct elf_segment *code = code_at(elf, address);
    struct file_header file;
    struct section_header table, strings;
    memcpy(&file, elf->image, sizeof file);
    if (code == NULL || !find_symbols(elf, &file, &table) || !read_section(elf, &file, table.link, &strings) ||
        strings.type != SECTION_STRINGS)
        return ERR_NOT_FOUND;

    // Only the winner's name is looked at: checking each one's would take a hostile table squared steps.
    struct symbol nearest = {0};
    for (uint64_t at = 0; table.size - at >= sizeof(struct symbol); at += sizeof(struct symbol)) {
        struct symbol symbol;
        memcpy(&symbol, elf->image + table.offset + at, sizeof symbol);
        if (may_hold(code, &symbol, address) && symbol.value > nearest.value) nearest = symbol;
    }
    *name = nearest.value == 0 ? NULL : name_in(elf, &strings, nearest.name);
    *offset = address - nearest.value;
    return *name == NULL ? ERR_NOT_FOUND : OK;
}
