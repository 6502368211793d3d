// SPDX-License-Identifier: MIT
// sources: servers/init/sentence.c common/format.c common/format_variadic.c common/format_float.c common/exception_text.c common/string.c common/mem.c
#include "tests/host/test.h"

#include "servers/init/sentence.h"

static struct death fault(uint64_t vector, uint64_t code, uint64_t address)
{
    return (struct death){
        .name = "probe",
        .words = {vector, code, address, 0x401234, 0x7fffdfffff00, 0},
        .stack_bottom = 0x7fffdfff0000,
        .symbol = "main",
        .offset = 0x14,
    };
}

static void check(struct death death, const char *wanted)
{
    char said[SENTENCE_MAX];
    death_sentence(said, &death);
    assert_string_equal(said, wanted);
}

TEST(a_page_fault_says_what_was_done_and_why_it_failed)
{
    check(fault(14, PF_USER | PF_WRITE, 0), "probe: PAGE FAULT: write to 0x0, not mapped, at 0x401234 main+0x14");
    check(fault(14, PF_USER, 0xdeadbeaf), "probe: PAGE FAULT: read from 0xdeadbeaf, not mapped, at 0x401234 main+0x14");
    check(fault(14, PF_USER | PF_FETCH, 0), "probe: PAGE FAULT: jump to 0x0, not mapped, at 0x401234 main+0x14");
    check(fault(14, PF_USER | PF_PRESENT | PF_WRITE, 0x400000),
          "probe: PAGE FAULT: write to 0x400000, read-only, at 0x401234 main+0x14");
    check(fault(14, PF_USER | PF_PRESENT | PF_FETCH, 0x405000),
          "probe: PAGE FAULT: jump to 0x405000, not executable, at 0x401234 main+0x14");
    check(fault(14, PF_USER | PF_PRESENT, 0xffffffff80000000),
          "probe: PAGE FAULT: read from 0xffffffff80000000, the kernel's half, at 0x401234 main+0x14");
}

TEST(a_touch_of_the_guard_page_is_a_stack_overflow)
{
    check(fault(14, PF_USER | PF_WRITE, 0x7fffdffefff8),
          "probe: PAGE FAULT: write to 0x7fffdffefff8, stack overflow, at 0x401234 main+0x14");
    check(fault(14, PF_USER | PF_WRITE, 0x7fffdffef000),
          "probe: PAGE FAULT: write to 0x7fffdffef000, stack overflow, at 0x401234 main+0x14");
    check(fault(14, PF_USER | PF_WRITE, 0x7fffdffeeff8),
          "probe: PAGE FAULT: write to 0x7fffdffeeff8, not mapped, at 0x401234 main+0x14");
}

TEST(other_exceptions_are_named_with_their_error_code_if_they_have_one)
{
    check(fault(6, 0, 0), "probe: INVALID OPCODE at 0x401234 main+0x14");
    check(fault(13, 0x82, 0), "probe: GENERAL PROTECTION FAULT: error code 0x82 at 0x401234 main+0x14");
    struct death death = fault(0, 0, 0);
    death.symbol = NULL;
    check(death, "probe: DIVIDE BY ZERO at 0x401234");
}

TEST(ends_that_are_no_exceptions_have_their_own_words)
{
    struct death death = fault(FAULT_EXIT, 3, 0);
    check(death, "probe: ended with exit code 3");
    death = fault(FAULT_EXIT, (uint64_t)-1, 0);
    check(death, "probe: ended with exit code -1");
    check(fault(FAULT_KILLED, 0, 0), "probe: killed");
    death = fault(FAULT_PANIC, 134, 0);
    death.text = "no key 7 at user/probe/main.c:12, and more that is not shown";
    death.text_length = strlen("no key 7 at user/probe/main.c:12");
    check(death, "probe: no key 7 at user/probe/main.c:12");
}

TEST(the_bits_of_a_page_fault_are_named_as_in_the_manual)
{
    char said[SENTENCE_MAX];
    death_bits(said, PF_USER | PF_WRITE);
    assert_string_equal(said, "P=0 W=1 U=1 RSVD=0 I=0");
    death_bits(said, PF_USER | PF_PRESENT | PF_FETCH | PF_RESERVED);
    assert_string_equal(said, "P=1 W=0 U=1 RSVD=1 I=1");
}

TEST(nothing_makes_a_sentence_longer_than_its_room)
{
    char symbol[1000], said[SENTENCE_MAX + 1];
    memset(symbol, 'x', sizeof symbol - 1);
    symbol[sizeof symbol - 1] = '\0';
    for (uint64_t cause = 0; cause < 36; cause++) {
        struct death death = fault(cause, UINT64_MAX, UINT64_MAX);
        death.name = death.symbol = death.text = symbol;
        death.offset = UINT64_MAX;
        death.text_length = sizeof symbol - 1;
        memset(said, '!', sizeof said);
        death_sentence(said, &death);
        assert_true(strlen(said) < SENTENCE_MAX);
        assert_int_equal(said[SENTENCE_MAX], '!');
        death_place(said, UINT64_MAX, symbol, UINT64_MAX);
        assert_true(strlen(said) < SENTENCE_MAX);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_page_fault_says_what_was_done_and_why_it_failed),
        cmocka_unit_test(a_touch_of_the_guard_page_is_a_stack_overflow),
        cmocka_unit_test(other_exceptions_are_named_with_their_error_code_if_they_have_one),
        cmocka_unit_test(ends_that_are_no_exceptions_have_their_own_words),
        cmocka_unit_test(the_bits_of_a_page_fault_are_named_as_in_the_manual),
        cmocka_unit_test(nothing_makes_a_sentence_longer_than_its_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
