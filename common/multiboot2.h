// SPDX-License-Identifier: MIT
// Reads the boot information of a multiboot2 loader (Multiboot2 specification 2.0, section 3.6). Everything in it is
// hostile: nothing is read past the size that it claims for itself, and that must fit the limit the caller gives.
#pragma once

#include "abi/errors.h"
#include "abi/types.h"

#define MULTIBOOT2_MAGIC 0x36d76289u // in eax at entry
#define MULTIBOOT2_HEADER 8u         // bytes needed to learn the size

enum multiboot2_screen {
    SCREEN_UNKNOWN, // the loader says nothing
    SCREEN_TEXT,    // 80 × 25 EGA text at 0xb8000
    SCREEN_OTHER,   // graphics, or text of another form: nobody sees 0xb8000
};

struct multiboot2 {
    const char *reason;       // after ERR_BROKEN: what is wrong, for people; otherwise NULL
    const char *loader;       // "" if it has no name
    const char *options;      // the kernel's command line, "" if there is none
    const unsigned char *map; // memory map: map_count entries, map_entry_size bytes apart (common/memory_map.h)
    size_t map_entry_size;
    size_t map_count;
    const unsigned char *rsdp; // a copy of ACPI's root pointer, unchecked, the newer if there are two; NULL: none
    size_t rsdp_size;
    enum multiboot2_screen screen;
    const unsigned char *tags; // for multiboot2_module
};

// A module as the loader describes it. Whether it lies in RAM and overlaps nothing is the caller's to check.
struct multiboot2_module {
    const char *reason; // not NULL: this module is malformed, and this is why; only then start ≥ end
    const char *name;   // its command line, "" if that is not terminated
    uint64_t start;     // physical
    uint64_t end;       // the first byte behind it
};

// The size that the information claims for itself, from its first MULTIBOOT2_HEADER bytes: for who must map it first.
size_t multiboot2_size(const void *info);

// Checks the chain of tags and notes what is in it. limit: the bytes that may be read at info, at least
// MULTIBOOT2_HEADER. All pointers lead into info. OK, or ERR_BROKEN with boot->reason set; a malformed module is not
// an error here, so that it does not take the others along.
must_use err_t multiboot2_open(struct multiboot2 *boot, const void *info, size_t limit);

// After a good multiboot2_open, the next module: start with *place = 0. false: there is none left.
bool multiboot2_module(const struct multiboot2 *boot, size_t *place, struct multiboot2_module *module);
