// SPDX-License-Identifier: MIT
// Frames on the line (servers/bridge/protocol.h): finding them among whatever comes, and making them.
#pragma once

#include "servers/bridge/protocol.h"

struct frame {
    struct protocol_head head;
    const uint8_t *content; // head.length bytes
};

struct decoder {
    uint8_t data[FRAME_MAX];
    uint32_t length;
    bool escaped; // the last byte was 0x7d
    bool too_big; // more came than data holds: only the flag counts now
};

enum decoded {
    DECODED_NOTHING, // in the middle, or between two frames
    DECODED_FRAME,   // *frame; its content lasts until the next byte is given
    DECODED_REFUSED, // something ended that is no frame: *why
};

enum decoded decoder_take(struct decoder *decoder, uint8_t byte, struct frame *frame, enum refusal *why);

// Writes a frame as it goes on the line; out has room for FRAME_LINE_MAX bytes. The content comes in two pieces, either of
// which may be empty. head.length and head.version are set here. Returns the number of bytes; 0: the content is too long.
uint32_t frame_encode(uint8_t *out, struct protocol_head head, const void *first, uint32_t first_length,
                      const void *second, uint32_t second_length);
