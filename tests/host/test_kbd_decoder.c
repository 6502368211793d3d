// SPDX-License-Identifier: MIT
// Scancode set 1 to events: the golden table of all bytes, modifiers and locks, and every sequence of two bytes.
// sources: servers/kbd/decoder.c servers/kbd/layout_us.c
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "servers/kbd/decoder.h"

struct golden {
    const char *name; // NULL: no such key
    uint32_t character;
};

// Written down from the keyboard's manual and the print on the keys, not from the driver: bytes 0x00–0x7f, Num Lock on.
// clang-format off
static const struct golden golden[128] = {
    /* 00 */ {NULL, 0}, {"Escape", 0x1b}, {"1", '1'}, {"2", '2'}, {"3", '3'}, {"4", '4'}, {"5", '5'}, {"6", '6'},
    /* 08 */ {"7", '7'}, {"8", '8'}, {"9", '9'}, {"0", '0'}, {"-", '-'}, {"=", '='}, {"Backspace", '\b'}, {"Tab", '\t'},
    /* 10 */ {"Q", 'q'}, {"W", 'w'}, {"E", 'e'}, {"R", 'r'}, {"T", 't'}, {"Y", 'y'}, {"U", 'u'}, {"I", 'i'},
    /* 18 */ {"O", 'o'}, {"P", 'p'}, {"[", '['}, {"]", ']'}, {"Enter", '\n'}, {"Left Ctrl", 0}, {"A", 'a'}, {"S", 's'},
    /* 20 */ {"D", 'd'}, {"F", 'f'}, {"G", 'g'}, {"H", 'h'}, {"J", 'j'}, {"K", 'k'}, {"L", 'l'}, {";", ';'},
    /* 28 */ {"'", '\''}, {"`", '`'}, {"Left Shift", 0}, {"\\", '\\'}, {"Z", 'z'}, {"X", 'x'}, {"C", 'c'}, {"V", 'v'},
    /* 30 */ {"B", 'b'}, {"N", 'n'}, {"M", 'm'}, {",", ','}, {".", '.'}, {"/", '/'}, {"Right Shift", 0},
    /* 37 */ {"Keypad *", '*'}, {"Left Alt", 0}, {"Space", ' '}, {"Caps Lock", 0}, {"F1", 0}, {"F2", 0}, {"F3", 0},
    /* 3e */ {"F4", 0}, {"F5", 0}, {"F6", 0}, {"F7", 0}, {"F8", 0}, {"F9", 0}, {"F10", 0}, {"Num Lock", 0},
    /* 46 */ {"Scroll Lock", 0}, {"Keypad 7", '7'}, {"Keypad 8", '8'}, {"Keypad 9", '9'}, {"Keypad -", '-'},
    /* 4b */ {"Keypad 4", '4'}, {"Keypad 5", '5'}, {"Keypad 6", '6'}, {"Keypad +", '+'}, {"Keypad 1", '1'},
    /* 50 */ {"Keypad 2", '2'}, {"Keypad 3", '3'}, {"Keypad 0", '0'}, {"Keypad .", '.'}, {"SysRq", 0}, {NULL, 0},
    /* 56 */ {"extra key beside Left Shift", '\\'}, {"F11", 0}, {"F12", 0},
};

// The keys behind 0xe0.
static const struct { uint8_t byte; const char *name; uint32_t character; } grey[] = {
    {0x1c, "Keypad Enter", '\n'}, {0x1d, "Right Ctrl", 0}, {0x35, "Keypad /", '/'}, {0x37, "Print Screen", 0},
    {0x38, "AltGr", 0}, {0x46, "Break", 0}, {0x47, "Home", 0}, {0x48, "Up", 0}, {0x49, "Page Up", 0}, {0x4b, "Left", 0},
    {0x4d, "Right", 0}, {0x4f, "End", 0}, {0x50, "Down", 0}, {0x51, "Page Down", 0}, {0x52, "Insert", 0},
    {0x53, "Delete", 0x7f}, {0x5b, "Left Meta", 0}, {0x5c, "Right Meta", 0}, {0x5d, "Menu", 0},
};
// clang-format on

static struct decoder decoder;
static struct key_event event;

static enum decoded feed(uint8_t byte)
{
    memset(&event, 0xee, sizeof event);
    return decoder_feed(&decoder, byte, &event);
}

// Feeds bytes up to 0 and returns the character of the last one that made an event.
static uint32_t type(const char *bytes)
{
    uint32_t character = 0;
    for (; *bytes != 0; bytes++)
        if (feed((uint8_t)*bytes) == DECODED_EVENT) character = event.character;
    return character;
}

static void all_256_bytes_decode_as_the_golden_table_says(void **state)
{
    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        const struct golden *wanted = &golden[byte & 0x7f];
        decoder_start(&decoder, &layout_us);
        enum decoded decoded = feed((uint8_t)byte);
        if (byte == 0xe0 || byte == 0xe1) {
            assert_int_equal(decoded, DECODED_NOTHING);
        } else if (wanted->name == NULL) {
            assert_int_equal(decoded, DECODED_UNKNOWN);
        } else {
            assert_int_equal(decoded, DECODED_EVENT);
            assert_int_equal(event.code, byte & 0x7f);
            assert_int_equal(event.scancode, byte);
            assert_int_equal(event.down, byte < 0x80);
            assert_int_equal(event.character, byte < 0x80 ? wanted->character : 0);
            assert_string_equal(key_name(event.code), wanted->name);
        }
    }
}

static void all_256_bytes_behind_the_grey_prefix_decode_as_the_golden_table_says(void **state)
{
    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        decoder_start(&decoder, &layout_us);
        assert_int_equal(feed(0xe0), DECODED_NOTHING);
        enum decoded decoded = feed((uint8_t)byte);
        size_t i = 0;
        while (i < sizeof grey / sizeof grey[0] && grey[i].byte != (byte & 0x7f))
            i++;
        bool pretended_shift = (byte & 0x7f) == 0x2a || (byte & 0x7f) == 0x36;
        if (byte == 0xe0 || byte == 0xe1 || pretended_shift) {
            assert_int_equal(decoded, DECODED_NOTHING);
        } else if (i == sizeof grey / sizeof grey[0]) {
            assert_int_equal(decoded, DECODED_UNKNOWN);
        } else {
            assert_int_equal(decoded, DECODED_EVENT);
            assert_int_equal(event.code, 0x100 | (byte & 0x7f));
            assert_int_equal(event.scancode, 0xe000 | byte);
            assert_int_equal(event.down, byte < 0x80);
            assert_int_equal(event.character, byte < 0x80 ? grey[i].character : 0);
            assert_string_equal(key_name(event.code), grey[i].name);
        }
    }
}

static void shift_turns_every_key_as_the_print_on_it_says(void **state)
{
    static const char plain[] = "`1234567890-=qwertyuiop[]\\asdfghjkl;'zxcvbnm,./";
    static const char shifted[] = "~!@#$%^&*()_+QWERTYUIOP{}|ASDFGHJKL:\"ZXCVBNM<>?";
    int found = 0;
    (void)state;
    for (uint8_t byte = 1; byte < 0x36; byte++) {
        if (byte == 0x2a) continue;
        decoder_start(&decoder, &layout_us);
        uint32_t small = type((char[]){(char)byte, 0});
        const char *at = small > ' ' ? strchr(plain, (int)small) : NULL;
        uint32_t wanted = at == NULL ? small : (uint32_t)shifted[at - plain];
        assert_int_equal(type((char[]){0x2a, (char)byte, 0}), wanted);
        assert_int_equal(type((char[]){(char)0xaa, 0x36, (char)byte, 0}), wanted);
        found += at != NULL;
    }
    assert_int_equal(found, 47); // a US keyboard has 47 keys with two characters
}

static void either_shift_holds_until_both_are_up(void **state)
{
    (void)state;
    decoder_start(&decoder, &layout_us);
    assert_int_equal(type("\x2a\x36\x1e"), 'A');
    assert_int_equal(type("\xaa\x1e"), 'A');
    assert_int_equal(type("\xb6\x1e"), 'a');
}

static void caps_lock_turns_letters_only_and_shift_turns_them_back(void **state)
{
    (void)state;
    decoder_start(&decoder, &layout_us);
    assert_int_equal(type("\x3a\xba\x1e"), 'A');
    assert_int_equal(type("\x02"), '1');
    assert_int_equal(type("\x2a\x1e"), 'a');
    assert_int_equal(type("\x02\xaa"), 0);
    assert_int_equal(type("\x3a\xba\x1e"), 'a');
}

static void a_lock_key_that_repeats_is_one_press(void **state)
{
    (void)state;
    decoder_start(&decoder, &layout_us);
    type("\x3a\x3a\x3a\x3a");
    assert_int_equal(decoder_modifiers(&decoder), MOD_CAPS_LOCK | MOD_NUM_LOCK);
    type("\xba\x3a");
    assert_int_equal(decoder_modifiers(&decoder), MOD_NUM_LOCK);
}

static void num_lock_decides_whether_the_keypad_types_digits(void **state)
{
    (void)state;
    decoder_start(&decoder, &layout_us);
    assert_int_equal(type("\x47"), '7');
    assert_int_equal(type("\x2a\x47"), 0); // Shift turns it around
    assert_int_equal(type("\xaa\x45\xc5\x47"), 0);
    assert_int_equal(event.code, KEY_KEYPAD_7);
    assert_int_equal(type("\x2a\x47"), '7');
    assert_int_equal(type("\xaa\x4e"), '+');
}

static void modifiers_are_told_with_every_event(void **state)
{
    static const struct {
        const char *down, *up;
        uint8_t modifier;
    } keys[] = {
        {"\x2a", "\xaa", MOD_SHIFT},        {"\x36", "\xb6", MOD_SHIFT}, {"\x1d", "\x9d", MOD_CTRL},
        {"\xe0\x1d", "\xe0\x9d", MOD_CTRL}, {"\x38", "\xb8", MOD_ALT},   {"\xe0\x38", "\xe0\xb8", MOD_ALTGR},
    };
    (void)state;
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        decoder_start(&decoder, &layout_us);
        type(keys[i].down);
        assert_int_equal(event.modifiers, MOD_NUM_LOCK | keys[i].modifier);
        type("\x2e");
        assert_int_equal(event.modifiers, MOD_NUM_LOCK | keys[i].modifier);
        type(keys[i].up);
        assert_int_equal(event.modifiers, MOD_NUM_LOCK);
    }
}

static void ctrl_and_alt_leave_the_character_alone(void **state)
{
    (void)state;
    decoder_start(&decoder, &layout_us);
    assert_int_equal(type("\x1d\x2e"), 'c');
    assert_int_equal(event.modifiers, MOD_NUM_LOCK | MOD_CTRL);
    assert_int_equal(type("\x38\x2e"), 'c');
}

static void altgr_takes_the_third_character_where_the_layout_has_one(void **state)
{
    static struct layout german;
    (void)state;
    german = layout_us;
    german.keys[KEY_Q].altgr = '@';
    german.keys[KEY_E].altgr = 0x20ac;
    decoder_start(&decoder, &german);
    assert_int_equal(type("\xe0\x38\x10"), '@');
    assert_int_equal(type("\x12"), 0x20ac);
    assert_int_equal(type("\x1e"), 'a');
    assert_int_equal(type("\xe0\xb8\x10"), 'q');
}

static void pause_is_one_key_though_it_looks_like_ctrl_and_num_lock(void **state)
{
    (void)state;
    decoder_start(&decoder, &layout_us);
    assert_int_equal(feed(0xe1), DECODED_NOTHING);
    assert_int_equal(feed(0x1d), DECODED_NOTHING);
    assert_int_equal(feed(0x45), DECODED_EVENT);
    assert_int_equal(event.code, KEY_PAUSE);
    assert_true(event.down);
    assert_int_equal(event.scancode, 0xe145);
    assert_int_equal(feed(0xe1), DECODED_NOTHING);
    assert_int_equal(feed(0x9d), DECODED_NOTHING);
    assert_int_equal(feed(0xc5), DECODED_EVENT);
    assert_int_equal(event.code, KEY_PAUSE);
    assert_false(event.down);
    assert_int_equal(decoder_modifiers(&decoder), MOD_NUM_LOCK); // neither was touched
    assert_int_equal(decoder.held, 0);
}

static void a_broken_pause_does_not_swallow_the_next_key(void **state)
{
    (void)state;
    decoder_start(&decoder, &layout_us);
    assert_int_equal(type("\xe1\x1e"), 'a');
    assert_int_equal(type("\xe1\x1d\x1e"), 'a');
    assert_int_equal(type("\xe1\xe0\x53"), 0x7f);
}

static void hello_world_types_itself(void **state)
{
    static const char keys[] = "\x2a\x23\xa3\xaa\x12\x92\x26\xa6\x26\xa6\x18\x98\x39\xb9"
                               "\x36\x11\x91\xb6\x18\x98\x13\x93\x26\xa6\x20\xa0\x2a\x02\x82\xaa";
    char typed[32] = {0};
    size_t length = 0;
    (void)state;
    decoder_start(&decoder, &layout_us);
    for (const char *key = keys; *key != 0; key++)
        if (feed((uint8_t)*key) == DECODED_EVENT && event.character != 0) typed[length++] = (char)event.character;
    assert_string_equal(typed, "Hello World!");
}

static void every_key_of_the_list_goes_down_and_up(void **state)
{
    static const uint16_t codes[] = {
#define CODE_OF(NAME, CODE, TEXT) CODE,
        KEYS(CODE_OF)
#undef CODE_OF
    };
    size_t count = sizeof codes / sizeof codes[0];
    (void)state;
    assert_true(count >= 104);
    for (size_t i = 0; i < count; i++) {
        uint8_t byte = codes[i] & 0x7f;
        for (int up = 0; up <= 1; up++) {
            decoder_start(&decoder, &layout_us);
            if (codes[i] >> 8 == 2) {
                feed(0xe1);
                feed(up ? 0x9d : 0x1d);
            } else if (codes[i] >> 8 == 1) {
                feed(0xe0);
            }
            assert_int_equal(feed(up ? byte | 0x80 : byte), DECODED_EVENT);
            assert_int_equal(event.code, codes[i]);
            assert_int_equal(event.down, !up);
        }
    }
}

static void check_event(enum decoded decoded)
{
    assert_true(decoder.state <= AFTER_E1_CTRL);
    assert_int_equal(decoder.held & ~0x3fe, 0);
    if (decoded != DECODED_EVENT) return;
    assert_non_null(key_name(event.code));
    assert_int_equal(event.modifiers, decoder_modifiers(&decoder));
    assert_true(event.down || event.character == 0);
    assert_int_equal(event.code & 0x7f, event.scancode & 0x7f);
}

// After two arbitrary bytes Enter, sent twice, arrives at least once: no pair leaves the decoder stuck.
static void every_pair_of_bytes_leaves_the_decoder_ready(void **state)
{
    (void)state;
    for (int pair = 0; pair < 65536; pair++) {
        decoder_start(&decoder, &layout_us);
        check_event(feed((uint8_t)(pair >> 8)));
        check_event(feed((uint8_t)pair));
        feed(0x1c);
        assert_int_equal(feed(0x1c), DECODED_EVENT);
        assert_int_equal(event.code, KEY_ENTER);
    }
}

// Whatever came, releasing the keys that can be held leaves nothing held.
static void random_bytes_never_hold_a_key_for_ever(void **state)
{
    (void)state;
    srand(3);
    for (int round = 0; round < 2000; round++) {
        decoder_start(&decoder, &layout_us);
        for (int i = 0; i < 500; i++)
            check_event(feed((uint8_t)(rand() % 4 == 0 ? 0xe0 + rand() % 2 : rand())));
        type("\xaa\xaa\xb6\x9d\xe0\x9d\xb8\xe0\xb8\xba\xc5\xc6");
        assert_int_equal(decoder.held, 0);
        assert_int_equal(decoder.state, GROUND);
    }
}

static void a_number_that_is_no_key_has_no_name(void **state)
{
    (void)state;
    assert_null(key_name(KEY_NONE));
    assert_null(key_name(0x55));
    assert_null(key_name(KEY_CODES));
    assert_null(key_name(0xffff));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_256_bytes_decode_as_the_golden_table_says),
        cmocka_unit_test(all_256_bytes_behind_the_grey_prefix_decode_as_the_golden_table_says),
        cmocka_unit_test(shift_turns_every_key_as_the_print_on_it_says),
        cmocka_unit_test(either_shift_holds_until_both_are_up),
        cmocka_unit_test(caps_lock_turns_letters_only_and_shift_turns_them_back),
        cmocka_unit_test(a_lock_key_that_repeats_is_one_press),
        cmocka_unit_test(num_lock_decides_whether_the_keypad_types_digits),
        cmocka_unit_test(modifiers_are_told_with_every_event),
        cmocka_unit_test(ctrl_and_alt_leave_the_character_alone),
        cmocka_unit_test(altgr_takes_the_third_character_where_the_layout_has_one),
        cmocka_unit_test(pause_is_one_key_though_it_looks_like_ctrl_and_num_lock),
        cmocka_unit_test(a_broken_pause_does_not_swallow_the_next_key),
        cmocka_unit_test(hello_world_types_itself),
        cmocka_unit_test(every_key_of_the_list_goes_down_and_up),
        cmocka_unit_test(every_pair_of_bytes_leaves_the_decoder_ready),
        cmocka_unit_test(random_bytes_never_hold_a_key_for_ever),
        cmocka_unit_test(a_number_that_is_no_key_has_no_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
