// SPDX-License-Identifier: MIT
#include "servers/init/image.h"

#include "common/manifest.h"
#include "common/string.h"

#define MODULES 0x0000100000000000 // where init sees the modules, one behind the other

static struct image images[MANIFEST_ENTRIES];
static const struct manifest *the_manifest;

const struct manifest *manifest(void) { return the_manifest; }

const struct manifest_entry *manifest_entry(uint32_t entry) { return &the_manifest->entries[entry]; }

uint32_t entry_named(const char *name)
{
    int place = manifest_find(the_manifest, name);
    return place < 0 ? the_manifest->entry_count : (uint32_t)place;
}

struct image *image_of(uint32_t entry) { return &images[entry]; }

static const struct boot_module *find_module(const struct boot_info *info, const char *name)
{
    for (uint32_t i = 0; i < info->module_count && i < BOOT_MODULES; i++)
        if (strncmp(info->modules[i].name, name, NAME_SIZE) == 0) return &info->modules[i];
    return NULL;
}

// Maps a module behind the last one. NULL: *reason says why.
static const void *map_module(const struct boot_module *module, const char **reason)
{
    static uint64_t next = MODULES;
    if (!module || !module->slot) {
        *reason = module ? "was refused by the kernel" : "is missing";
        return NULL;
    }
    uint64_t pages = (module->size + PAGE_SIZE - 1) / PAGE_SIZE;
    vaddr_t at = {next};
    if (pages == 0 || memory_map((cap_t){module->slot}, (cap_t){BOOT_SLOT_SELF}, at, 0, pages, ACCESS_READ) != OK) {
        *reason = pages ? "cannot be mapped" : "is empty";
        return NULL;
    }
    next += pages * PAGE_SIZE;
    return (const void *)at.raw;
}

err_t images_start(const struct boot_info *info, const char **reason)
{
    const struct boot_module *module = find_module(info, MANIFEST_MODULE);
    const void *bytes = map_module(module, reason);
    if (!bytes) return ERR_NOT_FOUND;
    err_t err = manifest_open(bytes, module->size, &the_manifest);
    if (err != OK) {
        *reason = "is corrupt";
        return err;
    }
    for (uint32_t i = 1; i < the_manifest->entry_count; i++) {
        struct image *image = &images[i];
        module = find_module(info, the_manifest->entries[i].name);
        bytes = map_module(module, &image->broken);
        if (!bytes) continue;
        image->module = (cap_t){module->slot};
        if (elf_open(&image->elf, bytes, module->size) != OK) image->broken = image->elf.reason;
    }
    return OK;
}

bool segment_is_fresh(const struct elf_segment *segment)
{
    return segment->access & ACCESS_WRITE || segment->filesz < segment->memsz;
}

uint32_t segment_pages(const struct elf_segment *segment)
{
    uint64_t first = segment->vaddr / PAGE_SIZE, end = (segment->vaddr + segment->memsz + PAGE_SIZE - 1) / PAGE_SIZE;
    return (uint32_t)(end - first);
}

uint32_t image_fresh_pages(const struct image *image)
{
    uint32_t pages = 0;
    for (uint32_t i = 0; i < image->elf.segment_count; i++)
        if (segment_is_fresh(&image->elf.segments[i])) pages += segment_pages(&image->elf.segments[i]);
    return pages;
}

void image_symbol(uint32_t entry, uint64_t address, bool is_return, const char **name, uint64_t *offset)
{
    *name = NULL;
    *offset = 0;
    const struct image *image = &images[entry];
    if (!image->module.slot || image->broken) return;
    if (elf_symbol(&image->elf, address - is_return, name, offset) != OK) *name = NULL;
    *offset += is_return;
}
