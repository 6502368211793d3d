// SPDX-License-Identifier: MIT
// The boot information in GRUB's form and order: command line, loader's name, modules, memory, map, screen, ACPI, end.
// Each tag begins at a multiple of 8; its size does not count the padding behind it.
#include "tools/shim/shim.h"

#define TEXT_SCREEN 0xb8000
#define FRAMEBUFFER_EGA_TEXT 2

#define BIOS_EBDA_SEGMENT 0x40e
#define BIOS_ROM 0xe0000
#define BIOS_ROM_END 0x100000
#define RSDP_OLD_SIZE 20

__attribute__((aligned(8))) unsigned char info[INFO_MAX];
uint32_t info_length;

void *info_tag(enum tag_type type, uint32_t size)
{
    if (info_length > INFO_MAX - 8 || size > INFO_MAX - 8 - info_length) fail("the boot information is too long");
    struct tag *tag = (struct tag *)(info + info_length);
    tag->type = type;
    tag->size = size;
    info_length += (size + 7) & ~7u;
    return tag;
}

static void text_tag(enum tag_type type, const char *text)
{
    uint32_t length = strlen(text) + 1;
    struct tag *tag = info_tag(type, sizeof(*tag) + length);
    memcpy(tag + 1, text, length);
}

static void module_tags(const struct module *modules, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t length = strlen(modules[i].text) + 1;
        struct module_tag *tag = info_tag(TAG_MODULE, sizeof(*tag) + length);
        memcpy(tag->text, modules[i].text, length);
    }
}

static void memory_tags(const struct boot1 *boot)
{
    uint32_t *memory = info_tag(TAG_MEMORY, 16);
    memory[2] = boot->memory_lower;
    memory[3] = boot->memory_upper;

    struct map_tag *map = info_tag(TAG_MAP, sizeof(*map));
    map->entry_size = sizeof(struct area);
    map->entry_version = 0;
    for (uint32_t at = boot->map; at < boot->map + boot->map_length;) {
        const struct boot1_area *from = (const void *)at;
        struct area *to = (struct area *)(info + info_length);
        info_length += sizeof(*to);
        map->tag.size += sizeof(*to);
        *to = (struct area){from->base, from->length, from->type, 0};
        at += from->size + sizeof(from->size);
    }
}

static void screen_tag(void)
{
    struct __attribute__((packed)) {
        struct tag tag;
        uint64_t address;
        uint32_t pitch, width, height;
        uint8_t bits, type;
        uint16_t reserved;
    } *screen = info_tag(TAG_FRAMEBUFFER, 32);
    screen->address = TEXT_SCREEN;
    screen->pitch = 160;
    screen->width = 80;
    screen->height = 25;
    screen->bits = 16;
    screen->type = FRAMEBUFFER_EGA_TEXT;
}

static bool sums_to_zero(const unsigned char *bytes, uint32_t size)
{
    uint8_t sum = 0;
    for (uint32_t i = 0; i < size; i++)
        sum = (uint8_t)(sum + bytes[i]);
    return sum == 0;
}

// ACPI specification 6.5, section 5.2.5.1: on a 16-byte boundary of the first KiB of the EBDA or of the BIOS ROM.
static const unsigned char *find_rsdp(uint32_t from, uint32_t to)
{
    for (uint32_t at = from; at + RSDP_OLD_SIZE <= to; at += 16) {
        const unsigned char *p = (const unsigned char *)at;
        if (memcmp(p, "RSD PTR ", 8) == 0 && sums_to_zero(p, RSDP_OLD_SIZE)) return p;
    }
    return NULL;
}

static void acpi_tags(void)
{
    uint32_t segment_at = BIOS_EBDA_SEGMENT;
    __asm__("" : "+r"(segment_at)); // GCC takes a constant address this low for a mistake
    uint32_t ebda = (uint32_t) * (const volatile uint16_t *)segment_at << 4;
    const unsigned char *rsdp = ebda ? find_rsdp(ebda, ebda + 1024) : NULL;
    if (!rsdp) rsdp = find_rsdp(BIOS_ROM, BIOS_ROM_END);
    if (!rsdp) return;
    struct tag *old = info_tag(TAG_ACPI_OLD, sizeof(*old) + RSDP_OLD_SIZE);
    memcpy(old + 1, rsdp, RSDP_OLD_SIZE);
    if (rsdp[15] < 2) return;
    uint32_t length;
    memcpy(&length, rsdp + 20, sizeof(length));
    struct tag *new = info_tag(TAG_ACPI_NEW, sizeof(*new) + length);
    memcpy(new + 1, rsdp, length);
}

void build_info(const struct boot1 *boot, const char *command_line, const struct module *modules, uint32_t count)
{
    info_length = 8;
    text_tag(TAG_COMMAND_LINE, command_line);
    text_tag(TAG_LOADER, "Annulet shim");
    module_tags(modules, count);
    memory_tags(boot);
    screen_tag();
    acpi_tags();
    info_tag(TAG_END, sizeof(struct tag));
    memcpy(info, &info_length, sizeof(info_length));
}

void place_modules(const struct module *modules, uint32_t count)
{
    uint32_t i = 0;
    for (uint32_t at = 8; at < info_length && i < count;) {
        struct module_tag *tag = (struct module_tag *)(info + at);
        if (tag->tag.type == TAG_MODULE) {
            tag->start = modules[i].to;
            tag->end = modules[i].to + modules[i].size;
            i++;
        }
        at += (tag->tag.size + 7) & ~7u;
    }
}
