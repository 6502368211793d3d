// SPDX-License-Identifier: MIT
// qemu -kernel shim.elf -initrd "kernel.elf kernel,init.elf init,…" -append "the kernel's command line forge=…"
//
//  1 MiB                                        16 MiB
//   | kernel | information | module | module …    | shim | what QEMU loaded: kernel.elf, modules, its own data |
//
// As with GRUB, the information lies behind the kernel, and the modules behind it on page boundaries; a module's name
// is the text behind its file's name.
#include "tools/shim/shim.h"

_Noreturn void enter_kernel(uint32_t entry, uint32_t eax, uint32_t ebx);
_Noreturn void shim_main(uint32_t magic, const struct boot1 *boot);

extern char shim_start[];

static struct module modules[MODULES_MAX];
static char command_line[4096];
static char kernel_line[4096];

static uint32_t page_up(uint32_t address) { return (address + PAGE - 1) & ~(PAGE - 1); }

static const char *behind_first_word(const char *text)
{
    while (*text && *text != ' ')
        text++;
    while (*text == ' ')
        text++;
    return text;
}

// The kernel's command line: all words but the shim's own file name and forge=…
static void read_command_line(const char *text)
{
    text = behind_first_word(text);
    if (strlen(text) >= sizeof(command_line)) fail("the command line is too long");
    memcpy(command_line, text, strlen(text) + 1);
    char *to = kernel_line;
    for (const char *word = command_line; *word; word = behind_first_word(word)) {
        if (memcmp(word, "forge=", 6) == 0) continue;
        if (to != kernel_line) *to++ = ' ';
        for (const char *c = word; *c && *c != ' '; c++)
            *to++ = *c;
    }
    *to = 0;
}

static uint32_t read_modules(const struct boot1 *boot)
{
    const struct boot1_module *from = (const void *)boot->modules;
    if (boot->module_count == 0) fail("no modules: the first must be kernel.elf");
    if (boot->module_count > MODULES_MAX) fail("too many modules");
    for (uint32_t i = 0; i < boot->module_count; i++)
        modules[i] = (struct module){
            .from = from[i].start,
            .size = from[i].end - from[i].start,
            .to = from[i].start,
            .text = behind_first_word((const char *)from[i].text),
        };
    return boot->module_count;
}

#define FORGED_MAX (128u * 1024)

// Moves the modules down behind the information; where they would not fit below the shim, they stay.
static void settle(struct module *all, uint32_t count, uint32_t from)
{
    uint32_t to = from;
    for (uint32_t i = 0; i < count; i++)
        to = page_up(to + all[i].size);
    if (to < from || to > (uintptr_t)shim_start) return;
    to = from;
    for (uint32_t i = 0; i < count; i++) {
        memmove((void *)to, (const void *)all[i].from, all[i].size);
        all[i].to = to;
        to = page_up(to + all[i].size);
    }
}

_Noreturn void shim_main(uint32_t magic, const struct boot1 *boot)
{
    if (magic != MULTIBOOT1_LOADED) fail("not loaded by a multiboot1 loader");
    read_command_line((const char *)boot->command_line);
    uint32_t count = read_modules(boot);
    struct loaded kernel = load_kernel((const void *)modules[0].from, modules[0].size);

    // Everything that lies in QEMU's own data is copied before the modules move.
    uint32_t passed = forged(command_line, "no-modules") ? 0 : count - 1;
    build_info(boot, kernel_line, modules + 1, passed);
    uint32_t info_address = (kernel.end + 7) & ~7u;
    // Lies about thousands of things need room behind the information, which the modules must not lie in.
    bool grows = forged(command_line, "map-many") || forged(command_line, "modules-many");
    settle(modules + 1, passed, page_up(info_address + info_length + (grows ? FORGED_MAX : PAGE)));
    place_modules(modules + 1, passed);
    forge_info(command_line, info_address, &kernel);

    if (forged(command_line, "info-misaligned")) info_address += 4;
    memmove((void *)info_address, info, info_length);
    uint32_t eax = forged(command_line, "magic") ? MULTIBOOT1_LOADED : MULTIBOOT2_LOADED;
    enter_kernel(kernel.entry, eax, info_address);
}
