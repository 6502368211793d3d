// SPDX-License-Identifier: MIT
// sources: common/format_variadic.c
// The formatter as the kernel and the servers have it: built without SSE, so without %f.
#undef __SSE2__
#include "common/format.c"

#include "tests/host/test.h"

#pragma GCC diagnostic ignored "-Wformat"

TEST(without_sse_a_float_is_an_unknown_conversion_that_takes_no_argument)
{
    char out[40];
    format(out, sizeof out, "%d %.2f %F %d", 1, 2);
    assert_string_equal(out, "1 %.2f %F 2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_sse_a_float_is_an_unknown_conversion_that_takes_no_argument),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
