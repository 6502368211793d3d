// SPDX-License-Identifier: MIT
#include "servers/kbd/subscribers.h"

struct subscriber {
    uint64_t client; // the process's number
    cap_t notify;
    uint32_t missed; // notifications since the client asked for an event
};

static struct subscriber subscribers[SUBSCRIBERS];
static uint32_t count;

static void drop(uint32_t i)
{
    cap_discard(subscribers[i].notify);
    subscribers[i] = subscribers[--count];
}

static bool can_notify(cap_t capability)
{
    struct cap_info info;
    return cap_info(capability, &info) == OK && info.type == TYPE_ENDPOINT && (info.rights & RIGHT_NOTIFY) != 0;
}

static uint32_t find(uint64_t client)
{
    uint32_t i = 0;
    while (i < count && subscribers[i].client != client)
        i++;
    return i;
}

// Drops those whose endpoint is gone. An endpoint can outlive its client: so, if that made no room, also the one who has
// let the most notifications pass without asking, if they are too many for somebody alive.
static void make_room(void)
{
    for (uint32_t i = count; i > 0; i--)
        if (!can_notify(subscribers[i - 1].notify)) drop(i - 1);
    uint32_t silent = 0;
    for (uint32_t i = 1; i < count; i++)
        if (subscribers[i].missed > subscribers[silent].missed) silent = i;
    if (count == SUBSCRIBERS && subscribers[silent].missed > SUBSCRIBER_MISSES) drop(silent);
}

err_t subscribers_add(struct caller *from)
{
    if (from->cap_count != 1) return ERR_BAD_MESSAGE;
    if (!can_notify(from->caps[0])) return ERR_NO_RIGHT;
    uint32_t i = find(from->badge);
    if (i == SUBSCRIBERS) {
        make_room();
        i = count;
    }
    if (i == SUBSCRIBERS) return ERR_FULL;
    if (i < count)
        cap_discard(subscribers[i].notify);
    else
        count++;
    subscribers[i] = (struct subscriber){from->badge, caller_keep(from, 0), 0};
    return OK;
}

void subscribers_heard(uint64_t client)
{
    uint32_t i = find(client);
    if (i < count) subscribers[i].missed = 0;
}

void subscribers_notify(void)
{
    for (uint32_t i = count; i > 0; i--) {
        subscribers[i - 1].missed++;
        if (notify(subscribers[i - 1].notify, ~0ull) != OK) drop(i - 1);
    }
}

uint32_t subscribers_count(void) { return count; }
