// SPDX-License-Identifier: MIT
// Boot data that no honest loader makes: `forge=NAME,NAME`. Each lie is one function on the finished information, so
// that the rest stays as GRUB writes it. docs/ says what the kernel answers.
#include "tools/shim/shim.h"

#define USABLE 1
#define RESERVED 2

struct context {
    uint32_t info_address;
    const struct loaded *kernel;
};

// The first tag of a type, or NULL.
static void *find(enum tag_type type)
{
    for (uint32_t at = 8; at < info_length;) {
        struct tag *tag = (struct tag *)(info + at);
        if (tag->type == (uint32_t)type) return tag;
        at += (tag->size + 7) & ~7u;
    }
    return NULL;
}

static struct module_tag *module(uint32_t index)
{
    struct module_tag *tag = find(TAG_MODULE);
    for (; tag && index > 0; index--) {
        tag = (struct module_tag *)((char *)tag + ((tag->tag.size + 7) & ~7u));
        if (tag->tag.type != TAG_MODULE) return NULL;
    }
    if (!tag) fail("that forgery needs more modules");
    return tag;
}

static struct module_tag *last_module(void)
{
    struct module_tag *tag = module(0);
    for (;;) {
        struct module_tag *next = (struct module_tag *)((char *)tag + ((tag->tag.size + 7) & ~7u));
        if (next->tag.type != TAG_MODULE) return tag;
        tag = next;
    }
}

static void set_total(uint32_t size) { memcpy(info, &size, sizeof(size)); }

// Takes the end tag away and puts it back behind what the lie adds.
static void reopen(void) { info_length -= sizeof(struct tag); }

static void close(void)
{
    info_tag(TAG_END, sizeof(struct tag));
    set_total(info_length);
}

// --- the whole ---
static void total_zero(const struct context *c) { set_total(0); }

static void total_huge(const struct context *c) { set_total(0xfffffff0u); }

static void truncated(const struct context *c)
{
    struct map_tag *map = find(TAG_MAP);
    set_total((uint32_t)((unsigned char *)map - info) + 20);
}

static void no_end(const struct context *c) { set_total(info_length - sizeof(struct tag)); }

static void tag_zero(const struct context *c) { ((struct tag *)find(TAG_LOADER))->size = 0; }

static void tag_small(const struct context *c) { ((struct tag *)find(TAG_LOADER))->size = 7; }

static void tag_long(const struct context *c) { ((struct tag *)find(TAG_MAP))->size = 0x7ffffff8; }

// --- modules: always the last one, so that init and memory stay good ---
static void module_backwards(const struct context *c) { last_module()->end = last_module()->start - 1; }

static void module_empty(const struct context *c) { last_module()->end = last_module()->start; }

static void module_beyond(const struct context *c)
{
    last_module()->start = 0xe0000000u;
    last_module()->end = 0xe0001000u;
}

static void module_kernel(const struct context *c)
{
    last_module()->start = c->kernel->start & ~(PAGE - 1);
    last_module()->end = last_module()->start + PAGE;
}

static void module_info(const struct context *c)
{
    last_module()->start = c->info_address & ~(PAGE - 1);
    last_module()->end = last_module()->start + PAGE;
}

static void modules_overlap(const struct context *c)
{
    last_module()->start = module(0)->start;
    last_module()->end = module(0)->end;
}

static void module_unterminated(const struct context *c)
{
    struct module_tag *tag = last_module();
    memset(tag->text, 'x', tag->tag.size - sizeof(*tag));
}

static void module_misaligned(const struct context *c) { last_module()->start += 8; }

static void modules_many(const struct context *c)
{
    struct module_tag *first = last_module();
    uint32_t start = first->start, end = first->end;
    reopen();
    for (uint32_t i = 0; i < 1000; i++) {
        struct module_tag *tag = info_tag(TAG_MODULE, sizeof(*tag) + 2);
        tag->start = start;
        tag->end = end;
        memcpy(tag->text, "x", 2);
    }
    close();
}

// --- memory map ---
static void map_entry_size(uint32_t size) { ((struct map_tag *)find(TAG_MAP))->entry_size = size; }

static void map_entry_0(const struct context *c) { map_entry_size(0); }

static void map_entry_1(const struct context *c) { map_entry_size(1); }

static void map_entry_23(const struct context *c) { map_entry_size(23); }

static void map_none(const struct context *c) { ((struct tag *)find(TAG_MAP))->type = 0x7fff; }

static void map_empty(const struct context *c)
{
    // What lies behind the shortened tag becomes a tag that nobody knows, so that the chain stays whole.
    struct map_tag *map = find(TAG_MAP);
    uint32_t rest = map->tag.size - sizeof(*map);
    map->tag.size = sizeof(*map);
    *(struct tag *)map->areas = (struct tag){0x7fff, rest};
}

static void map_append(uint64_t base, uint64_t length, uint32_t type)
{
    struct map_tag *map = find(TAG_MAP);
    unsigned char *end = (unsigned char *)map + map->tag.size;
    memmove(end + sizeof(struct area), end, (size_t)(info + info_length - end));
    *(struct area *)end = (struct area){base, length, type, 0};
    map->tag.size += sizeof(struct area);
    info_length += sizeof(struct area);
    set_total(info_length);
}

static void map_overlap(const struct context *c)
{
    map_append(0x4000000, 0x1000000, RESERVED); // 16 MiB of the RAM at 64 MiB
    map_append(0x4800000, 0x1001, USABLE);
    map_append(0, 0x200000, USABLE); // claims the BIOS, the screen and the kernel
}

static void map_wrap(const struct context *c)
{
    map_append(0xfffffffffffff000u, 0x2000, USABLE);
    map_append(0x5000000, ~0ull, USABLE);
}

static void map_unsorted(const struct context *c)
{
    struct map_tag *map = find(TAG_MAP);
    uint32_t count = (map->tag.size - sizeof(*map)) / sizeof(struct area);
    for (uint32_t i = 0; i < count / 2; i++) {
        struct area kept = map->areas[i];
        map->areas[i] = map->areas[count - 1 - i];
        map->areas[count - 1 - i] = kept;
    }
}

static void map_many(const struct context *c)
{
    for (uint32_t i = 0; i < 2000; i++)
        map_append(0x6000000 + 0x2000ull * (i % 1000), 0x1000, RESERVED);
}

static void graphics(const struct context *c)
{
    ((unsigned char *)find(TAG_FRAMEBUFFER))[29] = 1; // type: RGB
}

static void nothing(const struct context *c)
{
    (void)c; // done in main.c, before or after the information is built
}

static const struct {
    const char *name;
    void (*lie)(const struct context *);
} lies[] = {
    {"magic", nothing},
    {"no-modules", nothing},
    {"info-misaligned", nothing},
    {"total-zero", total_zero},
    {"total-huge", total_huge},
    {"truncated", truncated},
    {"no-end", no_end},
    {"tag-zero", tag_zero},
    {"tag-small", tag_small},
    {"tag-long", tag_long},
    {"module-backwards", module_backwards},
    {"module-empty", module_empty},
    {"module-beyond", module_beyond},
    {"module-kernel", module_kernel},
    {"module-info", module_info},
    {"modules-overlap", modules_overlap},
    {"module-unterminated", module_unterminated},
    {"module-misaligned", module_misaligned},
    {"modules-many", modules_many},
    {"map-entry-0", map_entry_0},
    {"map-entry-1", map_entry_1},
    {"map-entry-23", map_entry_23},
    {"map-none", map_none},
    {"map-empty", map_empty},
    {"map-overlap", map_overlap},
    {"map-wrap", map_wrap},
    {"map-unsorted", map_unsorted},
    {"map-many", map_many},
    {"graphics", graphics},
};

// The list behind forge=, or NULL.
static const char *list(const char *command_line)
{
    for (const char *at = command_line; *at; at++)
        if ((at == command_line || at[-1] == ' ') && memcmp(at, "forge=", 6) == 0) return at + 6;
    return NULL;
}

static size_t name_length(const char *at)
{
    size_t length = 0;
    while (at[length] && at[length] != ',' && at[length] != ' ')
        length++;
    return length;
}

static bool is(const char *at, const char *name)
{
    return name_length(at) == strlen(name) && memcmp(at, name, strlen(name)) == 0;
}

bool forged(const char *command_line, const char *name)
{
    for (const char *at = list(command_line); at; at = at[name_length(at)] == ',' ? at + name_length(at) + 1 : NULL)
        if (is(at, name)) return true;
    return false;
}

void forge_info(const char *command_line, uint32_t info_address, const struct loaded *kernel)
{
    struct context context = {info_address, kernel};
    for (const char *at = list(command_line); at; at = at[name_length(at)] == ',' ? at + name_length(at) + 1 : NULL) {
        size_t i = 0;
        while (i < sizeof(lies) / sizeof(lies[0]) && !is(at, lies[i].name))
            i++;
        if (i == sizeof(lies) / sizeof(lies[0])) fail("no forgery of that name");
        lies[i].lie(&context);
    }
}
