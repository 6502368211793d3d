// SPDX-License-Identifier: MIT
// Counts how often each of some instructions is executed between two others, round by round: which way through the code a
// test really took. Figures in a file that is mapped, as in meter.c.
//
//   qemu-system-x86_64 -plugin build/paths.so,out=F,begin=ADDRESS,end=ADDRESS,at=ADDRESS,at=ADDRESS …
//
// from=ADDRESS: and the most instructions from there to each place, both included, in all rounds.
//
// The file: the number of rounds that have ended; for each of PLACES places those instructions; then one byte a place for
// each round, at most 255.
#include "tools/plugins/figures.h"
#include "tools/plugins/qemu_plugin.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

PLUGIN_API int qemu_plugin_version = PLUGIN_API_VERSION;
PLUGIN_API int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv);

#define PLACES 8
#define ROUNDS (1 << 20)

struct figures {
    uint64_t rounds;
    uint64_t longest[PLACES];
    uint8_t count[ROUNDS][PLACES];
};

static struct figures *figures;
static uint64_t begin, end, places[PLACES];
static unsigned place_count;
static uint64_t from, instructions, entered_at;
static int inside;

static void begun(unsigned int vcpu, void *unused)
{
    (void)vcpu;
    (void)unused;
    inside = figures->rounds < ROUNDS;
}

static void ended(unsigned int vcpu, void *unused)
{
    (void)vcpu;
    (void)unused;
    if (inside) figures->rounds++;
    inside = 0;
}

// QEMU runs this before it counts the instruction.
static void entered(unsigned int vcpu, void *unused)
{
    (void)vcpu;
    (void)unused;
    entered_at = instructions;
}

static void passed(unsigned int vcpu, void *place)
{
    (void)vcpu;
    if (!inside) return;
    uint8_t *count = &figures->count[figures->rounds][(uintptr_t)place];
    if (*count < UINT8_MAX) (*count)++;
    uint64_t length = instructions - entered_at + 1, *longest = &figures->longest[(uintptr_t)place];
    if (from && length > *longest) *longest = length;
}

static void on(struct qemu_plugin_insn *insn, qemu_plugin_vcpu_udata_cb_t call, uintptr_t data)
{
    qemu_plugin_register_vcpu_insn_exec_cb(insn, call, QEMU_PLUGIN_CB_NO_REGS, (void *)data);
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        uint64_t at = qemu_plugin_insn_vaddr(insn);
        if (from) qemu_plugin_register_vcpu_insn_exec_inline(insn, QEMU_PLUGIN_INLINE_ADD_U64, &instructions, 1);
        if (at == from) on(insn, entered, 0);
        if (at == begin) on(insn, begun, 0);
        if (at == end) on(insn, ended, 0);
        for (unsigned p = 0; p < place_count; p++)
            if (at == places[p]) on(insn, passed, p);
    }
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
        else if (strcmp(argv[i], "begin") == 0)
            begin = strtoull(value, NULL, 0);
        else if (strcmp(argv[i], "end") == 0)
            end = strtoull(value, NULL, 0);
        else if (strcmp(argv[i], "from") == 0)
            from = strtoull(value, NULL, 0);
        else if (strcmp(argv[i], "at") == 0 && place_count < PLACES)
            places[place_count++] = strtoull(value, NULL, 0);
        else
            return -1;
    }
    if (!figures) {
        qemu_plugin_outs("paths: out=FILE is missing or cannot be mapped\n");
        return -1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    return 0;
}
