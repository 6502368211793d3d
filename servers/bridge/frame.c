// SPDX-License-Identifier: MIT
#include "servers/bridge/frame.h"

#include "common/crc32.h"
#include "common/mem.h"

#define FLAG 0x7e
#define ESCAPE 0x7d
#define TURNED 0x20

static enum decoded refuse(enum refusal *why, enum refusal reason)
{
    *why = reason;
    return DECODED_REFUSED;
}

// A flag has come: what is before it is a frame or not.
static enum decoded judge(const struct decoder *decoder, struct frame *frame, enum refusal *why)
{
    uint32_t crc, length = decoder->length;
    if (decoder->too_big) return refuse(why, REFUSED_TOO_BIG);
    if (length == 0 && !decoder->escaped) return DECODED_NOTHING;
    if (length < FRAME_OVERHEAD || decoder->escaped) return refuse(why, REFUSED_SHORT);
    memcpy(&frame->head, decoder->data, sizeof frame->head);
    if (frame->head.length != length - FRAME_OVERHEAD) return refuse(why, REFUSED_LENGTH);
    memcpy(&crc, decoder->data + length - sizeof crc, sizeof crc);
    if (crc != crc32(0, decoder->data, length - sizeof crc)) return refuse(why, REFUSED_CRC);
    if (frame->head.version != PROTOCOL_VERSION) return refuse(why, REFUSED_VERSION);
    frame->content = decoder->data + sizeof frame->head;
    return DECODED_FRAME;
}

enum decoded decoder_take(struct decoder *decoder, uint8_t byte, struct frame *frame, enum refusal *why)
{
    if (byte == FLAG) {
        enum decoded result = judge(decoder, frame, why);
        decoder->length = 0;
        decoder->escaped = decoder->too_big = false;
        return result;
    }
    if (byte == ESCAPE && !decoder->escaped) {
        decoder->escaped = true;
        return DECODED_NOTHING;
    }
    if (decoder->length == sizeof decoder->data)
        decoder->too_big = true;
    else
        decoder->data[decoder->length++] = decoder->escaped ? byte ^ TURNED : byte;
    decoder->escaped = false;
    return DECODED_NOTHING;
}

static uint8_t *escape(uint8_t *out, const void *data, uint32_t length)
{
    for (const uint8_t *byte = data; byte < (const uint8_t *)data + length; byte++) {
        bool special = *byte == FLAG || *byte == ESCAPE;
        if (special) *out++ = ESCAPE;
        *out++ = special ? *byte ^ TURNED : *byte;
    }
    return out;
}

uint32_t frame_encode(uint8_t *out, struct protocol_head head, const void *first, uint32_t first_length,
                      const void *second, uint32_t second_length)
{
    if (first_length > FRAME_CONTENT_MAX || second_length > FRAME_CONTENT_MAX - first_length) return 0;
    uint8_t *end = out;
    head.version = PROTOCOL_VERSION;
    head.length = (uint16_t)(first_length + second_length);
    uint32_t crc = crc32(crc32(crc32(0, &head, sizeof head), first, first_length), second, second_length);
    *end++ = FLAG;
    end = escape(end, &head, sizeof head);
    end = escape(end, first, first_length);
    end = escape(end, second, second_length);
    end = escape(end, &crc, sizeof crc);
    *end++ = FLAG;
    return (uint32_t)(end - out);
}
