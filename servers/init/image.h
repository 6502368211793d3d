// SPDX-License-Identifier: MIT
// The modules that GRUB loaded: the manifest, and one executable for each of its entries. init keeps them mapped and
// never writes to them, so every life of a server starts from the same bytes.
#pragma once

#include "abi/boot.h"
#include "abi/manifest.h"
#include "common/elf.h"
#include "libsys/syscall.h"

struct image {
    cap_t module;
    const char *broken; // why it cannot be started; NULL: it can
    struct elf elf;
};

// Maps the modules and checks the manifest. Its error is the end: without the manifest there is nothing to start.
// *reason: a sentence for people.
must_use err_t images_start(const struct boot_info *info, const char **reason);

const struct manifest *manifest(void);
const struct manifest_entry *manifest_entry(uint32_t entry);
// The entry of that name; entry_count where there is none.
uint32_t entry_named(const char *name);

struct image *image_of(uint32_t entry);

// Pages of the image that need frames of their own: what is written to, and what is longer in memory than in the file.
// The others are mapped from the module itself.
bool segment_is_fresh(const struct elf_segment *segment);
uint32_t segment_pages(const struct elf_segment *segment);
uint32_t image_fresh_pages(const struct image *image);

// The symbol at an address; *name is NULL where none is known. A return address is looked up one byte lower.
void image_symbol(uint32_t entry, uint64_t address, bool is_return, const char **name, uint64_t *offset);
