// SPDX-License-Identifier: MIT
#include "tests/programs/attack_init/attack.h"

#include "common/string.h"
#include "libsys/log.h"
#include "libsys/slots.h"
#include "tests/programs/attack_init/matrix.h"
#include "tests/programs/attack_init/measure.h"

static struct boot_run ram;
static const char *attack;
static bool failed;

void expect_at(int line, uint64_t expected, uint64_t got)
{
    if (expected == got || failed) return;
    failed = true;
    log_printf("bad %s line %d expected %lu got %lu", attack, line, expected, got);
}

cap_t empty_slot(void) { return slot_alloc(); }

cap_t carve(uint32_t pages)
{
    cap_t run = slot_alloc();
    ram.pages -= pages;
    EXPECT(OK, memory_split((cap_t){ram.slot}, ram.pages, run));
    return run;
}

uint64_t now(void)
{
    uint64_t ns = 0;
    clock_read(&ns);
    return ns;
}

void rest(uint64_t ms)
{
    struct message m = {.words = {now() + ms * MS}};
    op(SYS_recv, BOOT_SLOT_ENDPOINT, &m);
}

void attack_begin(const char *name)
{
    attack = name;
    failed = false;
}

void attack_end(void)
{
    if (!failed) log_printf("ok %s", attack);
}

static void run_all(const struct attack *list)
{
    for (; list->name; list++) {
        attack_begin(list->name);
        list->run();
        attack_end();
    }
}

// More lines than the log's ring holds, while whoever reads the line does not. The screen says when they are written.
static void flood(void)
{
    static const char line[] =
        "0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0123456789abcdef";
    log_line("ready to flood");
    rest(1500);
    for (int i = 0; i < 2000; i++)
        log_line(line);
    EXPECT(OK, memory_map((cap_t){BOOT_SLOT_SCREEN}, SELF, (vaddr_t){PLACE}, 0x18, 1, RW | ACCESS_UNCACHED));
    *(volatile uint8_t *)PLACE = 'X';
    for (;;) {
        log_line("the flood is over");
        rest(50);
    }
}

// What else may be done in one boot: the name of a module beside this one asks for it.
static const struct boot_module *asked_for(const char *name)
{
    const struct boot_info *info = boot_info();
    for (uint32_t i = 0; i < info->module_count; i++)
        if (strcmp(info->modules[i].name, name) == 0) return &info->modules[i];
    return NULL;
}

static void run_attacks(void)
{
    run_all(object_attacks);
    run_all(mapping_attacks);
    run_all(pager_attacks);
    run_all(thread_attacks);
    run_all(call_attacks);
    run_all(fault_attacks);
    run_all(chain_attacks);
    run_all(page_attacks);
    run_all(short_way_attacks);
    run_all(stopped_attacks);
    run_all(debugger_attacks);
    run_all(tls_attacks);
    run_all(exception_attacks);
    run_all(storm_attacks);
}

// A boot of its own, so that neither takes long.
static void run_hostile(void)
{
    run_all(book_attacks);
    run_all(hostile_attacks);
    run_all(resource_attacks);
}

// One more: it wants more memory, and figures are taken from it.
static void run_stress(void)
{
    run_all(revoke_attacks);
    run_all(stress_attacks);
}

int main(void)
{
    const struct boot_info *info = boot_info();
    if (asked_for("flood")) flood();
    for (uint32_t i = 0; i < info->run_count; i++)
        if (info->runs[i].pages > ram.pages) ram = info->runs[i];
    if (slot_reserve(0, info->first_free_slot) != OK) return 1;
    child_start();
    for (uint32_t i = 0; i < info->module_count; i++)
        show(info->modules[i].name);
    if (asked_for("matrix"))
        matrix_run();
    else if (asked_for("measure"))
        measure_run();
    else if (asked_for("measure-others"))
        measure_others();
    else if (asked_for("hostile"))
        run_hostile();
    else if (asked_for("stress"))
        run_stress();
    else if (asked_for("situations"))
        equivalence_run(asked_for("situations"));
    else
        run_attacks();
    log_line("all attacks are over");
    for (;;)
        rest(1000);
}
