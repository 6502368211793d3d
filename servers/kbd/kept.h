// SPDX-License-Identifier: MIT
// What kbd leaves to its successor: unread events, modifiers, where in a sequence the last byte left off, counters.
// Pure: libsys/keep.h says where it lies.
#pragma once

#include "servers/kbd/decoder.h"
#include "servers/kbd/queue.h"

#define KBD_KEEP_MAGIC 0x7065656b2d64626bull // "kbd-keep"
#define KBD_KEEP_VERSION 1

struct kbd_kept {
    uint64_t events, dropped, unknown;
    uint16_t held;
    uint8_t locks;
    uint8_t state; // enum decoder_state
    uint8_t pause_release;
    uint8_t present; // 1: the controller was there, and is set up
    uint16_t reserved;
    uint32_t count;
    struct key_event unread[QUEUE_EVENTS]; // the oldest first; only `count` of them are kept
};

// The bytes of it that count: behind the last event there is nothing to keep.
static inline size_t kept_length(const struct kbd_kept *kept)
{
    return offsetof(struct kbd_kept, unread) + kept->count * sizeof kept->unread[0];
}

// Decoder and queue into *kept; the caller fills in the rest.
void kept_save(struct kbd_kept *kept, const struct decoder *decoder, const struct event_queue *unread);

// The other direction, after checking every bound. False: something cannot be, and nothing was changed. The decoder is
// started.
bool kept_load(const struct kbd_kept *kept, size_t length, struct decoder *decoder, struct event_queue *unread);
