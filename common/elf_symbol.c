// SPDX-License-Identifier: MIT
// Apart from common/elf.c, which the kernel has too: only crash reports name places in programs.
#include "common/elf_format.h"
#include "common/mem.h"

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

#define SECTION_SYMBOLS 2
#define SECTION_STRINGS 3
#define SYMBOL_TYPE(INFO) ((INFO)&15)
#define SYMBOL_NOTYPE 0 // what an assembler's label is
#define SYMBOL_FUNCTION 2

static bool read_section(const struct elf *elf, const struct elf_header *file, uint32_t index,
                         struct section_header *section)
{
    uint64_t table_size = (uint64_t)file->section_count * sizeof *section;
    if (file->section_size != sizeof *section || index >= file->section_count ||
        !elf_fits(elf, file->section_offset, table_size))
        return false;
    memcpy(section, elf->image + file->section_offset + index * sizeof *section, sizeof *section);
    return elf_fits(elf, section->offset, section->size);
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

static bool find_symbols(const struct elf *elf, const struct elf_header *file, struct section_header *table)
{
    for (uint32_t i = 0; i < file->section_count; i++)
        if (read_section(elf, file, i, table) && table->type == SECTION_SYMBOLS) return true;
    return false;
}

err_t elf_symbol(const struct elf *elf, uint64_t address, const char **name, uint64_t *offset)
{
    const struct elf_segment *code = elf_code_at(elf, address);
    struct elf_header file;
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
