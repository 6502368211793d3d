// SPDX-License-Identifier: MIT
// sources: common/format.c common/format_variadic.c common/format_float.c common/crc32.c common/utf8.c common/exception_text.c
// sources: libsys/heap.c libsys/heap_resize.c common/string.c common/string_more.c common/mem.c common/memcmp.c
// The cases of tests/cases/plain/shared.c, on this machine under the sanitizers. A case that is not listed here does not
// compile.
#include "tests/cases/plain/shared.c"

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_does_not_fit_is_cut_and_its_length_is_said),
        cmocka_unit_test(numbers_are_printed_in_every_base),
        cmocka_unit_test(the_check_value_of_crc_32),
        cmocka_unit_test(text_in_utf_8_comes_back_and_other_bytes_are_refused),
        cmocka_unit_test(exceptions_have_the_manuals_names),
        cmocka_unit_test(a_heap_gives_all_its_spans_back),
        cmocka_unit_test(a_heap_whose_source_is_empty_says_so_and_goes_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
