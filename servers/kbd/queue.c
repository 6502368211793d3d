// SPDX-License-Identifier: MIT
#include "servers/kbd/queue.h"

bool events_put(struct event_queue *queue, const struct key_event *event)
{
    if (queue->count == QUEUE_EVENTS) return false;
    const uint32_t at = queue->first + queue->count++;
    queue->events[at < QUEUE_EVENTS ? at : at - QUEUE_EVENTS] = *event;
    return true;
}

bool events_get(struct event_queue *queue, struct key_event *event)
{
    if (queue->count == 0) return false;
    *event = queue->events[queue->first];
    queue->first = (queue->first + 1) % QUEUE_EVENTS;
    queue->count--;
    return true;
}

bool waiters_put(struct waiter_queue *queue, uint64_t token)
{
    if (queue->count == QUEUE_WAITERS) return false;
    queue->tokens[(queue->first + queue->count++) % QUEUE_WAITERS] = token;
    return true;
}

bool waiters_get(struct waiter_queue *queue, uint64_t *token)
{
    if (queue->count == 0) return false;
    *token = queue->tokens[queue->first];
    queue->first = (queue->first + 1) % QUEUE_WAITERS;
    queue->count--;
    return true;
}

void history_put(struct history *history, uint8_t byte) { history->bytes[history->count++ % HISTORY_BYTES] = byte; }

size_t history_read(const struct history *history, uint64_t position, uint8_t out[HISTORY_BYTES], uint64_t *lost)
{
    uint64_t oldest = history->count > HISTORY_BYTES ? history->count - HISTORY_BYTES : 0;
    *lost = position < oldest ? oldest - position : 0;
    size_t copied = 0;
    for (uint64_t n = position + *lost; n < history->count; n++)
        out[copied++] = history->bytes[n % HISTORY_BYTES];
    return copied;
}
