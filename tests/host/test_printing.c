// SPDX-License-Identifier: MIT
// sources: common/format.c common/format_variadic.c common/format_float.c common/error_text.c common/string.c common/mem.c
// printf, the log and panic of libsys against a screen and a kernel that write down what they get.
#include "tests/host/libsys_kernel.h"

#include "common/format.h"
#include "interfaces/vga.h"

#define printf annulet_printf
#define vprintf annulet_vprintf
#define puts annulet_puts
#define putchar annulet_putchar
#define snprintf annulet_snprintf
#define vsnprintf annulet_vsnprintf
#define memchr annulet_memchr
#define print_error annulet_print_error
#include "libsys/log.c"
#include "libsys/named.c"
#include "libsys/panic.c"
#include "libsys/snprintf.c"
#include "libsys/stdio.c"
#undef printf
#undef puts
#undef putchar
#undef snprintf
#undef memchr
#undef print_error

static char screen[100000];
static size_t screen_length, writes;
static err_t screen_error;
static size_t screen_error_after; // writes that still work

err_t vga_write(cap_t vga, const void *text, size_t length)
{
    assert_int_equal(vga.slot, 2);
    assert_true(length <= VGA_WRITE_TEXT_MAX);
    if (screen_error != OK && writes >= screen_error_after) return screen_error;
    writes++;
    memcpy(screen + screen_length, text, length);
    screen_length += length;
    screen[screen_length] = 0;
    memset(test_page.body, 0xee, sizeof test_page.body); // IPC takes the message page
    return OK;
}

static char logged[2000]; // lines, each closed by a '|'
static size_t logged_length;
static err_t log_error;

static uint32_t scripted_trap(cap_t capability, struct message *m)
{
    assert_int_equal(TAG_OPERATION(m->tag), SYS_log_write);
    assert_int_equal(capability.slot, 1);
    if (log_error != OK) return log_error;
    const size_t length = TAG_LENGTH(m->tag);
    assert_true(length <= LOG_LINE_MAX);
    memcpy(logged + logged_length, test_page.body, length);
    logged_length += length;
    logged[logged_length++] = '|';
    logged[logged_length] = 0;
    return OK;
}

void *annulet_memchr(const void *bytes, int value, size_t count) { return memchr(bytes, value, count); }

static jmp_buf ended;
static char last_words[PANIC_MAX + 1];
static int last_code;

noreturn void exit_text(int code, const char *text, size_t length)
{
    assert_true(length <= PANIC_MAX);
    memcpy(last_words, text, length);
    last_words[length] = 0;
    last_code = code;
    longjmp(ended, 1);
}

static void begin(bool has_screen)
{
    test_begin(has_screen ? (const char *const[]){"log", "vga", NULL} : (const char *const[]){"log", NULL}, 32);
    screen_length = writes = logged_length = screen_error_after = 0;
    screen[0] = logged[0] = 0;
    screen_error = log_error = OK;
}

TEST(one_printf_is_one_write)
{
    begin(true);
    assert_int_equal(annulet_printf("%s is %d and %c\n", "x", 42, 'y'), 14);
    assert_string_equal(screen, "x is 42 and y\n");
    assert_int_equal(writes, 1);
    assert_int_equal(annulet_puts("line"), 5);
    assert_int_equal(writes, 2);
    assert_int_equal(annulet_putchar(0xfe), 0xfe);
    assert_string_equal(screen, "x is 42 and y\nline\n\xfe");
    assert_int_equal(logged_length, 0);
}

TEST(an_argument_may_print_itself)
{
    begin(true);
    annulet_printf("outer %d\n", annulet_printf("inner\n"));
    assert_string_equal(screen, "inner\nouter 6\n");
}

TEST(text_from_the_message_page_is_printed_whole)
{
    begin(true);
    strcpy((char *)test_page.body, "from the page");
    annulet_printf("%s, %s", (char *)test_page.body, (char *)test_page.body);
    assert_string_equal(screen, "from the page, from the page");
}

TEST(texts_of_every_length_arrive_whole)
{
    for (size_t length = 0; length < 9000; length += length < 300 || length % 4000 > 3990 ? 1 : 331) {
        begin(true);
        char *text = malloc(length + 1);
        for (size_t i = 0; i < length; i++)
            text[i] = (char)('a' + i % 26);
        text[length] = 0;
        assert_int_equal(annulet_printf("%s", text), length);
        assert_string_equal(screen, text);
        assert_int_equal(writes, (length + 3999) / 4000);
        free(text);
    }
}

TEST(what_is_longer_than_the_limit_is_cut)
{
    begin(true);
    assert_int_equal(annulet_printf("%50000d", 7), PRINT_MAX);
    assert_int_equal(screen_length, PRINT_MAX);
}

TEST(a_long_text_is_never_cut_inside_a_character)
{
    for (size_t shift = 0; shift < 4; shift++) {
        begin(true);
        char text[4100] = {0};
        memset(text, 'x', shift);
        for (size_t i = shift; i + 3 <= 4050; i += 3)
            memcpy(text + i, "\xe2\x82\xac", 3); // €
        annulet_printf("%s", text);
        assert_string_equal(screen, text);
        assert_int_equal(writes, 2);
    }
}

TEST(without_a_screen_each_line_goes_to_the_log)
{
    begin(false);
    assert_int_equal(annulet_printf("one\ntwo\n\nthree"), 14);
    assert_string_equal(logged, "one|two||three|");
    annulet_puts("four");
    assert_string_equal(logged, "one|two||three|four|");
}

TEST(what_the_screen_refuses_goes_to_the_log)
{
    begin(true);
    screen_error = ERR_SERVER_DIED;
    assert_int_equal(annulet_printf("hello\n"), 6);
    assert_string_equal(logged, "hello|");
    begin(true);
    screen_error = ERR_SERVER_DIED;
    screen_error_after = 1;
    annulet_printf("%4000d%s\n", 1, "rest");
    assert_int_equal(screen_length, 4000);
    assert_string_equal(logged, "rest|");
}

TEST(without_screen_and_log_printf_says_so)
{
    begin(false);
    log_error = ERR_NO_CAP;
    assert_int_equal(annulet_printf("hello\n"), -1);
    assert_int_equal(annulet_putchar('x'), -1);
}

TEST(an_error_is_printed_in_words)
{
    begin(true);
    annulet_print_error("vga", ERR_TIMEOUT);
    assert_string_equal(screen, "vga: the deadline passed\n");
}

TEST(the_log_leaves_the_message_page_as_it_was)
{
    begin(true);
    for (size_t i = 0; i < sizeof test_page.body; i++)
        test_page.body[i] = (uint8_t)(i * 7);
    const struct message_page before = test_page;
    log_line("a line");
    log_printf("%d of %s", 3, "them");
    log_bytes((const char *)test_page.body + 1, 3); // even when the text lies there
    assert_memory_equal(&before, &test_page, sizeof before);
    assert_memory_equal(logged, "a line|3 of them|\x07\x0e\x15|", 22);
}

TEST(a_long_line_becomes_several_and_an_empty_one_is_a_line)
{
    begin(true);
    char text[600];
    memset(text, 'z', sizeof text);
    assert_int_equal(log_bytes(text, sizeof text), OK);
    assert_int_equal(logged_length, 603);
    assert_int_equal(logged[256], '|');
    log_line("");
    assert_int_equal(logged_length, 604);
    log_printf("%300d", 1);
    assert_int_equal(logged_length, 604 + 257);
}

TEST(snprintf_counts_like_c)
{
    char out[8];
    assert_int_equal(annulet_snprintf(out, sizeof out, "%d-%s", 12, "345678"), 9);
    assert_string_equal(out, "12-3456");
    assert_int_equal(annulet_snprintf(NULL, 0, "%d", 12345), 5);
}

TEST(panic_names_reason_and_place)
{
    begin(true);
    if (setjmp(ended) == 0) panic_at("servers/x/x.c", 12, "no key %u in %s", 7u, "table");
    assert_string_equal(last_words, "no key 7 in table at servers/x/x.c:12");
    assert_int_equal(last_code, PANIC_CODE);
}

TEST(a_long_panic_still_names_its_place)
{
    begin(true);
    if (setjmp(ended) == 0) panic_at("servers/x/x.c", 12, "%2000d", 1);
    assert_non_null(strstr(last_words, " at servers/x/x.c:12"));
    assert_true(strlen(last_words) > REASON_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_printf_is_one_write),
        cmocka_unit_test(an_argument_may_print_itself),
        cmocka_unit_test(text_from_the_message_page_is_printed_whole),
        cmocka_unit_test(texts_of_every_length_arrive_whole),
        cmocka_unit_test(what_is_longer_than_the_limit_is_cut),
        cmocka_unit_test(a_long_text_is_never_cut_inside_a_character),
        cmocka_unit_test(without_a_screen_each_line_goes_to_the_log),
        cmocka_unit_test(what_the_screen_refuses_goes_to_the_log),
        cmocka_unit_test(without_screen_and_log_printf_says_so),
        cmocka_unit_test(an_error_is_printed_in_words),
        cmocka_unit_test(the_log_leaves_the_message_page_as_it_was),
        cmocka_unit_test(a_long_line_becomes_several_and_an_empty_one_is_a_line),
        cmocka_unit_test(snprintf_counts_like_c),
        cmocka_unit_test(panic_names_reason_and_place),
        cmocka_unit_test(a_long_panic_still_names_its_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
