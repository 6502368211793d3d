// SPDX-License-Identifier: MIT
// sources: common/manifest.c common/crc32.c common/utf8.c common/string.c common/mem.c
// The input is a list of changes to a good manifest: where (2 bytes) and what (1 byte). The checksum is made to fit. What
// the reader lets through must be safe to use as init does.
#include <stdlib.h>
#include <string.h>

#include "common/crc32.h"
#include "common/manifest.h"

#define ENTRIES 4u

static void require(int claim)
{
    if (!claim) abort();
}

static void fill(struct manifest *made)
{
    static const char names[ENTRIES][NAME_SIZE] = {"init", "memory", "kbd", "shell"};
    static const uint32_t priorities[ENTRIES] = {12, 20, 16, 4};
    memset(made, 0, sizeof *made + ENTRIES * sizeof(struct manifest_entry));
    made->magic = MANIFEST_MAGIC;
    made->version = MANIFEST_VERSION;
    made->size = (uint32_t)(sizeof *made + ENTRIES * sizeof(struct manifest_entry));
    made->entry_count = ENTRIES;
    made->entry_size = sizeof(struct manifest_entry);
    made->supervisor_priority = 24;
    for (uint32_t i = 0; i < ENTRIES; i++) {
        struct manifest_entry *entry = &made->entries[i];
        memcpy(entry->name, names[i], NAME_SIZE);
        strcpy(entry->about, "what it is for");
        entry->kind = i == 0 ? MANIFEST_INIT : i == 3 ? MANIFEST_PROGRAM : MANIFEST_SERVER;
        entry->priority = priorities[i];
        entry->stack_pages = 16;
        entry->table_slots = 128;
        entry->pool_frames = 32;
        entry->port_count = entry->device_count = i == 2;
        entry->calls = i == 3 ? 7 : 0;
    }
    made->entries[2].ports[0] = (struct manifest_ports){.first = 0x60, .count = 1, .access = 3};
    made->entries[2].devices[0] = (struct manifest_device){"screen", 0xb8000, 0x8000, 3};
}

static void check_entry(const struct manifest *manifest, const struct manifest_entry *entry)
{
    require(strnlen(entry->name, NAME_SIZE) < NAME_SIZE && strnlen(entry->about, MANIFEST_ABOUT) < MANIFEST_ABOUT);
    require(entry->port_count <= MANIFEST_PORTS && entry->device_count <= MANIFEST_DEVICES);
    require((entry->irqs & MANIFEST_KERNEL_IRQS) == 0);
    for (uint32_t i = 0; i < 64; i++)
        if (entry->calls & BIT(i))
            require(i < manifest->entry_count && manifest->entries[i].priority > entry->priority);
    for (uint32_t i = 0; i < entry->port_count; i++)
        require(entry->ports[i].count > 0 && entry->ports[i].first + entry->ports[i].count <= 0x10000);
    for (uint32_t i = 0; i < entry->device_count; i++)
        require(entry->devices[i].address + entry->devices[i].size > entry->devices[i].address);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const size_t whole = sizeof(struct manifest) + ENTRIES * sizeof(struct manifest_entry);
    struct manifest *made = malloc(whole); // exactly as long
    fill(made);
    for (size_t i = 0; i + 3 <= size; i += 3)
        ((uint8_t *)made)[(data[i] | (size_t)data[i + 1] << 8) % whole] = data[i + 2];
    const uint8_t *behind = (const uint8_t *)(&made->crc + 1);
    made->crc = crc32(0, behind, whole - (size_t)(behind - (const uint8_t *)made));
    const struct manifest *opened = NULL;
    err_t error = manifest_open(made, whole, &opened);
    require(error == OK || error == ERR_BROKEN);
    require(size >= 3 || error == OK);
    for (uint32_t i = 0; error == OK && i < opened->entry_count; i++)
        check_entry(opened, &opened->entries[i]);
    free(made);
    return 0;
}
