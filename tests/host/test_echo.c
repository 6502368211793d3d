// SPDX-License-Identifier: MIT
// sources: common/string.c common/mem.c
// The handlers of servers/echo, with the loop, the clock and the answers played by this file.
#include "tests/host/test.h"

#define main echo_main
#include "servers/echo/main.c"
#undef main

static struct echo_server served;
static jmp_buf out_of_panic;
static uint64_t now;
static struct {
    uint64_t token;
    char text[ECHO_LATER_TEXT_MAX + 1];
} answers[2 * WAITING];
static size_t answer_count;

cap_t cap_named(const char *name) { return (cap_t){strcmp(name, "self") == 0 ? 7 : 0}; }

uint64_t clock_now(void) { return now; }

uint64_t deadline_in(uint64_t ns) { return now + ns; }

err_t echo_serve(cap_t endpoint, const struct echo_server *server)
{
    assert_int_equal(endpoint.slot, 7);
    served = *server;
    return ERR_NOT_RECEIVER;
}

err_t echo_later_answer(uint64_t token, err_t error, const struct echo_later_reply *reply)
{
    assert_int_equal(error, OK);
    answers[answer_count].token = token;
    strcpy(answers[answer_count++].text, reply->text);
    return OK;
}

void panic_at(const char *file, int line, const char *format, ...)
{
    (void)file, (void)line, (void)format;
    longjmp(out_of_panic, 1);
}

static int start(void **state)
{
    (void)state;
    memset(waiting, 0, sizeof waiting);
    deadline = FOREVER;
    now = 1000;
    answer_count = 0;
    if (setjmp(out_of_panic) == 0) echo_main();
    return 0;
}

static err_t ask_later(uint64_t token, uint32_t milliseconds, const char *text)
{
    struct caller from = {.token = token};
    const struct echo_later in = {.milliseconds = milliseconds, .text = text, .text_length = (uint32_t)strlen(text)};
    struct echo_later_reply reply = {0};
    return served.later(&from, &in, &reply);
}

static void time_passes(uint64_t milliseconds)
{
    now += milliseconds * NS_PER_MS;
    served.timeout();
}

TEST(what_is_said_comes_back)
{
    struct caller from = {.token = 1};
    struct echo_say_reply reply = {0};
    assert_int_equal(served.say(&from, &(struct echo_say){.text = "hello", .text_length = 5}, &reply), OK);
    assert_string_equal(reply.text, "hello");
}

TEST(the_badge_is_the_callers)
{
    struct caller from = {.badge = 42};
    struct echo_badge_reply reply = {0};
    assert_int_equal(served.badge(&from, &reply), OK);
    assert_int_equal(reply.badge, 42);
}

TEST(nobody_waiting_means_no_deadline)
{
    assert_true(*served.deadline == FOREVER);
    served.timeout();
    assert_true(*served.deadline == FOREVER);
}

TEST(later_answers_each_caller_in_its_time)
{
    assert_int_equal(ask_later(1, 30, "thirty"), DEFERRED);
    assert_int_equal(ask_later(2, 10, "ten"), DEFERRED);
    assert_int_equal(*served.deadline, now + 10 * NS_PER_MS);
    time_passes(9);
    assert_int_equal(answer_count, 0);
    time_passes(1);
    assert_int_equal(answer_count, 1);
    assert_int_equal(answers[0].token, 2);
    assert_string_equal(answers[0].text, "ten");
    assert_int_equal(*served.deadline, now + 20 * NS_PER_MS);
    time_passes(100);
    assert_int_equal(answers[1].token, 1);
    assert_string_equal(answers[1].text, "thirty");
    assert_true(*served.deadline == FOREVER);
}

TEST(the_seventeenth_that_waits_is_refused_and_a_place_becomes_free_again)
{
    for (uint64_t i = 1; i <= WAITING; i++)
        assert_int_equal(ask_later(i, 5, "x"), DEFERRED);
    assert_int_equal(ask_later(99, 5, "x"), ERR_FULL);
    time_passes(5);
    assert_int_equal(answer_count, WAITING);
    assert_int_equal(ask_later(99, 5, "x"), DEFERRED);
}

TEST(a_text_of_the_greatest_length_is_kept_whole)
{
    char text[ECHO_LATER_TEXT_MAX + 1];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    assert_int_equal(ask_later(1, 0, text), DEFERRED);
    time_passes(0);
    assert_string_equal(answers[0].text, text);
}

TEST(a_message_that_nobody_waits_for_takes_no_place)
{
    assert_int_equal(ask_later(0, 5, "x"), OK);
    assert_true(*served.deadline == FOREVER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(what_is_said_comes_back, start),
        cmocka_unit_test_setup(the_badge_is_the_callers, start),
        cmocka_unit_test_setup(nobody_waiting_means_no_deadline, start),
        cmocka_unit_test_setup(later_answers_each_caller_in_its_time, start),
        cmocka_unit_test_setup(the_seventeenth_that_waits_is_refused_and_a_place_becomes_free_again, start),
        cmocka_unit_test_setup(a_text_of_the_greatest_length_is_kept_whole, start),
        cmocka_unit_test_setup(a_message_that_nobody_waits_for_takes_no_place, start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
