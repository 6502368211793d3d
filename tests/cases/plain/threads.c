// SPDX-License-Identifier: MIT
// Threads of one process: what they share, and how they wait for each other.
#include "libsys/threads.h"

#include "interfaces/memory.h"
#include "libsys/stdlib.h"
#include "tests/cases/case.h"

#define WORKERS 4
#define ROUNDS 300

static struct mutex lock;
static struct condition changed;
static uint64_t total, order[WORKERS];
static uint32_t numbers[USER_THREADS];

static uint32_t spawn(void (*function)(void *), uint64_t argument)
{
    uint32_t number = 0;
    CHECK_EQ(thread_spawn(&number, function, (void *)argument, 2, 0), OK);
    CHECK(number >= 1 && number <= USER_THREADS);
    return number;
}

static void spawn_all(void (*function)(void *), uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        numbers[i] = spawn(function, i);
}

static void join_all(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        CHECK_EQ(thread_join(numbers[i]), OK);
}

static void store(void *argument) { total += (uint64_t)argument; }

TEST(a_thread_runs_in_the_memory_of_its_process, .process = true)
{
    uint32_t number = spawn(store, 42);
    CHECK_EQ(thread_join(number), OK);
    CHECK_EQ(total, 42);
    CHECK_EQ(thread_number(), 0);
}

static void note_place(void *argument)
{
    order[(uint64_t)argument] = thread_number();
    message_page()->body[0] = (uint8_t)thread_number();
    yield();
    CHECK_EQ(message_page()->body[0], thread_number());
    CHECK_EQ((uint64_t)message_page(), thread_message_page(thread_number()).raw);
}

TEST(each_thread_has_a_number_and_a_message_page_of_its_own, .process = true)
{
    spawn_all(note_place, WORKERS);
    join_all(WORKERS);
    for (uint32_t i = 0; i < WORKERS; i++)
        CHECK_EQ(order[i], numbers[i]);
}

// Not atomic, and with a switch in between: only the mutex keeps the sum right.
static void add_slowly(void *unused)
{
    (void)unused;
    for (int i = 0; i < ROUNDS; i++) {
        mutex_lock(&lock);
        uint64_t before = total;
        yield();
        total = before + 1;
        mutex_unlock(&lock);
    }
}

TEST(a_mutex_keeps_all_others_out, .process = true, .milliseconds = 3000)
{
    spawn_all(add_slowly, WORKERS);
    add_slowly(NULL);
    join_all(WORKERS);
    CHECK_EQ(total, (WORKERS + 1) * ROUNDS);
    CHECK(mutex_try_lock(&lock));
    CHECK(!mutex_try_lock(&lock));
    mutex_unlock(&lock);
}

static void take_in_turn(void *argument)
{
    mutex_lock(&lock);
    order[total++] = (uint64_t)argument;
    mutex_unlock(&lock);
}

TEST(a_mutex_goes_to_those_who_wait_in_the_order_in_which_they_came, .process = true)
{
    mutex_lock(&lock);
    for (uint32_t i = 0; i < WORKERS; i++) {
        numbers[i] = spawn(take_in_turn, i);
        yield(); // it waits now
    }
    CHECK_EQ(total, 0);
    mutex_unlock(&lock);
    join_all(WORKERS);
    for (uint64_t i = 0; i < WORKERS; i++)
        CHECK_EQ(order[i], i);
}

// --- condition variables

#define QUEUE 4
#define ITEMS 200
static uint64_t queue[QUEUE], count, sent, received;
static struct condition room, items;

static void produce(void *unused)
{
    (void)unused;
    for (uint64_t i = 0; i < ITEMS; i++) {
        mutex_lock(&lock);
        while (count == QUEUE)
            CHECK_EQ(condition_wait(&room, &lock, FOREVER), OK);
        queue[count++] = i + 1;
        sent += i + 1;
        condition_signal(&items);
        mutex_unlock(&lock);
    }
}

static void consume(void *unused)
{
    (void)unused;
    for (uint64_t i = 0; i < ITEMS; i++) {
        mutex_lock(&lock);
        while (count == 0)
            CHECK_EQ(condition_wait(&items, &lock, FOREVER), OK);
        received += queue[--count];
        condition_signal(&room);
        mutex_unlock(&lock);
    }
}

TEST(what_two_produce_two_consume, .process = true, .milliseconds = 3000)
{
    numbers[0] = spawn(produce, 0);
    numbers[1] = spawn(consume, 0);
    numbers[2] = spawn(consume, 0);
    numbers[3] = spawn(produce, 0);
    join_all(4);
    CHECK_EQ(received, sent);
    CHECK_EQ(received, 2 * ITEMS * (ITEMS + 1) / 2);
    CHECK_EQ(count, 0);
}

static void wait_for_change(void *unused)
{
    (void)unused;
    mutex_lock(&lock);
    count++;
    CHECK_EQ(condition_wait(&changed, &lock, FOREVER), OK);
    total++;
    mutex_unlock(&lock);
}

TEST(a_signal_wakes_one_and_a_broadcast_all, .process = true)
{
    spawn_all(wait_for_change, WORKERS);
    while (count < WORKERS)
        yield();
    mutex_lock(&lock);
    condition_signal(&changed);
    mutex_unlock(&lock);
    CHECK_EQ(sleep_for(5 * NS_PER_MS), OK);
    CHECK_EQ(total, 1);
    mutex_lock(&lock);
    condition_broadcast(&changed);
    mutex_unlock(&lock);
    join_all(WORKERS);
    CHECK_EQ(total, WORKERS);
}

TEST(a_wait_ends_with_its_deadline_and_has_the_mutex, .process = true)
{
    numbers[0] = spawn(store, 1); // from here on there are threads
    mutex_lock(&lock);
    EXPECT_TIMEOUT(20 * NS_PER_MS, condition_wait(&changed, &lock, deadline));
    CHECK(!mutex_try_lock(&lock));
    CHECK(changed.first == NULL && changed.last == NULL);
    mutex_unlock(&lock);
    join_all(1);
    mutex_lock(&lock); // a signal that comes first
    numbers[0] = spawn(wait_for_change, 0);
    mutex_unlock(&lock);
    yield();
    mutex_lock(&lock);
    condition_broadcast(&changed);
    mutex_unlock(&lock);
    join_all(1);
    CHECK_EQ(total, 2);
}

static void sleep_and_note(void *argument)
{
    uint64_t place = (uint64_t)argument;
    CHECK_EQ(sleep_for((WORKERS - place) * 10 * NS_PER_MS), OK);
    order[total++] = place;
}

TEST(threads_sleep_side_by_side, .process = true)
{
    spawn_all(sleep_and_note, WORKERS);
    CHECK_EQ(sleep_for(5 * NS_PER_MS), OK);
    join_all(WORKERS);
    for (uint64_t i = 0; i < WORKERS; i++)
        CHECK_EQ(order[i], WORKERS - 1 - i);
}

static void allocate(void *argument)
{
    for (uint64_t i = 0; i < 100; i++) {
        uint64_t *block = malloc(100 + i);
        CHECK(block != NULL);
        *block = (uint64_t)argument << 32 | i;
        yield();
        CHECK_EQ(*block, (uint64_t)argument << 32 | i);
        free(block);
    }
}

TEST(all_threads_may_allocate, .process = true, .milliseconds = 2000)
{
    spawn_all(allocate, WORKERS);
    join_all(WORKERS);
    CHECK_EQ(heap_figures().blocks, 0);
}

// --- what there is of them

static void wait_for_lock(void *unused)
{
    (void)unused;
    mutex_lock(&lock);
    mutex_unlock(&lock);
}

TEST(there_are_as_many_threads_as_the_book_says_and_again_after_a_join, .process = true)
{
    uint32_t one_more = 0;
    for (int round = 0; round < 2; round++) {
        mutex_lock(&lock);
        spawn_all(wait_for_lock, USER_THREADS);
        CHECK_EQ(thread_spawn(&one_more, store, NULL, 1, 0), ERR_FULL);
        mutex_unlock(&lock);
        join_all(USER_THREADS);
    }
}

TEST(a_stack_of_no_page_or_too_many_is_refused_and_a_small_one_follows, .process = true)
{
    uint32_t number = 0;
    CHECK_EQ(thread_spawn(&number, store, NULL, 0, 0), ERR_RANGE);
    CHECK_EQ(thread_spawn(&number, store, NULL, THREAD_STACK_MAX + 1, 0), ERR_RANGE);
    uint32_t large = 0;
    err_t err = OK;
    while (large < USER_THREADS &&
           (err = thread_spawn(&numbers[large], wait_for_lock, NULL, THREAD_STACK_MAX, 0)) == OK)
        large++;
    CHECK_EQ(err, ERR_QUOTA);
    join_all(large);
    CHECK_EQ(thread_spawn(&number, store, (void *)3, 3, 0), OK);
    CHECK_EQ(thread_join(number), OK);
    CHECK_EQ(total, 3);
}

TEST(each_thread_is_joined_once_and_nobody_joins_himself, .process = true)
{
    uint32_t number = spawn(store, 1);
    CHECK_EQ(thread_join(0), ERR_NOT_FOUND);
    CHECK_EQ(thread_join(USER_THREADS + 1), ERR_NOT_FOUND);
    CHECK_EQ(thread_join(number + 1), ERR_NOT_FOUND);
    CHECK_EQ(thread_join(number), OK);
    CHECK_EQ(thread_join(number), ERR_NOT_FOUND);
}

TEST(without_the_process_nobody_makes_a_thread)
{
    uint32_t number = 0;
    CHECK_EQ(thread_spawn(&number, store, NULL, 1, 0), ERR_NO_CAP);
}

TEST(nobody_makes_a_thread_above_himself, .process = true)
{
    uint32_t number = 0;
    CHECK_EQ(thread_spawn(&number, store, NULL, 1, start_page()->priority + 1), ERR_BAD_ARGUMENT);
    CHECK_EQ(thread_spawn(&number, store, (void *)5, 1, 1), OK);
    CHECK_EQ(thread_join(number), OK);
    CHECK_EQ(total, 5);
}

TEST(memory_gives_a_thread_its_places_once_and_takes_them_back_when_it_is_over, .process = true)
{
    const cap_t memory = cap_named("memory");
    CHECK_EQ(memory_stack(memory, 0, 1), ERR_RANGE);
    CHECK_EQ(memory_stack(memory, USER_THREADS + 1, 1), ERR_RANGE);
    CHECK_EQ(memory_stack(memory, 1, 0), ERR_RANGE);
    CHECK_EQ(memory_stack(memory, 1, 256), ERR_RANGE);
    CHECK_EQ(memory_stack(memory, UINT32_MAX, UINT32_MAX), ERR_RANGE);
    CHECK_EQ(memory_release_stack(memory, 0), ERR_RANGE);
    CHECK_EQ(memory_release_stack(memory, 1), ERR_NOT_FOUND);
    CHECK_EQ(memory_stack(memory, 3, 255), OK);
    CHECK_EQ(memory_stack(memory, 3, 1), ERR_EXISTS);
    *(volatile uint64_t *)(thread_stack_top(3).raw - 255 * PAGE_SIZE) = 1;
    CHECK_EQ(memory_release_stack(memory, 3), OK);
    CHECK_EQ(memory_release_stack(memory, 3), ERR_NOT_FOUND);
    mutex_lock(&lock);
    uint32_t number = spawn(wait_for_lock, 0);
    CHECK_EQ(memory_release_stack(memory, number), ERR_MAPPED);
    CHECK_EQ(memory_stack(memory, number, 1), ERR_EXISTS);
    mutex_unlock(&lock);
    CHECK_EQ(thread_join(number), OK);
    EXPECT_FAULT_AT(thread_stack_top(3).raw - 8, *(volatile uint64_t *)(thread_stack_top(3).raw - 8) = 1);
}

// --- what goes wrong in one ends all

static uint64_t never_inline recurse(uint64_t depth)
{
    volatile uint64_t here[64] = {depth};
    return depth == 0 ? 0 : recurse(depth + 1) + here[0];
}
static void overflow(void *unused) { total = recurse((uint64_t)unused + 1); }
static void stop(void *unused)
{
    (void)unused;
    __asm__ volatile("ud2");
}

TEST(a_thread_that_overflows_its_stack_meets_its_guard_page, .process = true)
{
    EXPECT_FAULT(PF, (void)!thread_join(spawn(overflow, 0)));
    EXPECT_FAULT(UD, (void)!thread_join(spawn(stop, 0)));
}
