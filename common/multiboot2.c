// SPDX-License-Identifier: MIT
// All checks compare with what remains: a sum of two hostile numbers could wrap.
#include "common/multiboot2.h"

#include "common/memory_map.h"
#include "common/string.h"

// The information is an 8-byte header (total size, reserved) and tags, each padded to 8 bytes, the last of type 0.
struct tag {
    uint32_t type, size; // the size without the padding
    uint32_t words[];
};

enum tag_type {
    TAG_END = 0,
    TAG_OPTIONS = 1,
    TAG_LOADER = 2,
    TAG_MODULE = 3,
    TAG_MEMORY_MAP = 6,
    TAG_FRAMEBUFFER = 8,
    TAG_UEFI_32 = 11, // the firmware's system table: it is no BIOS
    TAG_UEFI_64 = 12,
    TAG_RSDP_OLD = 14, // ACPI 1.0
    TAG_RSDP_NEW = 15, // ACPI 2.0 and later
};

#define FRAMEBUFFER_TEXT 2 // type of a framebuffer

size_t multiboot2_size(const void *info) { return *(const uint32_t *)info; }

static size_t padded_size(const struct tag *tag) { return ((size_t)tag->size + 7) & ~(size_t)7; }

// The text from byte `at` of a tag on; NULL when no NUL closes it.
static const char *text_in(const struct tag *tag, size_t at)
{
    const char *text = (const char *)tag + at;
    return strnlen(text, tag->size - at) < tag->size - at ? text : NULL;
}

// {u32 entry size, u32 version, entries}
static const char *note_map(struct multiboot2 *boot, const struct tag *tag)
{
    if (boot->map != NULL) return "boot information has two memory maps";
    if (tag->size < 16) return "the memory map is shorter than its own header";
    boot->map = (const unsigned char *)&tag->words[2];
    boot->map_entry_size = tag->words[0];
    if (boot->map_entry_size < MEMORY_ENTRY_SIZE || boot->map_entry_size % 8 != 0)
        return "the memory map's entries have an impossible size";
    boot->map_count = (tag->size - 16) / boot->map_entry_size;
    return (tag->size - 16) % boot->map_entry_size != 0 ? "the memory map ends in the middle of an entry" : NULL;
}

// {u64 address, u32 pitch, u32 width, u32 height, u8 bits, u8 type}; for text, width and height count characters.
static const char *note_screen(struct multiboot2 *boot, const struct tag *tag)
{
    const uint32_t *w = tag->words;
    if (tag->size < 30) return "the framebuffer's description is cut short";
    bool text = w[0] == 0xb8000 && w[1] == 0 && w[2] == 160 && w[3] == 80 && w[4] == 25 &&
                ((const unsigned char *)tag)[29] == FRAMEBUFFER_TEXT;
    boot->screen = text ? SCREEN_TEXT : SCREEN_OTHER;
    return NULL;
}

static const char *note_text(const char **text, const struct tag *tag)
{
    *text = text_in(tag, 8);
    return *text == NULL ? "boot information has a text that is not terminated" : NULL;
}

static const char *note(struct multiboot2 *boot, const struct tag *tag)
{
    switch (tag->type) {
    case TAG_OPTIONS:
        return note_text(&boot->options, tag);
    case TAG_LOADER:
        return note_text(&boot->loader, tag);
    case TAG_MEMORY_MAP:
        return note_map(boot, tag);
    case TAG_FRAMEBUFFER:
        return note_screen(boot, tag);
    case TAG_UEFI_32:
    case TAG_UEFI_64: // has no text mode; without a framebuffer's tag (of graphics) nothing else would say so
        boot->screen = SCREEN_OTHER;
        return NULL;
    case TAG_RSDP_OLD:
        if (boot->rsdp != NULL) return NULL;
        // fall through
    case TAG_RSDP_NEW:
        boot->rsdp = (const unsigned char *)tag->words;
        boot->rsdp_size = tag->size - 8;
    }
    return NULL;
}

static const char *read_information(struct multiboot2 *boot, const unsigned char *at, size_t limit)
{
    if ((uintptr_t)at % 8 != 0) return "boot information is not 8-byte aligned";
    size_t left = multiboot2_size(at), step = MULTIBOOT2_HEADER;
    if (left < 16) return "boot information is too short to hold a tag";
    if (left > limit) return "boot information claims more bytes than there can be";
    boot->tags = at + MULTIBOOT2_HEADER;
    for (;;) {
        at += step;
        left -= step;
        const struct tag *tag = (const void *)at;
        if (left < sizeof *tag) return "boot information ends without an end tag";
        if (tag->size < sizeof *tag) return "boot information has a tag shorter than its own header";
        if (tag->size > left) return "boot information has a tag that reaches past the end";
        if (tag->type == TAG_END) return NULL;
        const char *reason = note(boot, tag);
        if (reason != NULL) return reason;
        step = padded_size(tag) < left ? padded_size(tag) : left;
    }
}

err_t multiboot2_open(struct multiboot2 *boot, const void *info, size_t limit)
{
    *boot = (struct multiboot2){.loader = "", .options = ""};
    boot->reason = read_information(boot, info, limit);
    return boot->reason == NULL ? OK : ERR_BROKEN;
}

static struct multiboot2_module read_module(const struct tag *tag)
{
    if (tag->size < 16) return (struct multiboot2_module){"its description is cut short", "", 0, 0};
    const char *name = text_in(tag, 16);
    struct multiboot2_module module = {NULL, name == NULL ? "" : name, tag->words[0], tag->words[1]};
    if (name == NULL) module.reason = "its name is not terminated";
    if (module.end == module.start) module.reason = "it is empty";
    if (module.end < module.start) module.reason = "it ends before it starts";
    return module;
}

bool multiboot2_module(const struct multiboot2 *boot, size_t *place, struct multiboot2_module *module)
{
    for (;;) {
        const struct tag *tag = (const void *)(boot->tags + *place);
        if (tag->type == TAG_END) return false;
        *place += padded_size(tag);
        if (tag->type != TAG_MODULE) continue;
        *module = read_module(tag);
        return true;
    }
}
