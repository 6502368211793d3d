// SPDX-License-Identifier: MIT
// A small good ELF image to spoil: three segments (code, read-only data, data with .bss) and a symbol table. The
// structures are Linux's own, so the reader under test is checked against another's idea of the format.
#pragma once

#include <elf.h>
#include <string.h>

#include "abi/layout.h"

#define IMAGE_TEXT 0x1000u
#define IMAGE_RODATA 0x2000u
#define IMAGE_DATA 0x3000u
#define IMAGE_SYMBOLS 0x3100u
#define IMAGE_STRINGS 0x3300u
#define IMAGE_SECTIONS 0x3400u
#define IMAGE_SIZE 0x3500u
#define IMAGE_NAMES "\0_start\0main\0table\0file.c"

struct image {
    Elf64_Ehdr header;
    Elf64_Phdr programs[20];
    unsigned char gap[IMAGE_SYMBOLS - sizeof(Elf64_Ehdr) - 20 * sizeof(Elf64_Phdr)];
    Elf64_Sym symbols[8];
    unsigned char gap_strings[IMAGE_STRINGS - IMAGE_SYMBOLS - 8 * sizeof(Elf64_Sym)];
    char strings[IMAGE_SECTIONS - IMAGE_STRINGS];
    Elf64_Shdr sections[3];
    unsigned char rest[IMAGE_SIZE - IMAGE_SECTIONS - 3 * sizeof(Elf64_Shdr)];
};
_Static_assert(sizeof(struct image) == IMAGE_SIZE, "the parts lie where their offsets say");

static inline void image_make(struct image *image)
{
    memset(image, 0, sizeof *image);
    image->header = (Elf64_Ehdr){
        .e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_EXEC,
        .e_machine = EM_X86_64,
        .e_version = EV_CURRENT,
        .e_entry = USER_BASE + 0x10,
        .e_phoff = sizeof(Elf64_Ehdr),
        .e_shoff = IMAGE_SECTIONS,
        .e_ehsize = sizeof(Elf64_Ehdr),
        .e_phentsize = sizeof(Elf64_Phdr),
        .e_phnum = 4,
        .e_shentsize = sizeof(Elf64_Shdr),
        .e_shnum = 3,
    };
    image->programs[0] = (Elf64_Phdr){PT_LOAD, PF_R | PF_X, IMAGE_TEXT, USER_BASE, 0, 0x800, 0x800, 0x1000};
    image->programs[1] = (Elf64_Phdr){PT_GNU_STACK, PF_R | PF_W, 0, 0, 0, 0, 0, 16};
    image->programs[2] = (Elf64_Phdr){PT_LOAD, PF_R, IMAGE_RODATA, USER_BASE + 0x1000, 0, 0x20, 0x20, 0x1000};
    image->programs[3] =
        (Elf64_Phdr){PT_LOAD, PF_R | PF_W, IMAGE_DATA + 8, USER_BASE + 0x2008, 0, 0x30, 0x3000, 0x1000};
    memcpy(image->strings, IMAGE_NAMES, sizeof IMAGE_NAMES);
    image->symbols[1] = (Elf64_Sym){20, ELF64_ST_INFO(STB_LOCAL, STT_FILE), 0, SHN_ABS, 0, 0};
    image->symbols[2] = (Elf64_Sym){8, ELF64_ST_INFO(STB_GLOBAL, STT_FUNC), 0, 1, USER_BASE + 0x100, 0x80};
    image->symbols[3] = (Elf64_Sym){1, ELF64_ST_INFO(STB_GLOBAL, STT_NOTYPE), 0, 1, USER_BASE + 0x10, 0};
    image->symbols[4] = (Elf64_Sym){13, ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT), 0, 1, USER_BASE + 0x120, 8};
    image->sections[1] = (Elf64_Shdr){.sh_type = SHT_SYMTAB,
                                      .sh_offset = IMAGE_SYMBOLS,
                                      .sh_size = 5 * sizeof(Elf64_Sym),
                                      .sh_link = 2,
                                      .sh_entsize = sizeof(Elf64_Sym)};
    image->sections[2] = (Elf64_Shdr){.sh_type = SHT_STRTAB, .sh_offset = IMAGE_STRINGS, .sh_size = sizeof IMAGE_NAMES};
}
