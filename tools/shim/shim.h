// SPDX-License-Identifier: MIT
// A boot loader for QEMU's -kernel: takes multiboot1 data, leaves multiboot2 data as GRUB would. It is not a part of
// the system: the kernel cannot tell it from GRUB, except by the loader's name, and where it is told to forge.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAGE 4096u
#define INFO_MAX (512u * 1024)
#define MODULES_MAX 1200

// --- multiboot1 (specification 0.6.96, section 3.3), as far as QEMU fills it ---
#define MULTIBOOT1_LOADED 0x2badb002u

struct boot1 {
    uint32_t flags;
    uint32_t memory_lower, memory_upper; // KiB
    uint32_t boot_device;
    uint32_t command_line;
    uint32_t module_count, modules;
    uint32_t symbols[4];
    uint32_t map_length, map;
};

struct boot1_module {
    uint32_t start, end, text, reserved;
};

struct __attribute__((packed)) boot1_area {
    uint32_t size; // of the rest
    uint64_t base, length;
    uint32_t type;
};

// --- multiboot2 (specification 2.0, section 3.6) ---
#define MULTIBOOT2_LOADED 0x36d76289u

enum tag_type {
    TAG_END = 0,
    TAG_COMMAND_LINE = 1,
    TAG_LOADER = 2,
    TAG_MODULE = 3,
    TAG_MEMORY = 4,
    TAG_MAP = 6,
    TAG_FRAMEBUFFER = 8,
    TAG_ACPI_OLD = 14,
    TAG_ACPI_NEW = 15,
};

struct tag {
    uint32_t type, size;
};

struct module_tag {
    struct tag tag;
    uint32_t start, end;
    char text[];
};

struct area {
    uint64_t base, length;
    uint32_t type, reserved;
};

struct map_tag {
    struct tag tag;
    uint32_t entry_size, entry_version;
    struct area areas[];
};

// A module on its way: where QEMU put it, where it shall lie, and the text behind its file's name.
struct module {
    uint32_t from, size, to;
    const char *text;
};

struct loaded {
    uint32_t entry; // 32-bit address to enter
    uint32_t start; // physical, lowest and behind the highest byte
    uint32_t end;
};

// elf.c: puts the kernel's segments where its headers say.
struct loaded load_kernel(const void *image, uint32_t size);

// info.c: builds the information in a buffer of the shim's own; addresses of modules are filled in when they are known.
extern unsigned char info[INFO_MAX];
extern uint32_t info_length;
void *info_tag(enum tag_type type, uint32_t size);
void build_info(const struct boot1 *boot, const char *command_line, const struct module *modules, uint32_t count);
void place_modules(const struct module *modules, uint32_t count);

// forge.c: lies, asked for by `forge=NAME,NAME` on the command line.
bool forged(const char *command_line, const char *name);
void forge_info(const char *command_line, uint32_t info_address, const struct loaded *kernel);

// text.c
_Noreturn void fail(const char *sentence);
void *memcpy(void *to, const void *from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *a, const void *b, size_t size);
size_t strlen(const char *text);
