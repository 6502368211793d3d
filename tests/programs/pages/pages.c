// SPDX-License-Identifier: MIT
// `pages`: asks memory for pages and blocks in every wrong way there is, and in the right one; `pages gone` touches a
// page that it has given back.
#include "common/mem.h"
#include "common/string.h"
#include "interfaces/memory.h"
#include "libsys/error.h"
#include "libsys/start.h"
#include "libsys/stdio.h"

#define FEW 40u
#define HUGE 0xffffffffu

static cap_t memory;

static void expect(const char *what, err_t wanted, err_t got)
{
    printf("%s: %s%s\n", what, error_name(got), wanted == got ? "" : " IS WRONG");
}

static struct memory_client_reply figures(void)
{
    struct memory_client_reply reply = {0};
    if (memory_client(memory, start_page()->id, &reply) != OK) printf("no figures: WRONG\n");
    return reply;
}

static void spans(void)
{
    struct memory_span_reply span, next;
    uint32_t quota = figures().quota, reserved = figures().reserved, pages = figures().pages;
    expect("no pages", ERR_BAD_LENGTH, memory_span(memory, 0, &span));
    expect("more than the quota", ERR_QUOTA, memory_span(memory, quota - reserved + 1, &span));
    expect("more than there can be", ERR_QUOTA, memory_span(memory, HUGE, &span));
    expect("a span", OK, memory_span(memory, FEW, &span));
    printf("starts at %#llx\n", (unsigned long long)span.address);
    printf("untouched, used: %u\n", figures().pages - pages);
    for (uint32_t i = 0; i < FEW; i++) {
        volatile uint64_t *word = (volatile uint64_t *)(span.address + i * PAGE_SIZE);
        if (*word != 0) printf("page %u is not zero: WRONG\n", i);
        *word = i;
    }
    printf("touched, used: %u\n", figures().pages - pages);
    expect("half a page back", ERR_BAD_ADDRESS, memory_release(memory, span.address + 1, 1));
    expect("no page back", ERR_BAD_LENGTH, memory_release(memory, span.address, 0));
    expect("the image back", ERR_BAD_ADDRESS, memory_release(memory, (uint64_t)&pages & ~(PAGE_SIZE - 1), 1));
    expect("more than there is back", ERR_BAD_ADDRESS, memory_release(memory, span.address, FEW + 1));
    expect("no end back", ERR_BAD_ADDRESS, memory_release(memory, span.address, HUGE));
    expect("the middle back", OK, memory_release(memory, span.address + PAGE_SIZE, FEW - 2));
    expect("the middle back twice", ERR_BAD_ADDRESS, memory_release(memory, span.address + PAGE_SIZE, FEW - 2));
    printf("used: %u, the last page says %llu\n", figures().pages - pages,
           (unsigned long long)*(volatile uint64_t *)(span.address + (FEW - 1) * PAGE_SIZE));
    expect("the first back", OK, memory_release(memory, span.address, 1));
    expect("the last back", OK, memory_release(memory, span.address + (FEW - 1) * PAGE_SIZE, 1));
    printf("used: %u, reserved: %u\n", figures().pages - pages, figures().reserved - reserved);
    expect("a span again", OK, memory_span(memory, FEW, &next));
    printf("starts %s\n", next.address == span.address ? "at the same place" : "elsewhere: WRONG");
    printf("its word: %llu\n", (unsigned long long)*(volatile uint64_t *)next.address);
}

static void blocks(void)
{
    struct memory_block_alloc_reply a = {0}, b = {0};
    expect("giving back before the first block", ERR_BAD_ADDRESS, memory_block_free(memory, USER_HEAP));
    expect("no bytes", ERR_BAD_LENGTH, memory_block_alloc(memory, 0, &a));
    expect("too many bytes", ERR_BAD_LENGTH, memory_block_alloc(memory, UINT64_MAX, &a));
    expect("a block", OK, memory_block_alloc(memory, 100, &a));
    expect("another", OK, memory_block_alloc(memory, 1, &b));
    memset((void *)a.address, 0xaa, 112); // up to the other's first byte: the books are not there
    *(char *)b.address = 'b';
    printf("apart by %llu, blocks: %u\n", (unsigned long long)(b.address - a.address), figures().blocks);
    expect("inside a block", ERR_BAD_ADDRESS, memory_block_free(memory, a.address + 16));
    expect("nowhere", ERR_BAD_ADDRESS, memory_block_free(memory, UINT64_MAX));
    expect("the block back", OK, memory_block_free(memory, a.address));
    expect("the block back twice", ERR_BAD_ADDRESS, memory_block_free(memory, a.address));
    printf("the other says %c\n", *(char *)b.address);
    expect("the other back", OK, memory_block_free(memory, b.address));
    printf("blocks: %u\n", figures().blocks);
}

static int touch_what_is_gone(void)
{
    struct memory_span_reply span;
    if (memory_span(memory, 3, &span) != OK) return 1;
    volatile uint64_t *word = (volatile uint64_t *)(span.address + PAGE_SIZE);
    *word = 1;
    if (memory_release(memory, span.address + PAGE_SIZE, 1) != OK) return 1;
    *word = 2;
    printf("A RELEASED PAGE IS THERE\n");
    return 1;
}

int main(int argc, char **argv)
{
    memory = cap_named("memory");
    if (argc == 2 && strcmp(argv[1], "gone") == 0) return touch_what_is_gone();
    if (argc == 2 && strcmp(argv[1], "blocks") == 0)
        blocks();
    else
        spans();
    return 0;
}
