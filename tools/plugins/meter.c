// SPDX-License-Identifier: MIT
// Counts executed guest instructions (halted time has none) and notes the count at three kinds of events:
//   start   the instruction at one address is about to run           (start=ADDRESS, as often as wanted)
//   mark    the same, counted once each: when it was reached first     (mark=ADDRESS, as often as wanted)
//   store   a write to a range of physical memory has been done      (low=ADDRESS, high=ADDRESS)
// The figures lie in a file that is mapped (out=FILE), so that whoever drives QEMU reads them while it runs.
//
//   qemu-system-x86_64 -plugin build/meter.so,out=F,start=0x100020,low=0xb8000,high=0xb8fa0
#include "tools/plugins/figures.h"
#include "tools/plugins/qemu_plugin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

PLUGIN_API int qemu_plugin_version = PLUGIN_API_VERSION;
PLUGIN_API int qemu_plugin_install(qemu_plugin_id_t id, const qemu_info_t *info, int argc, char **argv);

#define STARTS 8
#define MARKS 32
#define HLT 0xf4 // SDM vol. 2, HLT

// tools/bench.py reads these words in this order.
struct figures {
    uint64_t instructions; // executed until now
    uint64_t start_events;
    uint64_t start_at; // instructions before the latest start event
    uint64_t store_events;
    uint64_t store_at;          // instructions up to and with the latest store
    uint64_t first_store_at;    // the same for the first store behind the latest start; 0: none yet
    uint64_t begin_at;          // instructions before the first start event of all
    uint64_t halts_since;       // hlt instructions since the latest start event
    uint64_t store_halts;       // of those, before the latest store
    uint64_t first_store_halts; // and before the first store
    uint64_t marks[MARKS];      // instructions before each mark was reached first; 0: not yet
};

static struct figures *figures;
static uint64_t starts[STARTS], marks[MARKS], low, high;
static unsigned start_count, mark_count;

// QEMU runs this before it adds the instruction to the counter.
static void started(unsigned int vcpu, void *userdata)
{
    (void)vcpu;
    (void)userdata;
    if (figures->start_events++ == 0) figures->begin_at = figures->instructions;
    figures->start_at = figures->instructions;
    figures->first_store_at = 0;
    figures->halts_since = 0;
}

static void marked(unsigned int vcpu, void *userdata)
{
    (void)vcpu;
    uint64_t *mark = userdata;
    if (*mark == 0) *mark = figures->instructions;
}

static void halted(unsigned int vcpu, void *userdata)
{
    (void)vcpu;
    (void)userdata;
    figures->halts_since++;
}

// And this behind the instruction, which is in the counter already.
static void stored(unsigned int vcpu, qemu_plugin_meminfo_t info, uint64_t vaddr, void *userdata)
{
    (void)vcpu;
    (void)userdata;
    const struct qemu_plugin_hwaddr *where = qemu_plugin_get_hwaddr(info, vaddr);
    if (!where) return;
    uint64_t physical = qemu_plugin_hwaddr_phys_addr(where);
    if (physical < low || physical >= high) return;
    figures->store_events++;
    figures->store_at = figures->instructions;
    figures->store_halts = figures->halts_since;
    if (figures->first_store_at == 0) {
        figures->first_store_at = figures->instructions;
        figures->first_store_halts = figures->halts_since;
    }
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        qemu_plugin_register_vcpu_insn_exec_inline(insn, QEMU_PLUGIN_INLINE_ADD_U64, &figures->instructions, 1);
        for (unsigned s = 0; s < start_count; s++)
            if (qemu_plugin_insn_vaddr(insn) == starts[s])
                qemu_plugin_register_vcpu_insn_exec_cb(insn, started, QEMU_PLUGIN_CB_NO_REGS, NULL);
        for (unsigned m = 0; m < mark_count; m++)
            if (qemu_plugin_insn_vaddr(insn) == marks[m])
                qemu_plugin_register_vcpu_insn_exec_cb(insn, marked, QEMU_PLUGIN_CB_NO_REGS, &figures->marks[m]);
        if (qemu_plugin_insn_size(insn) == 1 && *(const uint8_t *)qemu_plugin_insn_data(insn) == HLT)
            qemu_plugin_register_vcpu_insn_exec_cb(insn, halted, QEMU_PLUGIN_CB_NO_REGS, NULL);
        if (high > low) qemu_plugin_register_vcpu_mem_cb(insn, stored, QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_W, NULL);
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
        else if (strcmp(argv[i], "start") == 0 && start_count < STARTS)
            starts[start_count++] = strtoull(value, NULL, 0);
        else if (strcmp(argv[i], "mark") == 0 && mark_count < MARKS)
            marks[mark_count++] = strtoull(value, NULL, 0);
        else if (strcmp(argv[i], "low") == 0)
            low = strtoull(value, NULL, 0);
        else if (strcmp(argv[i], "high") == 0)
            high = strtoull(value, NULL, 0);
        else
            return -1;
    }
    if (!figures) {
        qemu_plugin_outs("meter: out=FILE is missing or cannot be mapped\n");
        return -1;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
    return 0;
}
