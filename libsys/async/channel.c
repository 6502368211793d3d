// SPDX-License-Identifier: MIT
// All who wait are woken, not one: the one might be cancelled before it looks, and its wake-up would be lost with it.
#include "libsys/async/channel.h"

void channel_start(struct channel *c, uint64_t *items, uint32_t places)
{
    *c = (struct channel){.items = items, .places = places};
}

bool channel_send(struct channel *c, struct task *t, uint64_t item, err_t *error)
{
    *error = c->closed ? ERR_GONE : OK;
    if (c->closed) return true;
    if (c->count == c->places) {
        task_wait_in(t, &c->senders);
        return false;
    }
    c->items[(c->first + c->count++) % c->places] = item;
    task_wake_all(&c->receivers);
    return true;
}

bool channel_receive(struct channel *c, struct task *t, uint64_t *item, err_t *error)
{
    if (c->count == 0) {
        *error = ERR_GONE;
        if (!c->closed) task_wait_in(t, &c->receivers);
        return c->closed;
    }
    *error = OK;
    *item = c->items[c->first];
    c->first = (c->first + 1) % c->places;
    c->count--;
    task_wake_all(&c->senders);
    return true;
}

void channel_close(struct channel *c)
{
    c->closed = true;
    task_wake_all(&c->senders);
    task_wake_all(&c->receivers);
}
