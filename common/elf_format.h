// SPDX-License-Identifier: MIT
// What common/elf.c and common/elf_symbol.c share.
#pragma once

#include "common/elf.h"

struct elf_header { // Elf64_Ehdr
    uint32_t magic;
    uint8_t class, data, ident_version, rest[9];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, program_offset, section_offset;
    uint32_t flags;
    uint16_t header_size, program_size, program_count, section_size, section_count, section_names;
};
_Static_assert(sizeof(struct elf_header) == 64, "Elf64_Ehdr");

// By subtraction: offset + size could wrap, size − offset cannot.
static inline bool elf_fits(const struct elf *elf, uint64_t offset, uint64_t size)
{
    return offset <= elf->size && size <= elf->size - offset;
}

// The executable segment that holds an address, or NULL.
const struct elf_segment *elf_code_at(const struct elf *elf, uint64_t address);
