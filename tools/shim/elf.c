// SPDX-License-Identifier: MIT
// Loads kernel.elf (ELF64, System V gABI) by the physical addresses of its PT_LOAD segments, as GRUB does.
#include "tools/shim/shim.h"

struct header {
    unsigned char magic[4];
    unsigned char class, data, version, padding[9];
    uint16_t type, machine;
    uint32_t version2;
    uint64_t entry, program_headers, section_headers;
    uint32_t flags;
    uint16_t size, program_size, program_count, section_size, section_count, names;
};

struct segment {
    uint32_t type, flags;
    uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

#define CLASS_64 2
#define PT_LOAD 1

extern const char shim_start[];

struct loaded load_kernel(const void *image, uint32_t size)
{
    const struct header *h = image;
    if (size < sizeof(*h) || memcmp(h->magic, "\177ELF", 4) != 0 || h->class != CLASS_64)
        fail("the first module is no ELF64 image");
    if (h->program_size != sizeof(struct segment) || h->program_headers > size ||
        (size - (uint32_t)h->program_headers) / sizeof(struct segment) < h->program_count)
        fail("the kernel's program headers lie outside its file");

    const struct segment *segments = (const void *)((const char *)image + (uint32_t)h->program_headers);
    struct loaded kernel = {.entry = (uint32_t)h->entry, .start = UINT32_MAX, .end = 0};
    for (uint32_t i = 0; i < h->program_count; i++) {
        const struct segment *s = &segments[i];
        if (s->type != PT_LOAD || s->memsz == 0) continue;
        if (s->filesz > s->memsz || s->offset > size || s->filesz > size - s->offset)
            fail("a segment of the kernel lies outside its file");
        if (s->paddr > (uintptr_t)shim_start || s->memsz > (uintptr_t)shim_start - s->paddr)
            fail("a segment of the kernel reaches above 16 MiB");
        char *to = (char *)(uint32_t)s->paddr;
        memcpy(to, (const char *)image + (uint32_t)s->offset, (size_t)s->filesz);
        memset(to + (size_t)s->filesz, 0, (size_t)(s->memsz - s->filesz));
        uint32_t end = (uint32_t)(s->paddr + s->memsz);
        if (end > kernel.end) kernel.end = end;
        if ((uint32_t)s->paddr < kernel.start) kernel.start = (uint32_t)s->paddr;
    }
    return kernel;
}
