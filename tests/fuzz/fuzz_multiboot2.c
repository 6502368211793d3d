// SPDX-License-Identifier: MIT
// sources: common/multiboot2.c common/memory_map.c
// The input is the boot information as it lies in memory.
#include <stdlib.h>
#include <string.h>

#include "common/memory_map.h"
#include "common/multiboot2.h"

static void require(int claim)
{
    if (!claim) abort();
}

static volatile size_t sink; // what is only read to be touched goes here

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < MULTIBOOT2_HEADER) return 0;
    unsigned char *info = malloc(size); // aligned, and exactly as long
    memcpy(info, data, size);
    struct multiboot2 boot;
    err_t err = multiboot2_open(&boot, info, size);
    require((err == OK) == (boot.reason == NULL));
    if (err == OK) {
        struct multiboot2_module module;
        sink = strlen(boot.loader);
        for (size_t place = 0; multiboot2_module(&boot, &place, &module);) {
            sink += strlen(module.name);
            require(module.reason != NULL || module.start < module.end);
        }
        struct frame_area areas[8];
        struct memory_map map = {.areas = areas, .capacity = 8};
        memory_map_read(&map, boot.map, boot.map_entry_size, boot.map_count);
        for (size_t i = 0; i < boot.rsdp_size; i++)
            sink += boot.rsdp[i];
    }
    free(info);
    return 0;
}
