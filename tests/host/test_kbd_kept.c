// SPDX-License-Identifier: MIT
// What kbd leaves to its successor: the same bytes give the same events, wherever the life in between ended.
// sources: servers/kbd/kept.c servers/kbd/decoder.c servers/kbd/queue.c servers/kbd/layout_us.c
#include "tests/host/test.h"

#include <string.h>

#include "servers/kbd/kept.h"

static struct decoder decoder;
static struct event_queue unread;
static struct kbd_kept kept;

static void begin(void)
{
    decoder_start(&decoder, &layout_us);
    unread = (struct event_queue){0};
    kept = (struct kbd_kept){.present = 1};
}

static bool another_life(void)
{
    kept_save(&kept, &decoder, &unread);
    decoder_start(&decoder, &layout_us);
    unread = (struct event_queue){.first = 7};
    return kept_load(&kept, kept_length(&kept), &decoder, &unread);
}

TEST(a_life_that_ends_behind_any_byte_changes_no_event)
{
    // Shift, a letter, Caps Lock, arrows with their prefixes, Pause, Ctrl on the right, a key that is none
    static const uint8_t bytes[] = {0x2a, 0x1e, 0x9e, 0x3a, 0xba, 0xe0, 0x48, 0xe0, 0xc8, 0xaa, 0xe1, 0x1d, 0x45,
                                    0xe1, 0x9d, 0xc5, 0xe0, 0x1d, 0x2e, 0xae, 0xe0, 0x9d, 0x7f, 0x1e, 0x9e};
    struct key_event whole[sizeof bytes];
    uint32_t count = 0;
    begin();
    for (size_t i = 0; i < sizeof bytes; i++)
        if (decoder_feed(&decoder, bytes[i], &whole[count]) == DECODED_EVENT) count++;
    for (size_t end = 0; end <= sizeof bytes; end++) {
        begin();
        for (size_t i = 0; i < sizeof bytes; i++) {
            struct key_event event;
            if (i == end) assert_true(another_life());
            if (decoder_feed(&decoder, bytes[i], &event) == DECODED_EVENT) assert_true(events_put(&unread, &event));
        }
        assert_int_equal(unread.count, count);
        for (uint32_t i = 0; i < count; i++) {
            struct key_event event;
            assert_true(events_get(&unread, &event));
            assert_int_equal(event.code, whole[i].code);
            assert_int_equal(event.character, whole[i].character);
            assert_int_equal(event.modifiers, whole[i].modifiers);
            assert_int_equal(event.scancode, whole[i].scancode);
        }
    }
}

TEST(a_full_queue_that_wrapped_keeps_its_order)
{
    begin();
    struct key_event event = {.code = KEY_A};
    for (uint32_t i = 0; i < QUEUE_EVENTS + 30; i++) {
        struct key_event taken;
        if (unread.count == QUEUE_EVENTS) events_get(&unread, &taken);
        event.character = i;
        assert_true(events_put(&unread, &event));
    }
    assert_true(another_life());
    for (uint32_t i = 30; i < QUEUE_EVENTS + 30; i++) {
        assert_true(events_get(&unread, &event));
        assert_int_equal(event.character, i);
    }
}

#define REFUSED(CHANGE) \
    do { \
        begin(); \
        assert_true(events_put(&unread, &(struct key_event){.code = KEY_A, .character = 'a'})); \
        kept_save(&kept, &decoder, &unread); \
        size_t length = kept_length(&kept); \
        CHANGE; \
        struct decoder untouched = decoder; \
        assert_false(kept_load(&kept, length, &decoder, &unread)); \
        assert_memory_equal(&untouched, &decoder, sizeof decoder); \
    } while (0)

TEST(every_bound_is_checked)
{
    REFUSED(length = 0);
    REFUSED(length--);
    REFUSED(length += 12);
    REFUSED(kept.count = QUEUE_EVENTS + 1; length = kept_length(&kept));
    REFUSED(kept.present = 2);
    REFUSED(kept.reserved = 1);
    REFUSED(kept.state = AFTER_E1_CTRL + 1);
    REFUSED(kept.pause_release = 1);
    REFUSED(kept.held = 1);
    REFUSED(kept.held = 0x8000);
    REFUSED(kept.locks = 1u << 7);
    REFUSED(kept.unread[0].code = 0xffff);
    REFUSED(kept.unread[0].character = 0x110000);
    REFUSED(memset(&kept.unread[0].down, 2, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_life_that_ends_behind_any_byte_changes_no_event),
        cmocka_unit_test(a_full_queue_that_wrapped_keeps_its_order),
        cmocka_unit_test(every_bound_is_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
