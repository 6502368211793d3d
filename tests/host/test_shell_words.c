// SPDX-License-Identifier: MIT
// How the shell reads a line, and what it thinks a mistyped word was meant to be.
// with: user/shell/words.c user/shell/nearest.c
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "user/shell/nearest.h"
#include "user/shell/words.h"

static struct words words;
static char line[256];

static const char *split(const char *text)
{
    snprintf(line, sizeof line, "%s", text);
    return words_split(line, &words);
}

// Splits `text` and compares the words, joined by |.
static void expect(const char *text, const char *joined)
{
    char got[256] = "";
    assert_null(split(text));
    for (int i = 0; i < words.count; i++) {
        strcat(got, i ? "|" : "");
        strcat(got, words.word[i]);
    }
    assert_string_equal(got, joined);
    assert_null(words.word[words.count]);
}

static void blanks_part_words(void **state)
{
    (void)state;
    expect("", "");
    expect("   \t ", "");
    expect("echo", "echo");
    expect("  echo  a\tb ", "echo|a|b");
    assert_false(words.background);
}

static void quotes_keep_words_together(void **state)
{
    (void)state;
    expect("say 'two words'", "say|two words");
    expect("say \"two  words\" x", "say|two  words|x");
    expect("say a'b c'd", "say|ab cd");
    expect("say '' \"\"", "say||");
    expect("say 'it is \"so\"' \"it's\"", "say|it is \"so\"|it's");
    expect("say 'a & b'", "say|a & b");
    assert_false(words.background);
}

static void a_backslash_takes_the_next_character_as_it_is(void **state)
{
    (void)state;
    expect("a\\ b", "a b");
    expect("a \\& b", "a|&|b");
    expect("\"\\\"\" '\\'", "\"|\\");
    expect("end\\", "end\\");
}

static void an_ampersand_at_the_end_asks_for_the_background(void **state)
{
    (void)state;
    expect("counter &", "counter");
    assert_true(words.background);
    expect("counter 3&  ", "counter|3");
    assert_true(words.background);
}

static void a_line_that_means_nothing_says_why(void **state)
{
    (void)state;
    assert_string_equal(split("say 'open"), "a quote is not closed");
    assert_string_equal(split("say \"open"), "a quote is not closed");
    assert_string_equal(split("a & b"), "an & belongs at the end of the line");
    assert_string_equal(split("a & &"), "an & belongs at the end of the line");
    assert_string_equal(split("&"), "an & needs a program before it");
}

static void more_words_than_fit_are_refused(void **state)
{
    (void)state;
    char text[256] = "";
    for (int i = 0; i < WORDS_MAX; i++)
        strcat(text, "w ");
    assert_null(split(text));
    assert_int_equal(words.count, WORDS_MAX);
    strcat(text, "w");
    assert_string_equal(split(text), "too many words");
}

static void distances_count_slips(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
        unsigned distance;
    } cases[] = {
        {"", "", 0},         {"", "abc", 3},           {"echo", "echo", 0},
        {"ehco", "echo", 1}, {"eco", "echo", 1},       {"eccho", "echo", 1},
        {"acho", "echo", 1}, {"kitten", "sitting", 3}, {"uptmie", "uptime", 1},
        {"abc", "cab", 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(edit_distance(cases[i].a, cases[i].b), cases[i].distance);
        assert_int_equal(edit_distance(cases[i].b, cases[i].a), cases[i].distance);
    }
}

static void very_long_words_are_far_from_everything(void **state)
{
    (void)state;
    char text[200];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = 0;
    assert_int_equal(edit_distance(text, "x"), NEAREST_LONGEST);
    assert_int_equal(edit_distance("x", text), NEAREST_LONGEST);
    text[NEAREST_LONGEST - 1] = 0;
    assert_int_equal(edit_distance(text, ""), NEAREST_LONGEST - 1);
}

static const char *suggest(const char *word)
{
    static struct nearest nearest;
    static const char *const known[] = {"help", "echo", "clear", "ps", "mem", "log", "uptime", "poweroff", "hello"};
    nearest_start(&nearest, word);
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++)
        nearest_offer(&nearest, known[i]);
    return nearest.best;
}

static void the_nearest_word_is_suggested_and_a_stranger_is_not(void **state)
{
    (void)state;
    assert_string_equal(suggest("ehco"), "echo");
    assert_string_equal(suggest("hlep"), "help");
    assert_string_equal(suggest("helo"), "help"); // two are equally near: the first stays
    assert_string_equal(suggest("powerof"), "poweroff");
    assert_string_equal(suggest("pwoeroff"), "poweroff");
    assert_string_equal(suggest("xyzzy"), "");
    assert_string_equal(suggest("a"), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blanks_part_words),
        cmocka_unit_test(quotes_keep_words_together),
        cmocka_unit_test(a_backslash_takes_the_next_character_as_it_is),
        cmocka_unit_test(an_ampersand_at_the_end_asks_for_the_background),
        cmocka_unit_test(a_line_that_means_nothing_says_why),
        cmocka_unit_test(more_words_than_fit_are_refused),
        cmocka_unit_test(distances_count_slips),
        cmocka_unit_test(very_long_words_are_far_from_everything),
        cmocka_unit_test(the_nearest_word_is_suggested_and_a_stranger_is_not),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
