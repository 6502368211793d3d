// SPDX-License-Identifier: MIT
#include "tests/cases/child.h"

#include "common/mem.h"
#include "libsys/stdlib.h"
#include "tests/cases/frames.h"

#define STACK_PAGES 4
#define RW (ACCESS_READ | ACCESS_WRITE)

extern const char _start[], rodata_begin[], data_begin[], image_end[]; // boot/user.ld

// What a child is made of, in the order in which it lies in its run.
static struct part {
    uint64_t at;          // in both
    const char *contents; // NULL: zeros
    uint32_t pages, access;
} parts[6];

static uint64_t pages_between(const char *first, const char *end)
{
    return ((uint64_t)end - (uint64_t)first + PAGE_SIZE - 1) / PAGE_SIZE;
}

static uint32_t find_parts(void)
{
    const struct part all[] = {
        {(uint64_t)_start, _start, (uint32_t)pages_between(_start, rodata_begin), ACCESS_READ | ACCESS_EXECUTE},
        {(uint64_t)rodata_begin, rodata_begin, (uint32_t)pages_between(rodata_begin, data_begin), ACCESS_READ},
        {(uint64_t)data_begin, data_begin, (uint32_t)pages_between(data_begin, image_end), RW},
        {USER_START_PAGE, (const char *)USER_START_PAGE, 1, ACCESS_READ},
        {USER_MESSAGE_PAGE, NULL, 1, RW},
        {USER_STACK_TOP - STACK_PAGES * PAGE_SIZE, NULL, STACK_PAGES, RW},
    };
    uint32_t pages = 0;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        parts[i] = all[i];
        pages += all[i].pages;
    }
    return pages;
}

// A function of a child that returns ends its thread.
static void ended(void) { exit(0); }

static void fill(cap_t body, uint32_t pages)
{
    cap_t own = cap_named("process");
    char *at = (char *)CASE_PLACE;
    CHECK_EQ(memory_map(body, own, (vaddr_t){CASE_PLACE}, 0, pages, RW | ACCESS_CLEAR), OK);
    for (const struct part *part = parts; part < parts + sizeof parts / sizeof *parts; part++) {
        if (part->contents != NULL) memcpy(at, part->contents, part->pages * PAGE_SIZE);
        at += part->pages * PAGE_SIZE;
    }
    ((void (**)(void))at)[-1] = ended;
    CHECK_EQ(process_unmap(own, (vaddr_t){CASE_PLACE}, pages), OK);
}

struct child child_make(uint32_t priority, cap_t pager, cap_t supervisor)
{
    uint32_t pages = find_parts();
    struct child child = {case_cut(2 + CHILD_SLOTS / 128), case_slot(), case_slot()};
    cap_t pool = case_cut(CHILD_POOL), body = case_cut(pages);
    fill(body, pages);
    CHECK_EQ(process_create(child.process), OK);
    CHECK_EQ(process_donate(child.process, pool), OK);
    uint64_t first = 0;
    for (const struct part *part = parts; part < parts + sizeof parts / sizeof *parts; part++) {
        CHECK_EQ(memory_map(body, child.process, (vaddr_t){part->at}, first, part->pages, part->access), OK);
        first += part->pages;
    }
    CHECK_EQ(endpoint_create(child.process, child.endpoint, child.process), OK);
    CHECK_EQ(cap_copy(child.endpoint, child.process, case_self().slot, RIGHTS_ALL), OK);
    child_give(child, cap_named("clock"));
    CHECK_EQ(thread_create(child.process, child.thread, (vaddr_t){USER_MESSAGE_PAGE}, pager, supervisor, priority), OK);
    return child;
}

void child_give(struct child child, cap_t cap) { CHECK_EQ(cap_copy(cap, child.process, cap.slot, RIGHTS_ALL), OK); }

void child_run(struct child child, void (*function)(uint64_t), uint64_t word)
{
    CHECK_EQ(thread_start(child.thread, (vaddr_t){(uint64_t)function}, (vaddr_t){USER_STACK_TOP - 8}, word), OK);
}

void child_end(struct child child)
{
    frames_end_process(child.process);
    cap_drop(child.thread);
    cap_drop(child.endpoint);
}
