// SPDX-License-Identifier: MIT
// sources: common/format.c common/format_variadic.c common/format_float.c common/string.c common/mem.c
// How a program starts: the start page is checked, arguments are cut out of it, main is called and its result is the
// exit code.
#include "tests/host/test.h"

#include "abi/boot.h"
#include "abi/start.h"

static union {
    struct start_page start;
    struct boot_info boot;
    uint8_t bytes[PAGE_SIZE];
} page;

#undef USER_START_PAGE
#define USER_START_PAGE ((uintptr_t)&page)
#define main program_main
#define exit program_exit
#define exit_text program_exit_text
#define strnlen annulet_strnlen
#include "libsys/start.c"
#undef main
#undef exit

static int given_count, exit_code;
static char *given[600];
static char last_words[200];
static jmp_buf ended;

int program_main(int count, char **arguments)
{
    given_count = count;
    assert_true(count < (int)COUNT(given));
    memcpy(given, arguments, ((size_t)count + 1) * sizeof *given);
    return 42;
}

void program_exit(int code)
{
    exit_code = code;
    longjmp(ended, 1);
}

void program_exit_text(int code, const char *text, size_t length)
{
    snprintf(last_words, sizeof last_words, "%.*s", (int)length, text);
    program_exit(code);
}

static void begin(void)
{
    memset(&page, 0, sizeof page);
    page.start.magic = START_MAGIC;
    page.start.version = START_VERSION;
    given_count = exit_code = -1;
    last_words[0] = 0;
}

static void start(void)
{
    if (setjmp(ended) == 0) start_main();
}

TEST(arguments_are_cut_and_what_main_returns_is_the_exit_code)
{
    begin();
    memcpy(page.start.arguments, "say\0hello there\0!\0", 19);
    start();
    assert_int_equal(given_count, 3);
    assert_string_equal(given[0], "say");
    assert_string_equal(given[1], "hello there");
    assert_string_equal(given[2], "!");
    assert_null(given[3]);
    assert_int_equal(exit_code, 42);
    assert_string_equal(last_words, "");
}

TEST(no_arguments_are_a_count_of_zero)
{
    begin();
    start();
    assert_int_equal(given_count, 0);
    assert_null(given[0]);
}

TEST(arguments_that_fill_the_page_to_its_end_stop_there)
{
    begin();
    for (size_t i = 0; i < START_ARGUMENTS; i++)
        page.start.arguments[i] = i % 2 == 0 ? 'x' : 0;
    start();
    assert_int_equal(given_count, START_ARGUMENTS / 2);
    assert_null(given[START_ARGUMENTS / 2]);
    begin();
    memset(page.start.arguments, 'x', START_ARGUMENTS); // no NUL at all: one argument, and no second
    start();
    assert_int_equal(given_count, 1);
}

TEST(a_page_that_is_none_is_refused_by_its_magic)
{
    begin();
    page.start.magic = 0x1234;
    start();
    assert_string_equal(last_words, "start page: magic 0x1234 is not Annulet's");
    assert_int_equal(exit_code, 1);
    assert_int_equal(given_count, -1);
}

TEST(another_version_is_refused_and_both_are_named)
{
    begin();
    page.start.version = 7;
    start();
    assert_string_equal(last_words, "start page: version 7, but this program was built for version 2");
    assert_int_equal(given_count, -1);
    begin();
    page.boot.magic = BOOT_MAGIC;
    page.boot.version = 9;
    start();
    assert_string_equal(last_words, "boot information: version 9, but this program was built for version 1");
}

TEST(init_starts_without_arguments)
{
    begin();
    memset(&page, 'x', sizeof page);
    page.boot.magic = BOOT_MAGIC;
    page.boot.version = BOOT_VERSION;
    start();
    assert_int_equal(given_count, 0);
    assert_ptr_equal(boot_info(), &page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arguments_are_cut_and_what_main_returns_is_the_exit_code),
        cmocka_unit_test(no_arguments_are_a_count_of_zero),
        cmocka_unit_test(arguments_that_fill_the_page_to_its_end_stop_there),
        cmocka_unit_test(a_page_that_is_none_is_refused_by_its_magic),
        cmocka_unit_test(another_version_is_refused_and_both_are_named),
        cmocka_unit_test(init_starts_without_arguments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
