// SPDX-License-Identifier: MIT
#include "common/elf.h"
#include "common/mem.h"
#include "common/string.h"
#include "tests/programs/attack_init/attack.h"

#define IMAGE 0x0000310000000000 // where this image's file is mapped
#define PROCESS_PAGES 4
#define POOL_PAGES 24

static struct elf elf;
static cap_t module, shared_run;
static uint64_t module_pages;

cap_t child_module(uint64_t *pages)
{
    *pages = module_pages;
    return module;
}

void child_start(void)
{
    const struct boot_info *info = boot_info();
    for (uint32_t i = 0; i < info->module_count; i++) {
        const struct boot_module *m = &info->modules[i];
        if (strcmp(m->name, "init") != 0) continue;
        module = (cap_t){m->slot};
        module_pages = (m->size + PAGE_SIZE - 1) / PAGE_SIZE;
        EXPECT(OK, memory_map(module, SELF, (vaddr_t){IMAGE}, 0, module_pages, ACCESS_READ));
        EXPECT(OK, elf_open(&elf, (const void *)IMAGE, m->size));
    }
    shared_run = carve(1);
    EXPECT(OK, memory_map(shared_run, SELF, (vaddr_t){SHARED}, 0, 1, RW | ACCESS_CLEAR));
}

static void map_image(struct child *c)
{
    for (uint32_t i = 0; i < elf.segment_count; i++) {
        const struct elf_segment *s = &elf.segments[i];
        if (s->access & ACCESS_WRITE) continue;
        uint64_t pages = (s->filesz + PAGE_SIZE - 1) / PAGE_SIZE;
        EXPECT(OK, memory_map(module, c->process, (vaddr_t){s->vaddr}, s->offset / PAGE_SIZE, pages, s->access));
    }
}

void child_make(struct child *c, uint32_t priority, cap_t pager, cap_t supervisor)
{
    memset(shared, 0, sizeof *shared);
    if (c->process.slot == 0) { // otherwise one more life in the same frames
        if (c->pages == 0) c->pages = PROCESS_PAGES;
        c->process = carve(c->pages);
        c->pool_run = carve(POOL_PAGES);
        c->frames = carve(CHILD_FRAMES);
        c->thread = empty_slot();
        c->endpoint = empty_slot();
    }
    EXPECT(OK, process_create(c->process));
    EXPECT(OK, process_donate(c->process, c->pool_run));
    map_image(c);
    EXPECT(OK, memory_map(c->frames, c->process, (vaddr_t){CHILD_STACK}, 0, 1, RW | ACCESS_CLEAR));
    EXPECT(OK, memory_map(c->frames, c->process, (vaddr_t){USER_MESSAGE_PAGE}, 1, 1, RW | ACCESS_CLEAR));
    EXPECT(OK, memory_map(shared_run, c->process, (vaddr_t){SHARED}, 0, 1, RW));
    EXPECT(OK, endpoint_create(SELF, c->endpoint, c->process));
    EXPECT(OK, cap_copy((cap_t){BOOT_SLOT_CLOCK}, c->process, CHILD_CLOCK, ALL));
    EXPECT(OK, cap_copy(c->endpoint, c->process, CHILD_OWN, ALL));
    EXPECT(OK, thread_create(c->process, c->thread, (vaddr_t){USER_MESSAGE_PAGE}, pager, supervisor, priority));
}

void child_calls(struct child *c, cap_t endpoint) { EXPECT(OK, cap_copy(endpoint, c->process, CHILD_CALLS, ALL)); }

void child_run(struct child *c, void (*function)(uint64_t), uint64_t argument)
{
    EXPECT(OK, thread_start(c->thread, (vaddr_t){(uint64_t)function}, (vaddr_t){USER_STACK_TOP - 8}, argument));
}

cap_t child_thread(struct child *c, uint32_t number, uint32_t priority)
{
    cap_t thread = empty_slot();
    vaddr_t stack = {USER_STACK_TOP - number * (uint64_t)USER_STACK_STRIDE - PAGE_SIZE};
    EXPECT(OK, memory_map(c->frames, c->process, stack, 2, 1, RW | ACCESS_CLEAR));
    EXPECT(OK, thread_create(c->process, thread, (vaddr_t){0}, NO_CAP, NO_CAP, priority));
    return thread;
}

void child_end(struct child *c)
{
    uint64_t pages;
    static cap_t into;
    if (into.slot == 0) into = empty_slot();
    struct cap_info info;
    struct run_info run;
    EXPECT(ERR_AGAIN, process_destroy(c->process, into, &pages));
    EXPECT(POOL_PAGES, pages);
    EXPECT(OK, cap_move(into, NO_CAP, c->pool_run.slot));
    EXPECT(OK, process_destroy(c->process, into, &pages));
    EXPECT(c->pages, pages);
    EXPECT(OK, cap_move(into, NO_CAP, c->process.slot));
    EXPECT(ERR_NO_CAP, cap_info(c->thread, &info));
    EXPECT(OK, memory_info(c->frames, &run));
    EXPECT(0, run.mapped);
    (void)!endpoint_destroy(c->endpoint);
}

// --- what children do

void run_for_ever(uint64_t index)
{
    for (;;)
        shared->count[index]++;
}

void serve_for_ever(uint64_t index)
{
    struct message m = {.words = {FOREVER}};
    op(SYS_recv, CHILD_OWN, &m);
    for (;;) {
        shared->count[index]++;
        op(SYS_reply_recv, 0, &m);
    }
}

void receive_once(uint64_t index)
{
    struct message m = {.words = {FOREVER}};
    op(SYS_recv, CHILD_OWN, &m);
    shared->word[index] = m.words[0];
    shared->word[index + 1] = m.token;
    shared->word[index + 2] = m.bits;
    op(SYS_exit, 0, &m);
}

void call_once(uint64_t word)
{
    struct message m = {.words = {word}};
    uint32_t result = op(SYS_call, CHILD_CALLS, &m);
    shared->word[6] = m.words[0];
    shared->word[7] = result;
    for (;;) {
        m = (struct message){.words = {FOREVER}};
        op(SYS_recv, CHILD_OWN, &m);
    }
}
