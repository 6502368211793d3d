// SPDX-License-Identifier: MIT
// How many instructions the kernel executes at a time: from the way in (a system call, an exception, an interrupt, also
// one that ends a halt) to the instruction that leaves for ring 3 or halts again. What runs before the first thread does,
// and what never leaves (a panic), is no entry.
//   out=FILE       the figures, mapped, so that they are there whatever becomes of QEMU
//   names=FILE     lines `ADDRESS NAME`, hexadecimal: an entry is called after the first of these functions that it runs;
//                  the first GENERIC lines only if it runs no other
//   idle=ADDRESS   the hlt of the idle loop
//   nested=FROM    interrupts of the kernel itself return by the iretq behind this address: no end of an entry
#include "tools/plugins/figures.h"
#include "tools/plugins/qemu_plugin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

PLUGIN_API int qemu_plugin_version = PLUGIN_API_VERSION;
PLUGIN_API int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv);

#define NAMES 128
#define GENERIC 4 // line 0 is no function: whatever ran none of them
#define NESTED_SIZE 128
#define IS_KERNEL(ADDRESS) ((ADDRESS) >> 63)

// tests/harness/entries.py reads these words in this order.
struct figures {
    uint64_t instructions; // of the kernel's, until now
    uint64_t entries;
    struct {
        uint64_t entries, longest;
    } of[NAMES];
};

static struct figures *figures;
static uint64_t addresses[NAMES], name_count = 1, idle, nested;
static uint64_t began; // the counter when the last entry ended
static uint64_t called;
static bool runs; // a thread has run

static void entered(unsigned int vcpu, void *name)
{
    (void)vcpu;
    if (called < GENERIC) called = (uint64_t)name;
}

// QEMU runs this before it adds the instruction to the counter.
static void left(unsigned int vcpu, void *userdata)
{
    (void)vcpu;
    (void)userdata;
    uint64_t now = figures->instructions + 1, length = now - began;
    if (runs) {
        figures->entries++;
        figures->of[called].entries++;
        if (length > figures->of[called].longest) figures->of[called].longest = length;
    }
    runs = true;
    began = now;
    called = 0;
}

static bool leaves(uint64_t address, const uint8_t *code, size_t size)
{
    if (size == 1) return code[0] == 0xf4 && address == idle;                                    // hlt
    if (size == 2 && code[0] == 0x48 && code[1] == 0xcf) return address - nested >= NESTED_SIZE; // iretq
    return size == 3 && code[0] == 0x48 && code[1] == 0x0f && code[2] == 0x07;                   // sysretq
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        uint64_t address = qemu_plugin_insn_vaddr(insn);
        if (!IS_KERNEL(address)) return;
        qemu_plugin_register_vcpu_insn_exec_inline(insn, QEMU_PLUGIN_INLINE_ADD_U64, &figures->instructions, 1);
        for (uint64_t n = 1; n < name_count; n++)
            if (addresses[n] == address)
                qemu_plugin_register_vcpu_insn_exec_cb(insn, entered, QEMU_PLUGIN_CB_NO_REGS, (void *)n);
        if (leaves(address, qemu_plugin_insn_data(insn), qemu_plugin_insn_size(insn)))
            qemu_plugin_register_vcpu_insn_exec_cb(insn, left, QEMU_PLUGIN_CB_NO_REGS, NULL);
    }
}

static void read_names(const char *path)
{
    FILE *file = fopen(path, "r");
    char line[128];
    while (file && name_count < NAMES && fgets(line, sizeof line, file))
        addresses[name_count++] = strtoull(line, NULL, 16);
    if (file) fclose(file);
}

PLUGIN_API int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv)
{
    (void)info;
    for (int i = 0; i < argc; i++) {
        char *value = strchr(argv[i], '=');
        if (!value) return -1;
        *value++ = 0;
        if (strcmp(argv[i], "out") == 0)
            figures = map_figures(value, sizeof *figures);
        else if (strcmp(argv[i], "names") == 0)
            read_names(value);
        else if (strcmp(argv[i], "idle") == 0)
            idle = strtoull(value, NULL, 0);
        else if (strcmp(argv[i], "nested") == 0)
            nested = strtoull(value, NULL, 0);
        else
            return -1;
    }
    if (!figures || name_count <= GENERIC || idle == 0 || nested == 0) {
        qemu_plugin_outs("entries: out=FILE, names=FILE, idle=ADDRESS and nested=ADDRESS are needed\n");
        return -1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    return 0;
}
