// SPDX-License-Identifier: MIT
// Names on the start page.
#include "common/string.h"
#include "libsys/start.h"

static bool is_named(const char *field, const char *name) { return strncmp(field, name, NAME_SIZE) == 0; }

// init has no names from anybody: its first slots are fixed.
static cap_t boot_cap(const char *name)
{
    static const struct {
        char name[8];
        uint32_t slot;
    } caps[] = {
        {"self", BOOT_SLOT_ENDPOINT}, {"clock", BOOT_SLOT_CLOCK}, {"log", BOOT_SLOT_LOG}, {"power", BOOT_SLOT_POWER}};
    for (size_t i = 0; i < sizeof caps / sizeof caps[0]; i++)
        if (strcmp(caps[i].name, name) == 0) return (cap_t){caps[i].slot};
    return NO_CAP;
}

cap_t cap_named(const char *name)
{
    if (boot_info() != NULL) return boot_cap(name);
    const struct start_page *page = start_page();
    for (uint32_t i = 0; i < page->cap_count && i < START_CAPS; i++)
        if (is_named(page->caps[i].name, name)) return (cap_t){page->caps[i].slot};
    return NO_CAP;
}

void *region_named(const char *name, uint64_t *size)
{
    const struct start_page *page = start_page();
    uint32_t count = boot_info() != NULL ? 0 : page->region_count;
    for (uint32_t i = 0; i < count && i < START_REGIONS; i++) {
        if (!is_named(page->regions[i].name, name)) continue;
        if (size != NULL) *size = page->regions[i].size;
        return (void *)page->regions[i].address;
    }
    return NULL;
}

const char *process_name(void) { return boot_info() != NULL ? "init" : start_page()->name; }
