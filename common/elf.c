// SPDX-License-Identifier: MIT
// ELF-64 Object File Format, version 1.5, and the System V ABI for x86-64. Structures are copied out of the image
// before use: it may be misaligned.
#include "abi/layout.h"
#include "abi/syscall.h"
#include "common/elf_format.h"
#include "common/mem.h"

struct program_header {
    uint32_t type, flags;
    uint64_t offset, vaddr, paddr, filesz, memsz, align;
};
_Static_assert(sizeof(struct program_header) == 56, "Elf64_Phdr");

#define MAGIC 0x464c457fu // 7f "ELF"
#define CLASS_64 2
#define DATA_LITTLE_ENDIAN 1
#define TYPE_EXECUTABLE 2
#define MACHINE_X86_64 62
#define PROGRAM_LOAD 1
#define PROGRAM_DYNAMIC 2
#define PROGRAM_INTERPRETER 3
#define PROGRAM_THREAD_LOCAL 7
#define FLAG_EXECUTE 1u
#define FLAG_WRITE 2u
#define FLAG_READ 4u

// The functions below return NULL, or what is wrong.

static const char *check_segment(const struct elf *elf, const struct program_header *p)
{
    if (!elf_fits(elf, p->offset, p->filesz)) return "a segment lies outside the file";
    if (p->memsz < p->filesz) return "a segment is smaller in memory than in the file";
    if (p->vaddr < USER_BASE || p->vaddr >= USER_TOP || p->memsz > USER_TOP - p->vaddr)
        return "a segment lies outside the user half";
    if ((p->vaddr ^ p->offset) % PAGE_SIZE != 0) return "a segment's address and offset disagree within the page";
    if ((p->align & (p->align - 1)) != 0 || (p->align > 1 && p->align < PAGE_SIZE))
        return "a segment has an impossible alignment";
    if ((p->flags & FLAG_WRITE) && (p->flags & FLAG_EXECUTE)) return "a segment is writable and executable";
    if (!(p->flags & FLAG_READ)) return "a segment is not readable";
    if (elf->segment_count == ELF_SEGMENTS) return "there are more than 16 segments";
    if (elf->segment_count == 0) return NULL;
    const struct elf_segment *last = &elf->segments[elf->segment_count - 1];
    if (p->vaddr < last->vaddr) return "the segments are not in ascending order";
    if (p->vaddr / PAGE_SIZE <= (last->vaddr + last->memsz - 1) / PAGE_SIZE) return "two segments share a page";
    return NULL;
}

static const char *read_program_header(struct elf *elf, const struct program_header *p)
{
    if (p->type == PROGRAM_INTERPRETER || p->type == PROGRAM_DYNAMIC) return "it is dynamically linked";
    if (p->type == PROGRAM_THREAD_LOCAL) return "it has thread-local storage";
    if (p->type != PROGRAM_LOAD || (p->memsz == 0 && p->filesz == 0)) // empty: a linker script's empty section
        return NULL;
    const char *reason = check_segment(elf, p);
    if (reason == NULL)
        elf->segments[elf->segment_count++] = (struct elf_segment){
            p->vaddr, p->memsz, p->offset, p->filesz,
            ACCESS_READ | (p->flags & FLAG_WRITE ? ACCESS_WRITE : 0) | (p->flags & FLAG_EXECUTE ? ACCESS_EXECUTE : 0)};
    return reason;
}

static const char *read_image(struct elf *elf)
{
    struct elf_header file;
    if (elf->size < sizeof file) return "it is too short for an ELF header";
    memcpy(&file, elf->image, sizeof file);
    if (file.magic != MAGIC) return "it is not an ELF file";
    if (file.class != CLASS_64 || file.data != DATA_LITTLE_ENDIAN || file.ident_version != 1 || file.version != 1)
        return "it is not a 64-bit little-endian ELF file of version 1";
    if (file.machine != MACHINE_X86_64) return "it is for another processor";
    if (file.type != TYPE_EXECUTABLE) return "it is not a statically linked executable";
    struct program_header program;
    if (file.program_size != sizeof program) return "program headers have the wrong size";
    if (!elf_fits(elf, file.program_offset, file.program_count * sizeof program))
        return "the program headers lie outside the file";
    for (uint32_t i = 0; i < file.program_count; i++) {
        memcpy(&program, elf->image + file.program_offset + i * sizeof program, sizeof program);
        const char *reason = read_program_header(elf, &program);
        if (reason != NULL) return reason;
    }
    if (elf->segment_count == 0) return "it has nothing to load";
    elf->entry = file.entry;
    if (elf_code_at(elf, elf->entry) == NULL) return "its entry point is not in executable code";
    return NULL;
}

err_t elf_open(struct elf *elf, const void *image, size_t size)
{
    *elf = (struct elf){.image = image, .size = size};
    elf->reason = read_image(elf);
    return elf->reason == NULL ? OK : ERR_BROKEN;
}

const struct elf_segment *elf_code_at(const struct elf *elf, uint64_t address)
{
    for (const struct elf_segment *s = elf->segments; s < elf->segments + elf->segment_count; s++)
        if ((s->access & ACCESS_EXECUTE) && address >= s->vaddr && address - s->vaddr < s->memsz) return s;
    return NULL;
}
