// SPDX-License-Identifier: MIT
// What kbd keeps between an interrupt and a client: unread events, readers that wait, and the last raw bytes.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "servers/kbd/decoder.h"

#define QUEUE_EVENTS 100
#define QUEUE_WAITERS 16
#define HISTORY_BYTES 256

struct event_queue {
    uint32_t first, count; // first: the oldest
    struct key_event events[QUEUE_EVENTS];
};

bool events_put(struct event_queue *queue, const struct key_event *event); // false: full, nothing changed
bool events_get(struct event_queue *queue, struct key_event *event);       // false: empty

// Reply tokens, in the order of asking.
struct waiter_queue {
    uint32_t first, count;
    uint64_t tokens[QUEUE_WAITERS];
};

bool waiters_put(struct waiter_queue *queue, uint64_t token);
bool waiters_get(struct waiter_queue *queue, uint64_t *token);

// Byte number n since the start is bytes[n % HISTORY_BYTES]; the last HISTORY_BYTES of them are there.
struct history {
    uint64_t count;
    uint8_t bytes[HISTORY_BYTES];
};

void history_put(struct history *history, uint8_t byte);

// Copies what is kept from `position` on. Returns how many bytes; *lost of them before those are no longer there.
// position ≤ history->count.
size_t history_read(const struct history *history, uint64_t position, uint8_t out[HISTORY_BYTES], uint64_t *lost);
