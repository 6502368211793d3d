// SPDX-License-Identifier: MIT
#include "servers/kbd/kept.h"

#include "common/keys.h"

void kept_save(struct kbd_kept *kept, const struct decoder *decoder, const struct event_queue *unread)
{
    kept->held = decoder->held;
    kept->locks = decoder->locks;
    kept->state = (uint8_t)decoder->state;
    kept->pause_release = decoder->pause_release;
    kept->reserved = 0;
    kept->count = unread->count;
    for (uint32_t i = 0; i < unread->count; i++)
        kept->unread[i] = unread->events[(unread->first + i) % QUEUE_EVENTS];
}

static bool event_is_good(const struct key_event *event)
{
    uint8_t down;
    __builtin_memcpy(&down, &event->down, 1); // a bool that is neither must not be read as one
    return down <= 1 && key_name(event->code) != NULL && event->character < 0x110000;
}

static bool is_good(const struct kbd_kept *kept, size_t length)
{
    if (length < offsetof(struct kbd_kept, unread) || kept->count > QUEUE_EVENTS || length != kept_length(kept))
        return false;
    if (kept->present > 1 || kept->reserved != 0) return false;
    for (uint32_t i = 0; i < kept->count; i++)
        if (!event_is_good(&kept->unread[i])) return false;
    return true;
}

bool kept_load(const struct kbd_kept *kept, size_t length, struct decoder *decoder, struct event_queue *unread)
{
    if (!is_good(kept, length) || !decoder_resume(decoder, kept->state, kept->pause_release, kept->held, kept->locks))
        return false;
    unread->first = 0;
    unread->count = kept->count;
    for (uint32_t i = 0; i < kept->count; i++)
        unread->events[i] = kept->unread[i];
    return true;
}
