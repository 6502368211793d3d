// SPDX-License-Identifier: MIT
// A kernel that plays a script to libsys's IPC: what the receives return is written down beforehand, what is answered is
// kept, and capabilities may only arrive in slots that are empty. After the script, receives fail with ERR_NO_CAP.
#pragma once

#include "tests/host/libsys_kernel.h"

#include "libsys/ipc.c"
#include "libsys/named.c"
#include "libsys/slots.c"
#include "libsys/time.c"

#define SELF ((cap_t){1})
#define SLOTS 32

static struct message script[40]; // what the receives return, in order; then ERR_NO_CAP
static size_t script_length, script_at;
static uint64_t deadlines[40]; // of the receives, FOREVER for reply_recv
static struct answered {
    uint64_t token, word;
    uint64_t tag;
} answers[40];
static size_t answer_count;
static bool holds[SLOTS];        // which slots hold a received capability
static uint32_t caps_with_reply; // of the next call
static uint32_t length_with_reply;
static uint32_t deaths_left; // so many calls find their server dying
static uint32_t calls_made;
static struct message last_call;
static cap_t notified_cap; // by the last notify
static uint64_t notified_bits;

static void arrive(uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t slot = test_page.receive_slots[i];
        assert_true(slot >= test_start.first_free_slot && slot < SLOTS);
        assert_false(holds[slot]);
        holds[slot] = true;
    }
}

static uint32_t receive(struct message *m, uint64_t deadline)
{
    if (script_at == script_length) {
        *m = (struct message){.tag = ERR_NO_CAP};
        return ERR_NO_CAP;
    }
    deadlines[script_at] = deadline;
    *m = script[script_at++];
    arrive(TAG_CAPS(m->tag));
    return TAG_OPERATION(m->tag);
}

static void answer(const struct message *m)
{
    answers[answer_count++] = (struct answered){m->token, m->words[0], m->tag & ~0xffull};
}

static uint32_t scripted_trap(cap_t capability, struct message *m)
{
    switch (TAG_OPERATION(m->tag)) {
    case SYS_recv:
        assert_int_equal(capability.slot, SELF.slot);
        return receive(m, m->words[0]);
    case SYS_reply_recv:
        answer(m);
        return receive(m, FOREVER);
    case SYS_reply:
        answer(m);
        return OK;
    case SYS_notify:
        notified_cap = capability;
        notified_bits = m->words[0];
        return OK;
    case SYS_call:
        calls_made++;
        last_call = *m;
        if (deaths_left > 0) {
            deaths_left--;
            *m = (struct message){.tag = ERR_SERVER_DIED};
            return ERR_SERVER_DIED;
        }
        arrive(caps_with_reply);
        m->tag = TAG(KIND_REPLY, m->words[0], length_with_reply, caps_with_reply);
        return KIND_REPLY;
    case SYS_cap_drop:
        assert_true(holds[capability.slot]);
        holds[capability.slot] = false;
        return OK;
    case SYS_clock_read:
        m->words[0] = 1000;
        return OK;
    default:
        fail_msg("operation %u", TAG_OPERATION(m->tag));
        return ERR_BAD_SYSCALL;
    }
}

err_t cap_drop(cap_t capability)
{
    struct message m = {.tag = SYS_cap_drop};
    return (err_t)scripted_trap(capability, &m);
}

err_t clock_read(uint64_t *ns)
{
    struct message m = {.tag = SYS_clock_read};
    scripted_trap(NO_CAP, &m);
    *ns = m.words[0];
    return OK;
}

// A process with the capability "self" in slot 1 and the slots from 2 on empty.
static void script_begin(void)
{
    test_begin((const char *const[]){"self", NULL}, SLOTS);
    for (uint32_t i = 0; i < SLOTS; i++)
        slot_free((cap_t){i});
    memset(holds, 0, sizeof holds);
    script_length = script_at = answer_count = 0;
    caps_with_reply = length_with_reply = deaths_left = calls_made = 0;
    ipc_notes = 0;
    (void)ipc_kept_bits();
    notified_cap = NO_CAP;
    notified_bits = 0;
}

static void will_receive(struct message m) { script[script_length++] = m; }

static void will_receive_call(uint32_t method, uint64_t word, uint64_t token, uint32_t caps)
{
    will_receive(
        (struct message){.tag = TAG(KIND_CALL, method, 0, caps), .badge = 77, .words = {word}, .token = token});
}

static void assert_answer(size_t i, uint64_t token, err_t error, uint64_t word)
{
    assert_true(i < answer_count);
    assert_int_equal(answers[i].token, token);
    assert_int_equal(TAG_METHOD(answers[i].tag), error);
    assert_int_equal(answers[i].word, word);
}

static size_t held(void)
{
    size_t count = 0;
    for (size_t i = 0; i < SLOTS; i++)
        count += holds[i];
    return count;
}
