// SPDX-License-Identifier: MIT
// A hand of the bridge: makes the host's calls, one after the other, with what its own entry in system.toml allows.
// `hand listen` waits for notifications instead.
#include "abi/object.h"
#include "common/mem.h"
#include "common/string.h"
#include "interfaces/bridge.h"
#include "libsys/ipc.h"
#include "libsys/slots.h"
#include "libsys/start.h"
#include "servers/bridge/protocol.h"

static cap_t bridge;

// What is on its start page beside what every process has.
static uint32_t name_services(char *out)
{
    static const char *const others[] = {"self", "clock", "log", "bridge"};
    uint32_t length = 0;
    for (uint32_t i = 0; i < start_page()->cap_count; i++) {
        const char *name = start_page()->caps[i].name;
        bool is_other = false;
        for (size_t k = 0; k < sizeof others / sizeof others[0]; k++)
            is_other |= strcmp(name, others[k]) == 0;
        if (is_other || length + NAME_SIZE > BRIDGE_READY_SERVICES_MAX) continue;
        length += (uint32_t)copy_text(out + length, NAME_SIZE, name) + 1;
    }
    return length;
}

// The kernel's own error is told apart from the server's, which ipc_call does not do.
static err_t make_call(const struct bridge_next_reply *job, struct message *m, bool *by_kernel)
{
    cap_t service = cap_named(job->service), notification = job->notify;
    *m = (struct message){
        .tag = TAG(SYS_call, job->method, job->body_length, notification.slot != 0),
        .words = {job->word0, job->word1, job->word2, job->word3, job->word4, job->word5},
    };
    memmove(message_page()->body, job->body, job->body_length);
    message_page()->send_slots[0] = notification.slot;
    uint32_t result = trap(service, m);
    cap_discard(notification);
    *by_kernel = result != KIND_REPLY;
    return *by_kernel ? (err_t)result : (err_t)TAG_METHOD(m->tag);
}

// Capabilities that came with the answer go no further than here.
static void drop_capabilities(const struct message *m)
{
    for (uint32_t i = 0; i < TAG_CAPS(m->tag); i++)
        cap_discard(ipc_take_cap(i));
}

// Makes a call; its outcome is in *m, and the body of the answer in `body`.
static err_t work(const struct bridge_next_reply *job, struct message *m, bool *by_kernel, uint8_t *body,
                  uint32_t *length)
{
    ipc_ready_slots();
    err_t error = make_call(job, m, by_kernel);
    *length = error == OK ? TAG_LENGTH(m->tag) : 0;
    if (*length > BRIDGE_NEXT_BODY_MAX) {
        error = ERR_TOO_LONG;
        *length = 0;
    }
    memcpy(body, message_page()->body, *length);
    if (!*by_kernel) drop_capabilities(m);
    if (error != OK) memset(m->words, 0, sizeof m->words);
    return error;
}

static void work_for_ever(void)
{
    static uint8_t body[BRIDGE_NEXT_BODY_MAX];
    struct bridge_next_reply job;
    struct message m = {0};
    bool made = false, by_kernel = false;
    uint32_t length = 0;
    err_t error = OK;
    while (bridge_next(bridge, made, by_kernel, error, m.words[0], m.words[1], m.words[2], m.words[3], m.words[4],
                       m.words[5], body, length, &job) == OK) {
        error = work(&job, &m, &by_kernel, body, &length);
        made = true;
    }
}

static void lend_notifications(void)
{
    for (uint32_t number = 0; number < PROTOCOL_NOTIFICATIONS; number++) {
        cap_t slot = slot_alloc();
        if (cap_mint(cap_named("self"), NO_CAP, slot.slot, RIGHT_NOTIFY | RIGHT_GRANT, 1ull << number) != OK) return;
        if (bridge_lend(bridge, (uint8_t)number, slot) != OK) return;
        cap_discard(slot);
    }
}

static void listen(void)
{
    struct message m;
    lend_notifications();
    while (ipc_recv(cap_named("self"), FOREVER, &m) == OK)
        if (m.bits != 0 && bridge_heard(bridge, m.bits) != OK) return;
}

// A bridge that died has forgotten its hands, and its successor starts others: there is nothing left to do then.
int main(int argc, char **argv)
{
    static char names[BRIDGE_READY_SERVICES_MAX];
    bridge = cap_named("bridge");
    bool listens = argc > 1 && strcmp(argv[1], "listen") == 0;
    if (bridge_ready(bridge, names, listens ? 0 : name_services(names)) != OK) return 1;
    if (listens)
        listen();
    else
        work_for_ever();
    return 0;
}
