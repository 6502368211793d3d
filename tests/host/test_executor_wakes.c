// SPDX-License-Identifier: MIT
// No wake-up is lost: every order in which an event can meet a task that is about to wait, and random schedules of tasks
// that send and receive, time out, are woken for nothing and are cancelled.
// sources: libsys/async/executor.c libsys/async/channel.c common/mem.c
#include "tests/host/executor_fixture.h"

#include "libsys/async/channel.h"

static enum poll waits_for_bit(struct task *t)
{
    uint64_t got;
    TASK_BEGIN(t);
    TASK_AWAIT(t, task_bits(t, 1, &got));
    t->value = got;
    TASK_END(t);
}

static const struct task_kind bit_kind = {.name = "bit", .poll = waits_for_bit};

// The device: an event comes at one of the steps of ask, register, ask again, go to sleep. `step` counts them; the event
// leaves a number in the mailbox and sets the bit in the kernel, which is sticky.
static int event_at, step;
static bool mail, kernel_bit;

static void at_step(void)
{
    if (step++ == event_at) mail = kernel_bit = true;
}

static bool mail_taken(struct task *t)
{
    uint64_t got;
    do {
        at_step();
        if (mail) return mail = false, true;
        at_step();
    } while (task_bits(t, 1, &got));
    at_step();
    return false;
}

static enum poll reads_mail(struct task *t)
{
    TASK_BEGIN(t);
    TASK_AWAIT(t, mail_taken(t));
    TASK_END(t);
}

static const struct task_kind mail_kind = {.name = "mail", .poll = reads_mail};

// The kernel's receive: with a bit it returns at once. With none it sleeps, which is one step for everybody else, and an
// event that is still to come wakes it.
static void receive(void)
{
    at_step();
    if (!kernel_bit && e.deadline == FOREVER) {
        assert_true(step <= event_at); // otherwise it sleeps for ever: the event has been lost
        mail = kernel_bit = true;
        event_at = -1;
    }
    if (kernel_bit) executor_notified(&e, 1);
    kernel_bit = false;
}

TEST(an_event_at_any_step_between_asking_and_sleeping_is_seen)
{
    for (uint64_t left_over = 0; left_over < 2; left_over++) // a bit that stands for nothing any more
        for (int at = 0; at < 16; at++) {
            begin();
            event_at = at;
            step = 0;
            mail = kernel_bit = false;
            e.bits = left_over;
            spawn(&mail_kind);
            while (e.alive > 0) {
                receive();
                at_step();
                executor_turn(&e);
            }
        }
}

static enum poll wakes_itself(struct task *t)
{
    if (t->polls > 1) return POLL_DONE;
    executor_wake(t->executor, t->id);
    return POLL_PENDING;
}

TEST(a_task_that_is_woken_while_it_runs_is_polled_again)
{
    static const struct task_kind kind = {.name = "self", .poll = wakes_itself};
    begin();
    spawn(&kind);
    run_until_quiet();
    assert_int_equal(e.alive, 0);
}

static struct channel channel;
static uint64_t items[3];
static uint64_t sent, received, sum_sent, sum_received;

static enum poll sender(struct task *t)
{
    err_t error;
    TASK_BEGIN(t);
    for (; t->own[0] < 20; t->own[0]++) {
        TASK_AWAIT(t, channel_send(&channel, t, sent + 1, &error));
        if (error == OK) sum_sent += ++sent;
        if (random_below(4) == 0) TASK_YIELD(t);
    }
    TASK_END(t);
}

static enum poll receiver(struct task *t)
{
    uint64_t item;
    err_t error;
    TASK_BEGIN(t);
    for (;;) {
        TASK_AWAIT(t, channel_receive(&channel, t, &item, &error) || task_time(t, t->until));
        if (channel.count == 0 && channel.closed && error == ERR_GONE) break;
        if (error == OK) received++, sum_received += item;
        t->until = t->executor->now() + random_below(5) + 1;
        if (random_below(4) == 0) TASK_SLEEP(t, random_below(3));
    }
    TASK_END(t);
}

static const struct task_kind sender_kind = {.name = "sender", .poll = sender};
static const struct task_kind receiver_kind = {.name = "receiver", .poll = receiver};

// Whoever waits has a reason to: a receiver in the queue of an empty channel, a sender in that of a full one.
static void check_nobody_forgotten(void)
{
    if (channel.count > 0 || channel.closed) assert_null(channel.receivers.first);
    if (channel.count < channel.places || channel.closed) assert_null(channel.senders.first);
    for (uint32_t i = 0; i < PLACES; i++)
        if (tasks[i].state == TASK_WAITING) assert_true(tasks[i].queue != NULL || tasks[i].deadline != FOREVER);
}

TEST(a_million_random_steps_lose_no_item_and_no_wake_up)
{
    for (uint64_t steps = 0; steps < 1000000;) {
        begin();
        channel_start(&channel, items, (uint32_t)random_below(COUNT(items)) + 1);
        sent = received = sum_sent = sum_received = 0;
        uint64_t senders[4], receivers[3];
        for (size_t i = 0; i < COUNT(senders); i++)
            senders[i] = spawn(&sender_kind);
        for (size_t i = 0; i < COUNT(receivers); i++)
            receivers[i] = spawn(&receiver_kind);
        for (bool all_sent = false; e.alive > 0; steps++) {
            switch (random_below(8)) {
            case 0:
                the_time += random_below(4);
                break;
            case 1: // for nothing
                executor_wake(&e, tasks[random_below(PLACES)].id);
                break;
            case 2: // one receiver may go; two stay
                executor_cancel(&e, receivers[0]);
                break;
            case 3:
                if (random_below(50) == 0) executor_cancel(&e, senders[random_below(COUNT(senders))]);
                break;
            default:
                executor_turn(&e);
                check_nobody_forgotten();
            }
            all_sent = true;
            for (size_t i = 0; i < COUNT(senders); i++)
                all_sent &= executor_find(&e, senders[i])->state >= TASK_DONE;
            if (all_sent && !channel.closed) channel_close(&channel);
            // Nothing ready, no time, nobody ended: somebody has been forgotten.
            assert_false(e.deadline == FOREVER && e.alive > 0 && !channel.closed && channel.count == 0 && all_sent);
            if (e.deadline != 0 && e.deadline != FOREVER && random_below(2)) the_time = e.deadline;
        }
        assert_int_equal(sent, received + channel.count);
        assert_true(channel.count > 0 || sum_sent == sum_received);
    }
}

TEST(a_full_channel_keeps_the_sender_and_an_empty_one_the_receiver)
{
    begin();
    uint64_t item = 0;
    err_t error;
    channel_start(&channel, items, 2);
    struct task *t = executor_find(&e, spawn(&bit_kind));
    executor_turn(&e);
    task_forget(t);
    assert_false(channel_receive(&channel, t, &item, &error));
    task_forget(t);
    assert_true(channel_send(&channel, t, 7, &error) && error == OK);
    assert_true(channel_send(&channel, t, 8, &error) && error == OK);
    assert_false(channel_send(&channel, t, 9, &error));
    channel_close(&channel);
    assert_true(channel_send(&channel, t, 9, &error) && error == ERR_GONE);
    assert_true(channel_receive(&channel, t, &item, &error) && item == 7);
    assert_true(channel_receive(&channel, t, &item, &error) && item == 8 && error == OK);
    assert_true(channel_receive(&channel, t, &item, &error) && error == ERR_GONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_event_at_any_step_between_asking_and_sleeping_is_seen),
        cmocka_unit_test(a_task_that_is_woken_while_it_runs_is_polled_again),
        cmocka_unit_test(a_million_random_steps_lose_no_item_and_no_wake_up),
        cmocka_unit_test(a_full_channel_keeps_the_sender_and_an_empty_one_the_receiver),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
