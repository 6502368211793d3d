// SPDX-License-Identifier: MIT
// sources: common/error_text.c common/exception_text.c
#include "tests/host/test.h"

#include "abi/fault.h"
#include "common/error_text.h"
#include "common/exception_text.h"

TEST(every_error_has_its_name_and_text)
{
#define CHECK_ERROR(NAME, NUMBER, TEXT) \
    assert_string_equal(error_name((err_t)(NUMBER)), #NAME); \
    assert_string_equal(error_text((err_t)(NUMBER)), TEXT);
    ERRORS(CHECK_ERROR)
}

TEST(a_number_that_is_no_error_has_a_text_too)
{
    assert_string_equal(error_name((err_t)63), "ERR_UNKNOWN");
    assert_string_equal(error_text((err_t)63), "unknown error");
    assert_string_equal(error_text((err_t)-1), "unknown error");
}

TEST(every_exception_has_its_text)
{
#define CHECK_EXCEPTION(VECTOR, NAME, TEXT) assert_string_equal(exception_text(VECTOR), TEXT);
    EXCEPTIONS(CHECK_EXCEPTION)
    assert_string_equal(exception_text(9), "UNKNOWN EXCEPTION");
    assert_string_equal(exception_text(~0ull), "UNKNOWN EXCEPTION");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_error_has_its_name_and_text),
        cmocka_unit_test(a_number_that_is_no_error_has_a_text_too),
        cmocka_unit_test(every_exception_has_its_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
