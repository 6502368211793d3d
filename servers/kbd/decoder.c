// SPDX-License-Identifier: MIT
#include "servers/kbd/decoder.h"

#include <stddef.h>

#define RELEASE 0x80u // set in the byte of a key that comes up

#define NAME_OF(NAME, CODE, TEXT) [CODE] = TEXT,
static const char *const names[KEY_CODES] = {KEYS(NAME_OF)};
#undef NAME_OF

// The keys that change what others mean. M(key, modifier, locks): a locking key turns its modifier around when it goes
// down, the others keep theirs while they are down. The place in the list is the bit in `held`.
// clang-format off
#define MODIFIER_KEYS(M) \
    M(LEFT_SHIFT,  SHIFT,       false) \
    M(RIGHT_SHIFT, SHIFT,       false) \
    M(LEFT_CTRL,   CTRL,        false) \
    M(RIGHT_CTRL,  CTRL,        false) \
    M(LEFT_ALT,    ALT,         false) \
    M(ALTGR,       ALTGR,       false) \
    M(CAPS_LOCK,   CAPS_LOCK,   true) \
    M(NUM_LOCK,    NUM_LOCK,    true) \
    M(SCROLL_LOCK, SCROLL_LOCK, true)
// clang-format on

#define PLACE_OF(KEY, MODIFIER, LOCKS) PLACE_##KEY,
enum place { NO_PLACE, MODIFIER_KEYS(PLACE_OF) PLACES };
#undef PLACE_OF

#define PLACE_BY_CODE(KEY, MODIFIER, LOCKS) [KEY_##KEY] = PLACE_##KEY,
static const uint8_t places[KEY_CODES] = {MODIFIER_KEYS(PLACE_BY_CODE)};
#undef PLACE_BY_CODE

static const struct {
    uint8_t modifier;
    bool locks;
} modifier_keys[PLACES] = {
#define KEY_AT_PLACE(KEY, MODIFIER, LOCKS) [PLACE_##KEY] = {MOD_##MODIFIER, LOCKS},
    MODIFIER_KEYS(KEY_AT_PLACE)
#undef KEY_AT_PLACE
};

const char *key_name(uint16_t code) { return code < KEY_CODES ? names[code] : NULL; }

void decoder_start(struct decoder *decoder, const struct layout *layout)
{
    // As the firmware of a PC leaves it: the keypad types digits.
    *decoder = (struct decoder){.layout = layout, .locks = MOD_NUM_LOCK};
}

// A key is pressed far more often than a modifier changes: so they are kept, not gathered anew each time.
uint8_t decoder_modifiers(const struct decoder *decoder) { return decoder->locks | decoder->holding; }

static uint8_t meaning_of(uint16_t held)
{
    uint8_t modifiers = 0;
    for (uint32_t i = 1; i < PLACES; i++)
        if ((held >> i & 1) != 0 && !modifier_keys[i].locks) modifiers |= modifier_keys[i].modifier;
    return modifiers;
}

static void note_modifier(struct decoder *decoder, enum place place, bool down)
{
    uint16_t bit = (uint16_t)(1u << place);
    // A lock key that is held repeats: that is no second press.
    if (down && modifier_keys[place].locks && (decoder->held & bit) == 0)
        decoder->locks ^= modifier_keys[place].modifier;
    decoder->held = down ? decoder->held | bit : decoder->held & (uint16_t)~bit;
    decoder->holding = meaning_of(decoder->held);
}

bool decoder_resume(struct decoder *decoder, uint8_t state, uint8_t pause_release, uint16_t held, uint8_t locks)
{
    if (state > AFTER_E1_CTRL || (pause_release != 0 && pause_release != RELEASE)) return false;
    if ((held & 1) != 0 || held >> PLACES != 0) return false;
    if ((locks & ~(MOD_CAPS_LOCK | MOD_NUM_LOCK | MOD_SCROLL_LOCK)) != 0) return false;
    decoder->state = (enum decoder_state)state;
    decoder->pause_release = pause_release;
    decoder->held = held;
    decoder->holding = meaning_of(held);
    decoder->locks = locks;
    return true;
}

static uint32_t character_of(const struct decoder *decoder, uint16_t code, uint8_t modifiers)
{
    if (code >= LAYOUT_KEYS) return 0;
    const struct layout_key *key = &decoder->layout->keys[code];
    bool shift = (modifiers & MOD_SHIFT) != 0;
    switch ((enum layout_kind)key->kind) {
    case PLAIN:
        break;
    case LETTER:
        shift ^= (modifiers & MOD_CAPS_LOCK) != 0;
        break;
    case KEYPAD:
        return shift != ((modifiers & MOD_NUM_LOCK) != 0) ? key->plain : 0;
    }
    if ((modifiers & MOD_ALTGR) != 0 && key->altgr != 0) return key->altgr;
    return shift ? key->shift : key->plain;
}

static enum decoded key(struct decoder *decoder, uint16_t prefix, uint16_t bank, uint8_t byte, struct key_event *event)
{
    uint16_t code = bank | (byte & 0x7f);
    // Around some keys the keyboard pretends a Shift, for software that knows no 0xe0; to us these say nothing.
    if (code == (0x100 | KEY_LEFT_SHIFT) || code == (0x100 | KEY_RIGHT_SHIFT)) return DECODED_NOTHING;
    if (names[code] == NULL) return DECODED_UNKNOWN;
    bool down = (byte & RELEASE) == 0;
    if (places[code] != NO_PLACE) note_modifier(decoder, places[code], down);
    uint8_t modifiers = decoder_modifiers(decoder);
    *event = (struct key_event){
        .code = code,
        .down = down,
        .modifiers = modifiers,
        .character = down ? character_of(decoder, code, modifiers) : 0,
        .scancode = (uint16_t)(prefix | byte),
    };
    return DECODED_EVENT;
}

enum decoded decoder_feed(struct decoder *decoder, uint8_t byte, struct key_event *event)
{
    enum decoder_state state = decoder->state;
    decoder->state = GROUND;
    if (byte == 0xe0 || byte == 0xe1) { // also inside a sequence: a byte was lost, and this one starts afresh
        decoder->state = byte == 0xe0 ? AFTER_E0 : AFTER_E1;
        return DECODED_NOTHING;
    }
    switch (state) {
    case GROUND:
        break;
    case AFTER_E0:
        return key(decoder, 0xe000, 0x100, byte, event);
    case AFTER_E1:
        if ((byte & 0x7f) != KEY_LEFT_CTRL) break;
        decoder->pause_release = byte & RELEASE;
        decoder->state = AFTER_E1_CTRL;
        return DECODED_NOTHING;
    case AFTER_E1_CTRL:
        if (byte != (KEY_NUM_LOCK | decoder->pause_release)) break;
        return key(decoder, 0xe100, 0x200, byte, event);
    }
    return key(decoder, 0, 0, byte, event); // what fits no sequence is taken by itself
}
