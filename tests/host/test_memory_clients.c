// SPDX-License-Identifier: MIT
// sources: servers/memory/clients.c servers/memory/regions.c servers/memory/blocks.c
// What memory keeps of its clients, against a store that counts frames and a kernel that remembers what is mapped where.
#include "tests/host/test.h"

#include <sys/mman.h>

#include "abi/fault.h"
#include "libsys/log.h"
#include "servers/memory/clients.h"
#include "servers/memory/store.h"

#define FRAMES 512u
#define SELF ((cap_t){900})
#define FIRST_SLOT 100u
#define STACK 0x7fffdfff0000ull
#define NOT_MAPPED 0

static struct client_page page;

// --- the store: frame numbers and whether they are out

static bool is_out[FRAMES];
static uint64_t free_frames;

static uint32_t owner_of[FRAMES]; // slot of the process that has it mapped, or had it last

void store_give(uint32_t *list, uint32_t frame)
{
    assert_true(frame < FRAMES && is_out[frame]);
    is_out[frame] = false;
    free_frames++;
    *list = NO_FRAME;
    for (uint32_t i = 0; i < FRAMES; i++)
        if (is_out[i] && owner_of[i] == owner_of[frame]) *list = i;
}

uint64_t store_free(void) { return free_frames; }

// --- the kernel: one address for each frame

static uint64_t mapped_at[FRAMES]; // NOT_MAPPED
static uint64_t pinned;            // an address that cannot be unmapped

static bool is_not_ready; // the kernel asks to be asked again

static err_t map_frame(uint32_t frame, cap_t process, vaddr_t at)
{
    for (uint32_t i = 0; i < FRAMES; i++)
        if (mapped_at[i] == at.raw && owner_of[i] == process.slot) return ERR_MAPPED;
    mapped_at[frame] = at.raw;
    owner_of[frame] = process.slot;
    if (process.slot == SELF.slot) {
        void *there = mmap((void *)at.raw, PAGE_SIZE, PROT_READ | PROT_WRITE,
                           MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
        assert_ptr_equal(there, (void *)at.raw);
        owner_of[frame] = FIRST_SLOT + (uint32_t)(at.raw / PAGE_SIZE % CLIENTS); // on that client's list
    }
    return OK;
}

// The real list is a chain through the links; here its head is the newest frame, and giving finds the next.
err_t store_try_to_map(uint32_t *list, cap_t process, vaddr_t at)
{
    uint32_t frame = 0;
    while (frame < FRAMES && is_out[frame])
        frame++;
    if (frame == FRAMES || free_frames == 0) return ERR_NO_MEMORY;
    is_out[frame] = true;
    free_frames--;
    *list = frame;
    return is_not_ready ? ERR_AGAIN : map_frame(frame, process, at);
}

err_t store_map_again(uint32_t *list, cap_t process, vaddr_t at, err_t err)
{
    if (err == ERR_NO_MEMORY) return err;
    uint32_t frame = *list;
    if (err == ERR_AGAIN) err = map_frame(frame, process, at);
    if (err == OK) return OK;
    owner_of[frame] = process.slot;
    store_give(list, frame);
    return err;
}

// What memory says on the log.
static uint32_t sentences;

err_t log_printf(const char *text, ...)
{
    (void)text;
    sentences++;
    return OK;
}

static uint32_t frame_at(cap_t process, uint64_t at)
{
    for (uint32_t i = 0; i < FRAMES; i++)
        if (mapped_at[i] == at && (owner_of[i] == process.slot || process.slot == SELF.slot)) return i;
    return FRAMES;
}

err_t process_query(cap_t process, vaddr_t at, struct mapping_info *info)
{
    uint32_t frame = frame_at(process, at.raw);
    if (frame == FRAMES) return ERR_NOT_MAPPED;
    *info = (struct mapping_info){.address = {frame * PAGE_SIZE}};
    return OK;
}

err_t process_unmap(cap_t process, vaddr_t at, uint64_t pages)
{
    assert_int_equal(pages, 1);
    if (at.raw == pinned) return ERR_MAPPED;
    uint32_t frame = frame_at(process, at.raw);
    if (frame < FRAMES) mapped_at[frame] = NOT_MAPPED;
    if (process.slot == SELF.slot) assert_int_equal(munmap((void *)at.raw, PAGE_SIZE), 0);
    return OK;
}

static uint32_t dropped;

err_t cap_drop(cap_t capability)
{
    dropped = capability.slot;
    return OK;
}

// --- the tests

static void attach(uint64_t id, uint32_t quota, uint32_t stack)
{
    page.records[CLIENT_PLACE(id)] = (struct client_record){id, STACK, stack, quota};
}

static int fresh(void **state)
{
    (void)state;
    for (uint64_t id = 0; id < 4 * CLIENTS; id++)
        client_detach(id);
    memset(&page, 0, sizeof page);
    memset(is_out, 0, sizeof is_out);
    memset(mapped_at, 0, sizeof mapped_at);
    free_frames = FRAMES;
    pinned = dropped = 0;
    page.process_slot = FIRST_SLOT;
    clients_start(&page, SELF);
    return 0;
}

// Each time another thread.
static err_t touch(struct client *client, uint64_t address)
{
    static uint64_t thread;
    const uint64_t words[MESSAGE_WORDS] = {
        [FAULT_ADDRESS] = address, [FAULT_RIP] = 0x400000, [FAULT_THREAD] = thread++};
    return client_fault(client, words);
}

TEST(a_number_that_init_did_not_announce_is_nobody)
{
    assert_null(client_find(0));
    assert_null(client_find(5));
    attach(5, 10, 0);
    assert_non_null(client_find(5));
    assert_null(client_find(5 + CLIENTS));
    assert_null(client_find(UINT64_MAX));
}

TEST(a_quota_counts_pages_when_they_are_reserved)
{
    uint64_t at;
    attach(1, 20, 4);
    struct client *client = client_find(1);
    assert_int_equal(client->reserved, 4);
    assert_int_equal(client_span(client, 17, &at), ERR_QUOTA);
    assert_int_equal(client_span(client, UINT32_MAX, &at), ERR_QUOTA);
    assert_int_equal(client_span(client, 16, &at), OK);
    assert_int_equal(at, USER_HEAP);
    assert_int_equal(client_span(client, 1, &at), ERR_QUOTA);
    assert_int_equal(client->pages, 0);
    assert_int_equal(clients_promised(), 20);
}

TEST(what_is_promised_to_one_is_not_promised_to_another)
{
    uint64_t at;
    free_frames = 30;
    attach(1, 100, 0);
    attach(2, 100, 0);
    assert_int_equal(client_span(client_find(1), 25, &at), OK);
    assert_int_equal(client_span(client_find(2), 6, &at), ERR_NO_MEMORY);
    assert_int_equal(client_span(client_find(2), 5, &at), OK);
    for (uint64_t i = 0; i < 25; i++)
        assert_int_equal(touch(client_find(1), USER_HEAP + i * PAGE_SIZE), OK);
    for (uint64_t i = 0; i < 5; i++)
        assert_int_equal(touch(client_find(2), USER_HEAP + i * PAGE_SIZE), OK);
    assert_int_equal(clients_promised(), 0);
    assert_int_equal(clients_pages(), 30);
}

TEST(only_reserved_pages_can_be_touched)
{
    uint64_t at;
    attach(1, 20, 4);
    struct client *client = client_find(1);
    assert_int_equal(client_span(client, 2, &at), OK);
    assert_int_equal(touch(client, STACK), OK);
    assert_int_equal(touch(client, STACK - 1), ERR_NOT_FOUND);
    assert_int_equal(touch(client, STACK + 4 * PAGE_SIZE), ERR_NOT_FOUND);
    assert_int_equal(touch(client, USER_HEAP + 2 * PAGE_SIZE), ERR_NOT_FOUND);
    assert_int_equal(touch(client, 0), ERR_NOT_FOUND);
    assert_int_equal(touch(client, UINT64_MAX), ERR_NOT_FOUND);
    assert_int_equal(client->pages, 1);
}

TEST(a_page_that_two_threads_touch_at_once_gets_one_frame)
{
    uint64_t at;
    attach(1, 20, 0);
    struct client *client = client_find(1);
    assert_int_equal(client_span(client, 1, &at), OK);
    assert_int_equal(touch(client, at), OK);
    assert_int_equal(touch(client, at), OK);
    assert_int_equal(client->pages, 1);
    assert_int_equal(free_frames, FRAMES - 1);
}

TEST(a_thread_that_faults_again_at_once_where_all_is_well_is_ended)
{
    uint64_t at;
    attach(1, 20, 4);
    struct client *client = client_find(1);
    assert_int_equal(client_span(client, 3, &at), OK);
    uint64_t words[MESSAGE_WORDS] = {[FAULT_ADDRESS] = at + 8, [FAULT_RIP] = 0x400000, [FAULT_THREAD] = 2};
    uint64_t before = clients_faults();
    sentences = 0;
    assert_int_equal(client_fault(client, words), OK);
    assert_int_equal(client_fault(client, words), ERR_BAD_STATE); // nothing that memory could do would help
    words[FAULT_THREAD] = 3; // came a little later than the first, for the same page
    assert_int_equal(client_fault(client, words), OK);
    assert_int_equal(client_fault(client, words), ERR_BAD_STATE);
    assert_int_equal(sentences, 2);
    words[FAULT_RIP] += 4; // another instruction
    assert_int_equal(client_fault(client, words), OK);
    words[FAULT_ADDRESS] += PAGE_SIZE;
    assert_int_equal(client_fault(client, words), OK);
    assert_int_equal(client_release(client, at + PAGE_SIZE, 1), OK);
    assert_int_equal(client_fault(client, words), ERR_NOT_FOUND);
    assert_int_equal(client->pages, 1);
    assert_int_equal(clients_faults(), before + 4);
}

TEST(a_page_that_the_kernel_is_not_ready_to_map_is_mapped_in_the_end)
{
    attach(1, 20, 4);
    struct client *client = client_find(1);
    is_not_ready = true;
    assert_int_equal(touch(client, STACK), OK);
    assert_int_equal(touch(client, STACK), OK); // by another thread
    assert_int_equal(touch(client, STACK + PAGE_SIZE), OK);
    is_not_ready = false;
    assert_int_equal(client->pages, 2);
    assert_int_equal(free_frames, FRAMES - 2);
}

TEST(a_released_page_gives_its_frame_and_its_place_in_the_quota_back)
{
    uint64_t at;
    attach(1, 20, 0);
    struct client *client = client_find(1);
    assert_int_equal(client_span(client, 10, &at), OK);
    for (uint64_t i = 0; i < 5; i++)
        assert_int_equal(touch(client, at + i * PAGE_SIZE), OK);
    assert_int_equal(client_release(client, at + 2 * PAGE_SIZE, 6), OK);
    assert_int_equal(client->pages, 2);
    assert_int_equal(client->reserved, 4);
    assert_int_equal(free_frames, FRAMES - 2);
    assert_int_equal(touch(client, at + 2 * PAGE_SIZE), ERR_NOT_FOUND);
    assert_int_equal(client_release(client, STACK, 1), ERR_BAD_ADDRESS);
    assert_int_equal(client_release(client, at + 1, 1), ERR_BAD_ADDRESS);
    assert_int_equal(client_release(client, at, 0), ERR_BAD_LENGTH);
    assert_int_equal(client_release(client, at, UINT32_MAX), ERR_BAD_ADDRESS);
}

TEST(a_message_page_that_the_kernel_holds_stays)
{
    uint64_t at;
    attach(1, 20, 0);
    struct client *client = client_find(1);
    assert_int_equal(client_span(client, 3, &at), OK);
    for (uint64_t i = 0; i < 3; i++)
        assert_int_equal(touch(client, at + i * PAGE_SIZE), OK);
    pinned = at + PAGE_SIZE;
    assert_int_equal(client_release(client, at, 3), ERR_MAPPED);
    assert_int_equal(client->reserved, 3);
    assert_int_equal(client->pages, 2);
    assert_int_equal(touch(client, at), OK);
}

TEST(blocks_cost_their_window_and_their_books)
{
    uint64_t a, b;
    attach(1, 64, 0);
    assert_int_equal(client_block_alloc(client_find(1), 8, &a), ERR_QUOTA);
    attach(2, 65, 0);
    struct client *client = client_find(2);
    assert_int_equal(client_block_free(client, USER_HEAP), ERR_BAD_ADDRESS);
    assert_int_equal(client_block_alloc(client, 8, &a), OK);
    assert_int_equal(client_block_alloc(client, 8, &b), OK);
    assert_int_equal(b - a, 16);
    assert_int_equal(client->reserved, 65);
    assert_int_equal(client->pages, 1);
    assert_int_equal(touch(client, a), OK);
    assert_int_equal(client_block_free(client, a), OK);
    assert_int_equal(client_block_free(client, a), ERR_BAD_ADDRESS);
    assert_int_equal(client->block_count, 1);
}

TEST(the_end_of_a_client_gives_everything_back_and_its_place_to_the_next)
{
    uint64_t at;
    attach(3, 200, 4);
    struct client *client = client_find(3);
    assert_int_equal(client_span(client, 9, &at), OK);
    assert_int_equal(touch(client, at), OK);
    assert_int_equal(touch(client, STACK), OK);
    assert_int_equal(client_block_alloc(client, 100, &at), OK);
    assert_int_equal(touch(client, at), OK);
    client_detach(3 + CLIENTS); // of the same place, but it never was
    assert_int_equal(client->id, 3);
    client_detach(3);
    assert_int_equal(free_frames, FRAMES);
    assert_int_equal(clients_pages(), 0);
    assert_int_equal(clients_promised(), 0);
    assert_int_equal(dropped, FIRST_SLOT + 3);
    attach(3 + CLIENTS, 50, 0);
    assert_null(client_find(3));
    assert_int_equal(client_find(3 + CLIENTS)->quota, 50);
    assert_int_equal(client_find(3 + CLIENTS)->reserved, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_number_that_init_did_not_announce_is_nobody, fresh),
        cmocka_unit_test_setup(a_quota_counts_pages_when_they_are_reserved, fresh),
        cmocka_unit_test_setup(what_is_promised_to_one_is_not_promised_to_another, fresh),
        cmocka_unit_test_setup(only_reserved_pages_can_be_touched, fresh),
        cmocka_unit_test_setup(a_page_that_two_threads_touch_at_once_gets_one_frame, fresh),
        cmocka_unit_test_setup(a_thread_that_faults_again_at_once_where_all_is_well_is_ended, fresh),
        cmocka_unit_test_setup(a_page_that_the_kernel_is_not_ready_to_map_is_mapped_in_the_end, fresh),
        cmocka_unit_test_setup(a_released_page_gives_its_frame_and_its_place_in_the_quota_back, fresh),
        cmocka_unit_test_setup(a_message_page_that_the_kernel_holds_stays, fresh),
        cmocka_unit_test_setup(blocks_cost_their_window_and_their_books, fresh),
        cmocka_unit_test_setup(the_end_of_a_client_gives_everything_back_and_its_place_to_the_next, fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
