// SPDX-License-Identifier: MIT
// What the host and the bridge say to each other over COM2. All numbers are little-endian.
//
// A frame stands between two flags 0x7e. Inside, 0x7e and 0x7d are sent as 0x7d and the byte with bit 5 turned over (as in
// PPP, RFC 1662), so a flag is always the end of a frame: whatever came before it, the next frame is found.
//
//     kind 1 | version 1 | length of the content 2 | sequence 4 | content | CRC-32 of all this 4
//
// The host chooses the sequence; the answer has the same.
#pragma once

#include "abi/types.h"

#define PROTOCOL_VERSION 1
#define PROTOCOL_BODY_MAX 4016 // of a message; what the interfaces between bridge and hand carry
#define PROTOCOL_WORDS 6
#define PROTOCOL_NOTIFICATIONS 16
#define PROTOCOL_NO_NOTIFICATION 0xff

enum frame_kind {
    // from the host
    FRAME_HELLO = 1,  // nothing
    FRAME_CALL = 2,   // struct protocol_call, body
    FRAME_CANCEL = 3, // nothing; ends the call with this sequence
    // from the bridge
    FRAME_WELCOME =
        0x81, // struct protocol_welcome, names of the services, each closed by a NUL. Also unasked, at its start
    FRAME_RESULT = 0x82,   // struct protocol_result, body
    FRAME_NOTIFIED = 0x84, // u64: notification bits. Sequence 0
    FRAME_REFUSED = 0x85,  // u32: enum refusal, of what was no good frame (sequence 0) or no good request
};

enum refusal {
    REFUSED_SHORT = 1,   // fewer bytes than a frame has: noise, or a frame that was cut
    REFUSED_LENGTH = 2,  // not as many bytes as it says
    REFUSED_CRC = 3,     // the checksum does not fit
    REFUSED_TOO_BIG = 4, // more than the biggest frame has
    REFUSED_VERSION = 5, // another version of this page
    REFUSED_KIND = 6,    // no such request
    REFUSED_CONTENT = 7, // the request's content makes no sense
    REFUSED_NO_CALL = 8, // cancel: no call has this sequence
};

// Where a call's error comes from
enum origin {
    ORIGIN_SERVER = 0, // the server answered; error 0: all went well
    ORIGIN_KERNEL = 1, // the kernel: the server died, is gone, …
    ORIGIN_BRIDGE = 2, // enum bridge_error
};

enum bridge_error {
    BRIDGE_NO_SERVICE = 1, // the hands hold no service of that name
    BRIDGE_BUSY = 2,       // every hand waits for an answer
    BRIDGE_ENDED = 3,      // the hand that made the call was ended: cancelled or killed
    BRIDGE_NO_NOTIFICATION = 4,
};

struct protocol_head {
    uint8_t kind, version;
    uint16_t length;
    uint32_t sequence;
};

struct protocol_call {
    char service[NAME_SIZE];
    uint16_t method;
    uint8_t notification; // its number; PROTOCOL_NO_NOTIFICATION: none
    uint8_t reserved[5];
    uint64_t words[PROTOCOL_WORDS];
};

struct protocol_result {
    uint32_t origin;
    uint32_t error;
    uint64_t words[PROTOCOL_WORDS];
};

struct protocol_welcome {
    uint32_t generation; // of the bridge
    uint16_t hands;      // calls that can wait at a time
    uint16_t notifications;
};

#define FRAME_CONTENT_MAX (sizeof(struct protocol_call) + PROTOCOL_BODY_MAX)
#define FRAME_OVERHEAD (sizeof(struct protocol_head) + sizeof(uint32_t))
#define FRAME_MAX (FRAME_OVERHEAD + FRAME_CONTENT_MAX)
#define FRAME_LINE_MAX (2 * FRAME_MAX + 2) // on the line, if every byte needs two

_Static_assert(sizeof(struct protocol_head) == 8 && sizeof(struct protocol_call) == 80, "as the host packs them");
_Static_assert(sizeof(struct protocol_result) == 56 && sizeof(struct protocol_welcome) == 8, "as the host packs them");
