// SPDX-License-Identifier: MIT
// A small, strict reader of static ELF64 executables for x86-64. The image is hostile until it has been checked: it may
// be of any content and length and at any alignment, and nothing outside it is ever read. It must not change while in
// use.
#pragma once

#include "abi/errors.h"
#include "abi/types.h"

#define ELF_SEGMENTS 16

// A PT_LOAD segment that has passed the checks: its pages lie in [USER_BASE, USER_TOP) and overlap no other segment's,
// [offset, offset + filesz) lies in the image, filesz ≤ memsz, and it is not both writable and executable.
struct elf_segment {
    uint64_t vaddr; // vaddr and offset agree modulo the page size; vaddr need not be the start of a page
    uint64_t memsz; // never 0
    uint64_t offset;
    uint64_t filesz; // the rest, up to memsz, is zero
    uint32_t access; // ACCESS_READ, ACCESS_WRITE, ACCESS_EXECUTE (abi/syscall.h)
};

struct elf {
    const unsigned char *image;
    size_t size;
    uint64_t entry;         // lies in an executable segment
    uint32_t segment_count; // at least 1, in ascending order of addresses
    const char *reason;     // after ERR_BROKEN: what is wrong, for people; otherwise NULL
    struct elf_segment segments[ELF_SEGMENTS];
};

// OK, or ERR_BROKEN with elf->reason set.
must_use err_t elf_open(struct elf *elf, const void *image, size_t size);

// The symbol that holds an address, after a good elf_open. For a return address ask for one byte less: it may already
// belong to the next function. *name points into the image and may be of any length: print it with a precision.
// ERR_NOT_FOUND: there is no symbol table, it is broken, or nothing covers the address.
must_use err_t elf_symbol(const struct elf *elf, uint64_t address, const char **name, uint64_t *offset);
