// SPDX-License-Identifier: MIT
#include "servers/memory/clients.h"

#include "abi/fault.h"
#include "libsys/log.h"
#include "servers/memory/store.h"

// A client's windows: its spans from USER_HEAP on, its blocks behind the largest heap that there can be.
#define WINDOW_BLOCKS (USER_HEAP + (1ull << 40))
#define BLOCK_PAGES (BLOCKS_BYTES / PAGE_SIZE)
// The books of the blocks in memory's own address space: a page for each place.
#define BLOCK_BOOKS 0x0000300000000000

#define PAGE_OF(ADDRESS) ((ADDRESS) >> PAGE_SHIFT)

static const struct client_page *records;
static cap_t self;
struct client clients[CLIENTS];
static uint64_t pages_of_all, reserved_of_all, faults;

void clients_start(const struct client_page *page, cap_t own_process)
{
    records = page;
    self = own_process;
}

uint64_t clients_faults(void) { return faults; }

uint64_t clients_pages(void) { return pages_of_all; }

uint64_t clients_promised(void) { return reserved_of_all - pages_of_all; }

static void reserve(struct client *client, uint32_t pages)
{
    client->reserved += pages;
    reserved_of_all += pages;
}

static void unreserve(struct client *client, uint32_t pages)
{
    client->reserved -= pages;
    reserved_of_all -= pages;
}

// May the client have that many pages more?
static err_t check_quota(const struct client *client, uint32_t pages)
{
    if (pages > client->quota - client->reserved) return ERR_QUOTA;
    return pages > store_free() - clients_promised() ? ERR_NO_MEMORY : OK;
}

struct client *client_adopt(uint64_t id)
{
    uint32_t place = CLIENT_PLACE(id);
    const struct client_record *record = &records->records[place];
    struct client *client = &clients[place];
    if (id == 0 || record->id != id) return NULL;
    if (client->id) client_detach(client->id); // init has given the place away: whoever had it is gone
    *client = (struct client){.id = id, .process = {records->process_slot + place}, .frames = NO_FRAME};
    client->quota = record->quota;
    // A stack that does not fit is no reason to refuse the process: it faults when it needs it.
    if (record->stack_pages && check_quota(client, record->stack_pages) == OK &&
        regions_add(&client->regions, PAGE_OF(record->stack_first), record->stack_pages) == OK)
        reserve(client, record->stack_pages);
    return client;
}

static vaddr_t block_books(const struct client *client)
{
    return (vaddr_t){BLOCK_BOOKS + CLIENT_PLACE(client->id) * PAGE_SIZE};
}

void client_detach(uint64_t id)
{
    struct client *client = &clients[CLIENT_PLACE(id)];
    if (client->id != id || !id) return;
    if (client->blocks && process_unmap(self, block_books(client), 1) != OK) return;
    while (client->frames != NO_FRAME)
        store_give(&client->frames, client->frames);
    pages_of_all -= client->pages;
    unreserve(client, client->reserved);
    cap_drop(client->process);
    *client = (struct client){0};
}

// A frame for the client, mapped and zeroed.
static inline err_t add_frame(struct client *client, cap_t process, vaddr_t at)
{
    err_t err = store_map(&client->frames, process, at);
    if (err != OK) return err;
    client->pages++;
    pages_of_all++;
    return OK;
}

// Whether the kernel's refusal only says that another thread came before.
static never_inline err_t check_refusal(const struct client *client, const uint64_t words[MESSAGE_WORDS], err_t err)
{
    struct mapping_info there;
    vaddr_t at = {words[FAULT_ADDRESS] & ~(PAGE_SIZE - 1)};
    if (err != ERR_MAPPED || process_query(client->process, at, &there) != OK) return err;
    if (client->address != words[FAULT_ADDRESS] || client->rip != words[FAULT_RIP] ||
        client->thread != words[FAULT_THREAD])
        return OK;
    log_printf("process %lu, thread %lu faults again at %#lx, which is mapped: it would for ever", client->id,
               client->thread, client->address);
    return ERR_BAD_STATE;
}

err_t client_fault(struct client *client, const uint64_t words[MESSAGE_WORDS])
{
    if (!regions_hold(&client->regions, PAGE_OF(words[FAULT_ADDRESS]))) return ERR_NOT_FOUND;
    err_t err = add_frame(client, client->process, (vaddr_t){words[FAULT_ADDRESS] & ~(PAGE_SIZE - 1)});
    if (err != OK) err = check_refusal(client, words, err);
    if (err != OK) return err;
    client->address = words[FAULT_ADDRESS];
    client->rip = words[FAULT_RIP];
    client->thread = words[FAULT_THREAD];
    faults++;
    return OK;
}

err_t client_span(struct client *client, uint32_t pages, uint64_t *address)
{
    if (pages == 0) return ERR_BAD_LENGTH;
    err_t err = check_quota(client, pages);
    if (err != OK) return err;
    uint64_t limit = PAGE_OF(WINDOW_BLOCKS);
    uint64_t first = regions_end(&client->regions, PAGE_OF(USER_HEAP), limit);
    if (pages > limit - first) return ERR_NO_MEMORY;
    err = regions_add(&client->regions, first, pages);
    if (err != OK) return err;
    reserve(client, pages);
    *address = first << PAGE_SHIFT;
    return OK;
}

// Takes the frame at a page away, if there is one. ERR_MAPPED: a thread's message page, which the kernel holds.
static err_t take_frame(struct client *client, uint64_t page)
{
    vaddr_t at = {page << PAGE_SHIFT};
    struct mapping_info there;
    if (process_query(client->process, at, &there) != OK) return OK;
    err_t err = process_unmap(client->process, at, 1);
    if (err != OK) return err;
    store_give(&client->frames, (uint32_t)PAGE_OF(there.address.raw));
    client->pages--;
    pages_of_all--;
    return OK;
}

err_t client_release(struct client *client, uint64_t address, uint32_t pages)
{
    if (pages == 0) return ERR_BAD_LENGTH;
    if (address % PAGE_SIZE || address < USER_HEAP || address >= WINDOW_BLOCKS) return ERR_BAD_ADDRESS;
    struct regions without = client->regions;
    err_t err = regions_remove(&without, PAGE_OF(address), pages);
    for (uint32_t i = 0; err == OK && i < pages; i++)
        err = take_frame(client, PAGE_OF(address) + i);
    if (err != OK) return err;
    client->regions = without;
    unreserve(client, pages);
    return OK;
}

// The window of the client's blocks, and a page for their books, out of the client's reach.
static err_t start_blocks(struct client *client)
{
    err_t err = check_quota(client, BLOCK_PAGES + 1);
    if (err != OK) return err;
    err = regions_add(&client->regions, PAGE_OF(WINDOW_BLOCKS), BLOCK_PAGES);
    if (err != OK) return err;
    err = add_frame(client, self, block_books(client));
    if (err != OK)
        return regions_remove(&client->regions, PAGE_OF(WINDOW_BLOCKS), BLOCK_PAGES) == OK ? err : ERR_BAD_STATE;
    reserve(client, BLOCK_PAGES + 1);
    client->blocks = (struct blocks *)block_books(client).raw;
    return OK;
}

err_t client_block_alloc(struct client *client, uint64_t size, uint64_t *address)
{
    err_t err = client->blocks ? OK : start_blocks(client);
    uint64_t offset = 0;
    if (err == OK) err = blocks_alloc(client->blocks, &client->blocks_low, size, &offset);
    if (err != OK) return err;
    client->block_count++;
    *address = WINDOW_BLOCKS + offset;
    return OK;
}

err_t client_block_free(struct client *client, uint64_t address)
{
    if (!client->blocks || address < WINDOW_BLOCKS) return ERR_BAD_ADDRESS;
    err_t err = blocks_free(client->blocks, &client->blocks_low, address - WINDOW_BLOCKS);
    if (err == OK) client->block_count--;
    return err;
}

// --- further threads

#define STACK_PAGES_MAX (USER_STACK_STRIDE / PAGE_SIZE - 1) // the lowest page of a stride is never anybody's

static uint64_t stack_end(uint32_t thread) { return PAGE_OF(USER_STACK_TOP - thread * (uint64_t)USER_STACK_STRIDE); }

static uint64_t message_page_of(uint32_t thread)
{
    return PAGE_OF(USER_MESSAGE_PAGE + thread * (uint64_t)USER_MESSAGE_STRIDE);
}

err_t client_stack(struct client *client, uint32_t thread, uint32_t pages)
{
    if (thread == 0 || thread > USER_THREADS || pages == 0 || pages > STACK_PAGES_MAX) return ERR_RANGE;
    if (regions_hold(&client->regions, message_page_of(thread))) return ERR_EXISTS;
    err_t err = check_quota(client, pages + 1);
    if (err != OK) return err;
    struct regions with = client->regions;
    err = regions_add(&with, message_page_of(thread), 1);
    if (err == OK) err = regions_add(&with, stack_end(thread) - pages, pages);
    if (err != OK) return err;
    client->regions = with;
    reserve(client, pages + 1);
    return OK;
}

err_t client_release_stack(struct client *client, uint32_t thread)
{
    if (thread == 0 || thread > USER_THREADS) return ERR_RANGE;
    if (!regions_hold(&client->regions, message_page_of(thread))) return ERR_NOT_FOUND;
    uint32_t pages = 0;
    while (pages < STACK_PAGES_MAX && regions_hold(&client->regions, stack_end(thread) - pages - 1))
        pages++;
    struct regions without = client->regions;
    err_t err = regions_remove(&without, message_page_of(thread), 1);
    if (err == OK) err = regions_remove(&without, stack_end(thread) - pages, pages);
    if (err == OK) err = take_frame(client, message_page_of(thread)); // refused while the thread lives
    for (uint32_t i = 1; err == OK && i <= pages; i++)
        err = take_frame(client, stack_end(thread) - i);
    if (err != OK) return err;
    client->regions = without;
    unreserve(client, pages + 1);
    return OK;
}
