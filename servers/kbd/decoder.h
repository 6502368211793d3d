// SPDX-License-Identifier: MIT
// From scancode set 1 to events. Pure, and total: any byte may follow any other, and no sequence leaves the decoder stuck
// or a key held that another byte would not release.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "common/keys.h"
#include "servers/kbd/layout.h"

struct key_event {
    uint16_t code;      // enum key
    bool down;          // also when it repeats
    uint8_t modifiers;  // MOD_*, after this key
    uint32_t character; // Unicode; 0: none, and always 0 on release
    uint16_t scancode;  // the last byte, a prefix 0xe0 or 0xe1 in the high half
};

enum decoder_state {
    GROUND,        // a sequence begins
    AFTER_E0,      // one of the keys that the AT keyboard added
    AFTER_E1,      // Pause, which sends e1 1d 45 and, at once, e1 9d c5
    AFTER_E1_CTRL, // e1 1d or e1 9d
};

struct decoder {
    // set at the start, never changed
    const struct layout *layout;
    // where in a sequence the last byte left off
    enum decoder_state state;
    uint8_t pause_release; // AFTER_E1_CTRL: 0x80 when the byte was 9d
    // a bit for each modifier key that is down: two Shift keys count as one until both are up
    uint16_t held;
    uint8_t holding; // what these keys mean: MOD_SHIFT, MOD_CTRL, MOD_ALT, MOD_ALTGR
    uint8_t locks;   // MOD_CAPS_LOCK, MOD_NUM_LOCK, MOD_SCROLL_LOCK
};

enum decoded {
    DECODED_NOTHING, // inside a sequence, or a shift that the keyboard only pretends
    DECODED_EVENT,
    DECODED_UNKNOWN, // no such key
};

void decoder_start(struct decoder *decoder, const struct layout *layout);

// Goes on where another left off, after decoder_start. False: no decoder can be in that state, and nothing was changed.
bool decoder_resume(struct decoder *decoder, uint8_t state, uint8_t pause_release, uint16_t held, uint8_t locks);

// Takes the next byte. *event is written only with DECODED_EVENT.
enum decoded decoder_feed(struct decoder *decoder, uint8_t byte, struct key_event *event);

uint8_t decoder_modifiers(const struct decoder *decoder);

// The name of a key, NULL for a number that is none.
const char *key_name(uint16_t code);
