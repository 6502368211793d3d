// SPDX-License-Identifier: MIT
// The information is an 8-byte header (total size, reserved) and tags: {u32 type, u32 size, data}, each padded to 8
// bytes, the last of type 0. All checks compare with what remains: a sum of two hostile numbers could wrap.
#include "common/multiboot2.h"

#include "common/mem.h"
#include "common/memory_map.h"

enum tag_type {
    TAG_END = 0,
    TAG_COMMAND_LINE = 1,
    TAG_LOADER = 2,
    TAG_MODULE = 3,
    TAG_MEMORY_MAP = 6,
    TAG_FRAMEBUFFER = 8,
    TAG_RSDP_OLD = 14, // ACPI 1.0
    TAG_RSDP_NEW = 15, // ACPI 2.0 and later
};

#define TAG_HEADER 8u
#define RSDP_OLD_SIZE 20u
#define RSDP_NEW_SIZE 36u
#define FRAMEBUFFER_TEXT 2 // type of a framebuffer tag

struct tag {
    uint32_t type;
    const unsigned char *data;
    size_t size; // of the data
};

static uint32_t load32(const unsigned char *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static uint64_t load64(const unsigned char *at)
{
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

// NULL when no NUL closes it.
static const char *text_in(const unsigned char *data, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (data[i] == 0) return (const char *)data;
    return NULL;
}

size_t multiboot2_size(const void *info) { return load32(info); }

// Moves *place behind the tag there. NULL, or what is wrong with it.
static const char *next_tag(const unsigned char *tags, size_t size, size_t *place, struct tag *tag)
{
    size_t left = size - *place;
    if (left < TAG_HEADER) return "boot information ends without an end tag";
    uint32_t tag_size = load32(tags + *place + 4);
    if (tag_size < TAG_HEADER) return "boot information has a tag shorter than its own header";
    if (tag_size > left) return "boot information has a tag that reaches past the end";
    *tag = (struct tag){load32(tags + *place), tags + *place + TAG_HEADER, tag_size - TAG_HEADER};
    size_t padded = ((size_t)tag_size + 7) & ~(size_t)7;
    *place += padded < left ? padded : left;
    return NULL;
}

static const char *note_text(const char **text, const struct tag *tag)
{
    *text = text_in(tag->data, tag->size);
    return *text == NULL ? "boot information has a text that is not terminated" : NULL;
}

static const char *note_map(struct multiboot2 *boot, const struct tag *tag)
{
    if (boot->map != NULL) return "boot information has two memory maps";
    if (tag->size < 8) return "the memory map is shorter than its own header";
    size_t entry_size = load32(tag->data);
    if (entry_size < MEMORY_ENTRY_SIZE || entry_size % 8 != 0)
        return "the memory map's entries have an impossible size";
    boot->map = tag->data + 8;
    boot->map_entry_size = entry_size;
    boot->map_count = (tag->size - 8) / entry_size;
    return (tag->size - 8) % entry_size != 0 ? "the memory map ends in the middle of an entry" : NULL;
}

// {u64 address, u32 pitch, u32 width, u32 height, u8 bits, u8 type}; for text, width and height count characters.
static const char *note_screen(struct multiboot2 *boot, const struct tag *tag)
{
    if (tag->size < 22) return "the framebuffer's description is cut short";
    bool text = tag->data[21] == FRAMEBUFFER_TEXT && load64(tag->data) == 0xb8000 && load32(tag->data + 8) == 160 &&
                load32(tag->data + 12) == 80 && load32(tag->data + 16) == 25;
    boot->screen = text ? SCREEN_TEXT : SCREEN_OTHER;
    return NULL;
}

static const char *note_rsdp(struct multiboot2 *boot, const struct tag *tag, size_t size_wanted)
{
    if (tag->size < size_wanted) return "the copy of ACPI's root pointer is cut short";
    if (size_wanted > boot->rsdp_size) {
        boot->rsdp = tag->data;
        boot->rsdp_size = size_wanted;
    }
    return NULL;
}

static const char *note(struct multiboot2 *boot, const struct tag *tag)
{
    switch (tag->type) {
    case TAG_COMMAND_LINE:
        return note_text(&boot->command_line, tag);
    case TAG_LOADER:
        return note_text(&boot->loader, tag);
    case TAG_MODULE:
        boot->module_count++;
        return NULL;
    case TAG_MEMORY_MAP:
        return note_map(boot, tag);
    case TAG_FRAMEBUFFER:
        return note_screen(boot, tag);
    case TAG_RSDP_OLD:
        return note_rsdp(boot, tag, RSDP_OLD_SIZE);
    case TAG_RSDP_NEW:
        return note_rsdp(boot, tag, RSDP_NEW_SIZE);
    }
    return NULL; // what nobody here needs
}

static const char *read_tags(struct multiboot2 *boot)
{
    for (size_t place = 0;;) {
        struct tag tag;
        const char *reason = next_tag(boot->tags, boot->tags_size, &place, &tag);
        if (reason != NULL || tag.type == TAG_END) return reason;
        reason = note(boot, &tag);
        if (reason != NULL) return reason;
    }
}

err_t multiboot2_open(struct multiboot2 *boot, const void *info, size_t limit)
{
    *boot = (struct multiboot2){.command_line = "", .loader = ""};
    size_t size = multiboot2_size(info);
    if ((uintptr_t)info % 8 != 0)
        boot->reason = "boot information is not 8-byte aligned";
    else if (size < MULTIBOOT2_HEADER + TAG_HEADER)
        boot->reason = "boot information is too short to hold a tag";
    else if (size > limit)
        boot->reason = "boot information claims more bytes than there can be";
    if (boot->reason == NULL) {
        boot->tags = (const unsigned char *)info + MULTIBOOT2_HEADER;
        boot->tags_size = size - MULTIBOOT2_HEADER;
        boot->reason = read_tags(boot);
    }
    return boot->reason == NULL ? OK : ERR_BROKEN;
}

static struct multiboot2_module read_module(const struct tag *tag)
{
    struct multiboot2_module module = {.name = ""};
    if (tag->size < 8) {
        module.reason = "its description is cut short";
        return module;
    }
    const char *name = text_in(tag->data + 8, tag->size - 8);
    module.start = load32(tag->data);
    module.end = load32(tag->data + 4);
    if (name == NULL)
        module.reason = "its name is not terminated";
    else
        module.name = name;
    if (module.end < module.start)
        module.reason = "it ends before it starts";
    else if (module.end == module.start)
        module.reason = "it is empty";
    return module;
}

bool multiboot2_module(const struct multiboot2 *boot, size_t *place, struct multiboot2_module *module)
{
    struct tag tag;
    while (next_tag(boot->tags, boot->tags_size, place, &tag) == NULL && tag.type != TAG_END) {
        if (tag.type == TAG_MODULE) {
            *module = read_module(&tag);
            return true;
        }
    }
    return false;
}
