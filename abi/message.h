// SPDX-License-Identifier: MIT
// The form of a message: the tag, and the message page for what does not fit the six words.
#pragma once

#include "abi/errors.h"
#include "abi/syscall.h"
#include "abi/types.h"

// Tag (rax):  63        32 31      16 15        8 7        0
//            | method/err |  length  | cap count |  op/kind |
// A plain message is one whose low half is nothing but the operation.
#define TAG_OPERATION(TAG) ((uint8_t)(TAG))
#define TAG_CAPS(TAG) ((uint8_t)((TAG) >> 8))
#define TAG_LENGTH_AT 16
#define TAG_LENGTH(TAG) ((uint16_t)((TAG) >> TAG_LENGTH_AT))
#define TAG_METHOD(TAG) ((uint32_t)((TAG) >> 32))
#define TAG(OPERATION, METHOD, LENGTH, CAPS) \
    ((uint64_t)(METHOD) << 32 | (uint64_t)(LENGTH) << TAG_LENGTH_AT | (uint64_t)(CAPS) << 8 | (uint64_t)(OPERATION))

// What a receive returns in the tag's low byte. A call arrives with the number of the operation that sent it, and a
// reply with that of reply_recv: on the fast path the register need not be touched.
enum kind {
    KIND_CALL = SYS_call,        // a caller waits for the reply named by the token
    KIND_SEND = SYS_send,        // nobody waits; token 0
    KIND_REPLY = SYS_reply_recv, // what a call returns
    KIND_NOTIFY = SYS_notify,    // notification bits and no message
    KIND_FAULT = 9,              // a thread stopped; words and body as in abi/fault.h
};

#define MESSAGE_WORDS 6
#define MESSAGE_CAPS 4
#define MESSAGE_MAX 4064

// A thread's message page: resident and pinned while the thread lives.
struct message_page {
    uint32_t send_slots[MESSAGE_CAPS];    // capabilities that the next call, send or reply takes along
    uint32_t receive_slots[MESSAGE_CAPS]; // empty slots for capabilities that arrive; 0: none
    uint8_t body[MESSAGE_MAX];
};
_Static_assert(sizeof(struct message_page) == PAGE_SIZE, "the message page is one page");

#define LOG_LINE_MAX 256 // bytes of one log_write
#define LOG_NAME_MAX 8   // a log capability's badge is the writer's name, up to 8 characters
