// SPDX-License-Identifier: MIT
// `eater`: takes all the memory that there is, looks that every page arrives clean, and writes a mark into each: the
// page's own number. Then it waits to be killed, and the test looks for the marks in the machine's memory from outside.
#include "interfaces/memory.h"
#include "libsys/start.h"
#include "libsys/stdio.h"
#include "libsys/time.h"

#define MARK 0x6b72616d72657461ull
#define WORDS (PAGE_SIZE / sizeof(uint64_t))

static bool is_clean(const uint64_t *page)
{
    for (uint64_t i = 0; i < WORDS; i++)
        if (page[i] != 0) return false;
    return true;
}

// Halves what it asks for until memory has nothing left to promise.
static uint64_t eat(uint64_t *dirty)
{
    uint64_t number = 0;
    for (uint32_t pages = 1u << 16; pages > 0;) {
        struct memory_span_reply span;
        if (memory_span(cap_named("memory"), pages, &span) != OK) {
            pages /= 2;
            continue;
        }
        for (uint32_t i = 0; i < pages; i++) {
            uint64_t *page = (uint64_t *)(span.address + i * PAGE_SIZE);
            *dirty += !is_clean(page);
            page[0] = MARK;
            page[1] = number++;
        }
    }
    return number;
}

// Nothing was given twice: then a later mark would have replaced an earlier one.
static uint64_t count_lost(uint64_t pages)
{
    uint64_t lost = 0;
    for (uint64_t i = 0; i < pages; i++) {
        const uint64_t *page = (const uint64_t *)(USER_HEAP + i * PAGE_SIZE);
        lost += page[0] != MARK || page[1] != i;
    }
    return lost;
}

int main(void)
{
    uint64_t dirty = 0, pages = eat(&dirty), lost = count_lost(pages);
    struct memory_figures_reply figures;
    if (memory_figures(cap_named("memory"), &figures) != OK) return 1;
    printf("eaten: %llu, not clean: %llu, lost: %llu, free: %llu\n", (unsigned long long)pages,
           (unsigned long long)dirty, (unsigned long long)lost, (unsigned long long)figures.free);
    sleep_for(3600 * NS_PER_S);
    return 0;
}
