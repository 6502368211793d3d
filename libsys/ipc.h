// SPDX-License-Identifier: MIT
// Messages. A caller fills struct message (libsys/trap.h): in the tag the method, the length of the body and the number
// of capabilities, TAG(0, method, length, caps); six words; the body and the slots of the capabilities in
// message_page(). The functions add the operation. Whatever is in the message page is overwritten by the next message.
//
// Ownership of capabilities: one that is sent is copied, the sender keeps its own. One that arrives lands in a slot that
// was registered in message_page()->receive_slots and belongs to who takes it, until cap_discard.
#pragma once

#include "libsys/syscall.h"

// Sends and waits for the answer, which is in *m afterwards. The kernel's error, else the server's, in one err_t.
// Capabilities that come with the answer are dropped. ERR_SERVER_DIED, ERR_GONE, ERR_SELF, ERR_NO_SLOT,
// ERR_BAD_MESSAGE.
must_use err_t ipc_call(cap_t endpoint, struct message *m);

// The same for a method that returns capabilities: arrived[0 … expected − 1] receive them (NO_CAP: not sent). On an
// error all are NO_CAP. More than expected are dropped. expected ≤ MESSAGE_CAPS. ERR_FULL: no free slot to receive in.
must_use err_t ipc_call_caps(cap_t endpoint, struct message *m, cap_t *arrived, uint32_t expected);

// The same two for a method that may be repeated (idempotent in its interface): a server that died before it answered is
// asked again, and its successor answers. Not for ever: a request that kills each server would kill all of them.
#define IPC_TRIES 3
must_use err_t ipc_call_again(cap_t endpoint, struct message *m);
must_use err_t ipc_call_caps_again(cap_t endpoint, struct message *m, cap_t *arrived, uint32_t expected);

// Sends and waits only until the message was received.
must_use err_t ipc_send(cap_t endpoint, const struct message *m);

// Answers the caller that m->token names; the tag's high half is the error (TAG(0, error, length, caps)).
// ERR_NO_CALLER: it is dead or has been answered. ERR_NO_SLOT, ERR_NO_PAGE: it cannot take the capabilities or the body; it
// got that error instead. ERR_BAD_MESSAGE: the tag is malformed, and the caller still waits.
err_t ipc_reply(const struct message *m);

// Waits for a message or notification bits until the deadline (nanoseconds since boot, FOREVER, or 0: only look).
// OK: the kind of the message is TAG_OPERATION(m->tag), the bits are m->bits; both may come together. ERR_TIMEOUT,
// ERR_NOT_RECEIVER, ERR_NO_CAP.
must_use err_t ipc_recv(cap_t endpoint, uint64_t deadline, struct message *m);

// ipc_reply and ipc_recv in one, from the endpoint of the last ipc_recv and without a deadline. What is wrong with the
// answer is no error here. ERR_NO_CAP, ERR_GONE: nothing can be received any more.
must_use err_t ipc_reply_recv(struct message *m);

// Sets notification bits on an endpoint; the capability's badge is the mask of those that may be set (0: all).
err_t notify(cap_t endpoint, uint64_t bits);

// --- capabilities that arrive

// Registers an empty slot in each place of receive_slots that has none. ERR_FULL: some stay without one.
err_t ipc_ready_slots(void);

// The capability that the last message brought in a place; a fresh slot is registered there. The caller owns it.
cap_t ipc_take_cap(uint32_t place);

// Drops a capability and frees its slot.
void cap_discard(cap_t capability);

// Bits that sleep_until received and kept; they are forgotten by asking. ipc_recv and serve return them by themselves.
uint64_t ipc_kept_bits(void);
void ipc_keep_bits(uint64_t bits);

// For loops that go on without looking: what ipc.c has noted.
#define IPC_KEEPS_BITS 1u
#define IPC_LACKS_SLOTS 2u // once a place of some thread's receive_slots was left without a slot
extern uint8_t ipc_notes;  // a system call lies between two looks, so no look is an old one

static inline bool ipc_has_noted(uint8_t notes) { return (ipc_notes & notes) != 0; }
