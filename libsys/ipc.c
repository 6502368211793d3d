// SPDX-License-Identifier: MIT
#include "libsys/call.h"

#include "libsys/slots.h"

uint8_t ipc_notes;

// The low half of the tag belongs to the kernel; here the operation goes in.
static uint64_t with_operation(uint64_t tag, uint64_t operation) { return (tag & ~0xffull) | operation; }

// The server's error is in the high half. It is taken as it is: a number that is none of ours is still no success.
static err_t outcome(uint32_t kind, const struct message *m)
{
    return kind == KIND_REPLY ? (err_t)TAG_METHOD(m->tag) : (err_t)kind;
}

// The end of a call that expects no capabilities.
static err_t called(uint64_t tag)
{
    if (TAG_OPERATION(tag) != KIND_REPLY) return (err_t)TAG_OPERATION(tag);
    for (uint32_t i = 0; i < TAG_CAPS(tag); i++)
        cap_discard(ipc_take_cap(i));
    return (err_t)TAG_METHOD(tag);
}

err_t ipc_other_end(uint64_t tag)
{
    err_t error = called(tag);
    return error == OK && TAG_LENGTH(tag) != 0 ? ERR_BAD_MESSAGE : error;
}

err_t ipc_other_end_again(cap_t endpoint, uint64_t tag, struct message *request)
{
    const struct message asked = *request;
    for (uint32_t tries = 1; TAG_OPERATION(tag) == ERR_SERVER_DIED && tries < IPC_TRIES; tries++) {
        *request = asked;
        trap(endpoint, request);
        tag = request->tag;
    }
    return ipc_other_end(tag);
}

err_t ipc_call(cap_t endpoint, struct message *m)
{
    m->tag = with_operation(m->tag, SYS_call);
    trap(endpoint, m);
    return called(m->tag);
}

err_t ipc_call_caps(cap_t endpoint, struct message *m, cap_t *arrived, uint32_t expected)
{
    for (uint32_t i = 0; i < expected; i++)
        arrived[i] = NO_CAP;
    err_t error = ipc_ready_slots();
    if (error != OK) return error;
    m->tag = with_operation(m->tag, SYS_call);
    uint32_t kind = trap(endpoint, m);
    error = outcome(kind, m);
    for (uint32_t i = 0; kind == KIND_REPLY && i < TAG_CAPS(m->tag); i++) {
        cap_t taken = ipc_take_cap(i);
        if (error == OK && i < expected)
            arrived[i] = taken;
        else
            cap_discard(taken);
    }
    return error;
}

// The kernel changes nothing in the message page when it says that a server died: body and capabilities still lie there.
err_t ipc_call_again(cap_t endpoint, struct message *m)
{
    m->tag = with_operation(m->tag, SYS_call);
    uint32_t kind, tries = 0;
    do
        kind = trap_keeping(endpoint, m, ERR_SERVER_DIED);
    while (kind == ERR_SERVER_DIED && ++tries < IPC_TRIES);
    return kind == ERR_SERVER_DIED ? ERR_SERVER_DIED : called(m->tag);
}

err_t ipc_call_caps_again(cap_t endpoint, struct message *m, cap_t *arrived, uint32_t expected)
{
    const struct message request = *m;
    err_t error = ipc_call_caps(endpoint, m, arrived, expected);
    for (uint32_t tries = 1; error == ERR_SERVER_DIED && tries < IPC_TRIES; tries++) {
        *m = request;
        error = ipc_call_caps(endpoint, m, arrived, expected);
    }
    return error;
}

err_t ipc_send(cap_t endpoint, const struct message *m)
{
    struct message sent = *m;
    sent.tag = with_operation(m->tag, SYS_send);
    return (err_t)trap(endpoint, &sent);
}

err_t ipc_reply(const struct message *m)
{
    struct message sent = *m;
    sent.tag = with_operation(m->tag, SYS_reply);
    return (err_t)trap(NO_CAP, &sent);
}

// A receive returns a kind, and kinds are small; errors of the kernel start above.
static err_t received(uint32_t kind) { return kind < ERR_NO_CAP ? OK : (err_t)kind; }

// With bits at hand there is nothing to wait for: only look whether a message is there too.
err_t ipc_recv(cap_t endpoint, uint64_t deadline, struct message *m)
{
    const uint64_t kept = ipc_kept_bits();
    *m = (struct message){.tag = SYS_recv, .words = {kept != 0 ? 0 : deadline}};
    err_t error = received(trap(endpoint, m));
    if (kept == 0) return error;
    if (error == OK)
        m->bits |= kept;
    else if (error == ERR_TIMEOUT)
        *m = (struct message){.tag = KIND_NOTIFY, .bits = kept};
    else
        ipc_keep_bits(kept);
    return error == ERR_TIMEOUT ? OK : error;
}

err_t ipc_reply_recv(struct message *m)
{
    m->tag = with_operation(m->tag, SYS_reply_recv);
    return received(trap(NO_CAP, m));
}

err_t notify(cap_t endpoint, uint64_t bits)
{
    struct message m = {.tag = SYS_notify, .words = {bits}};
    return (err_t)trap(endpoint, &m);
}

static uint64_t kept_bits;

// The note goes first: bits that come meanwhile make it again.
uint64_t ipc_kept_bits(void)
{
    if (!ipc_has_noted(IPC_KEEPS_BITS)) return 0;
    __atomic_fetch_and(&ipc_notes, (uint8_t)~IPC_KEEPS_BITS, __ATOMIC_SEQ_CST);
    return __atomic_exchange_n(&kept_bits, 0, __ATOMIC_SEQ_CST);
}

// By sleep_until only.
void ipc_keep_bits(uint64_t bits)
{
    if (bits == 0) return;
    __atomic_fetch_or(&kept_bits, bits, __ATOMIC_SEQ_CST);
    __atomic_fetch_or(&ipc_notes, IPC_KEEPS_BITS, __ATOMIC_SEQ_CST);
}

// A fresh slot for a place, 0 if there is none. That is noted for good: which thread's place it was is not.
static uint32_t slot_for_place(void)
{
    const uint32_t slot = slot_alloc().slot;
    if (slot == 0) __atomic_fetch_or(&ipc_notes, IPC_LACKS_SLOTS, __ATOMIC_RELAXED);
    return slot;
}

err_t ipc_ready_slots(void)
{
    uint32_t *places = message_page()->receive_slots;
    err_t error = OK;
    for (uint32_t i = 0; i < MESSAGE_CAPS; i++) {
        if (places[i] == 0) places[i] = slot_for_place();
        if (places[i] == 0) error = ERR_FULL;
    }
    return error;
}

cap_t ipc_take_cap(uint32_t place)
{
    uint32_t *places = message_page()->receive_slots;
    cap_t taken = {places[place]};
    places[place] = slot_for_place();
    return taken;
}

void cap_discard(cap_t capability)
{
    if (capability.slot == 0) return;
    cap_drop(capability);
    slot_free(capability);
}
