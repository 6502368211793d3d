// SPDX-License-Identifier: MIT
#include "ipc.h"

#include <assert.h>
#include <string.h>

static struct server served;
void (*fake_alter_request)(struct message *m, uint8_t *body);
void (*fake_alter_reply)(struct message *m, uint8_t *body);
void (*fake_later)(void);
struct message fake_request, fake_reply;
uint32_t fake_calls, fake_discarded;

static struct message_page pages[2];
static enum fake_side side;
static struct message answered; // by ipc_reply
static bool is_answered;

struct message_page *message_page(void) { return &pages[side]; }

struct message_page *fake_page(enum fake_side which) { return &pages[which]; }

static void carry(enum fake_side from, enum fake_side to, uint64_t tag)
{
    assert(TAG_LENGTH(tag) <= MESSAGE_MAX && TAG_CAPS(tag) <= MESSAGE_CAPS);
    memset(pages[to].body, 0xa5, MESSAGE_MAX);
    memcpy(pages[to].body, pages[from].body, TAG_LENGTH(tag));
}

err_t fake_serve_one(struct message *m)
{
    struct caller from = {.badge = FAKE_BADGE, .token = FAKE_TOKEN, .kind = KIND_CALL, .cap_count = TAG_CAPS(m->tag)};
    for (uint32_t i = 0; i < from.cap_count; i++)
        from.caps[i] = (cap_t){1000 + pages[FAKE_CLIENT].send_slots[i]};
    side = FAKE_SERVER;
    is_answered = false;
    err_t error = served.dispatch(&served, &from, m);
    if (error == DEFERRED) {
        fake_later();
        assert(is_answered);
        *m = answered;
        error = (err_t)TAG_METHOD(m->tag);
    }
    side = FAKE_CLIENT;
    if (error != OK) *m = (struct message){0};
    return error;
}

static err_t exchange(struct message *m)
{
    fake_calls++;
    fake_request = *m;
    carry(FAKE_CLIENT, FAKE_SERVER, m->tag);
    if (fake_alter_request) fake_alter_request(m, pages[FAKE_SERVER].body);
    err_t error = fake_serve_one(m);
    fake_reply = *m;
    carry(FAKE_SERVER, FAKE_CLIENT, m->tag);
    if (fake_alter_reply) fake_alter_reply(m, pages[FAKE_CLIENT].body);
    return error;
}

err_t ipc_call(cap_t endpoint, struct message *m)
{
    (void)endpoint;
    return exchange(m);
}

err_t ipc_call_caps(cap_t endpoint, struct message *m, cap_t *arrived, uint32_t expected)
{
    (void)endpoint;
    err_t error = exchange(m);
    for (uint32_t i = 0; i < expected; i++)
        arrived[i] = i < TAG_CAPS(m->tag) ? (cap_t){2000 + pages[FAKE_SERVER].send_slots[i]} : NO_CAP;
    return error;
}

err_t ipc_call_again(cap_t endpoint, struct message *m) { return ipc_call(endpoint, m); }

err_t ipc_call_caps_again(cap_t endpoint, struct message *m, cap_t *arrived, uint32_t expected)
{
    return ipc_call_caps(endpoint, m, arrived, expected);
}

err_t ipc_reply(const struct message *m)
{
    assert(m->token == FAKE_TOKEN && !is_answered);
    answered = *m;
    is_answered = true;
    return OK;
}

void cap_discard(cap_t capability) { fake_discarded += capability.slot != 0; }

cap_t caller_keep(struct caller *from, uint32_t place)
{
    cap_t kept = from->caps[place];
    from->caps[place] = NO_CAP;
    return kept;
}

err_t serve(cap_t endpoint, const struct server *server)
{
    (void)endpoint;
    served = *server;
    return OK;
}
