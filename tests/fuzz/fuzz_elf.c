// SPDX-License-Identifier: MIT
// sources: common/elf.c common/elf_symbol.c
// The input is an image. What the reader lets through must be safe to load and to look symbols up in.
#include <stdlib.h>
#include <string.h>

#include "abi/layout.h"
#include "abi/syscall.h"
#include "common/elf.h"

static volatile size_t sink; // what is only read to be touched goes here

static void require(int claim)
{
    if (!claim) abort();
}

static void check_segments(const struct elf *elf)
{
    uint64_t free_page = USER_BASE / PAGE_SIZE;
    require(elf->segment_count >= 1 && elf->segment_count <= ELF_SEGMENTS);
    for (uint32_t i = 0; i < elf->segment_count; i++) {
        const struct elf_segment *segment = &elf->segments[i];
        uint64_t last = segment->vaddr + (segment->memsz - 1);
        require(segment->memsz > 0 && segment->filesz <= segment->memsz);
        require(segment->vaddr / PAGE_SIZE >= free_page && last >= segment->vaddr && last < USER_TOP);
        require((segment->access & (ACCESS_WRITE | ACCESS_EXECUTE)) != (ACCESS_WRITE | ACCESS_EXECUTE));
        free_page = last / PAGE_SIZE + 1;
        for (uint64_t at = 0; at < segment->filesz; at++)
            sink += elf->image[segment->offset + at];
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned char *block = malloc(size + 1); // at an odd address, and exactly as long
    memcpy(block + 1, data, size);
    struct elf elf;
    err_t err = elf_open(&elf, block + 1, size);
    require((err == OK) == (elf.reason == NULL));
    if (err == OK) {
        const uint64_t places[] = {elf.entry, elf.segments[0].vaddr, elf.segments[0].vaddr + 0x110, 0, UINT64_MAX};
        check_segments(&elf);
        for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
            const char *name;
            uint64_t offset;
            if (elf_symbol(&elf, places[i], &name, &offset) == OK) {
                require(offset <= places[i] && name[0] != 0);
                sink += strlen(name);
            }
        }
    }
    free(block);
    return 0;
}
