// SPDX-License-Identifier: MIT
// sources: servers/bridge/frame.c common/crc32.c
// Whatever comes over the line, the next good frame is found, whole; and any content that is encoded comes out again.
#include <stdlib.h>
#include <string.h>

#include "servers/bridge/frame.h"

static void require(int claim)
{
    if (!claim) abort();
}

// Gives bytes; the last result that was not "nothing".
static enum decoded give(struct decoder *decoder, const uint8_t *data, size_t size, struct frame *frame)
{
    enum decoded last = DECODED_NOTHING;
    enum refusal why;
    for (size_t i = 0; i < size; i++) {
        enum decoded result = decoder_take(decoder, data[i], frame, &why);
        if (result == DECODED_FRAME) require(frame->head.length <= FRAME_CONTENT_MAX);
        if (result == DECODED_REFUSED) require(why >= REFUSED_SHORT && why <= REFUSED_VERSION);
        if (result != DECODED_NOTHING) last = result;
    }
    return last;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct decoder decoder; // what one input leaves behind, the next one meets
    static uint8_t line[FRAME_LINE_MAX];
    struct frame frame;
    uint32_t content = (uint32_t)(size < FRAME_CONTENT_MAX ? size : FRAME_CONTENT_MAX);
    give(&decoder, data, size, &frame);
    uint32_t length =
        frame_encode(line, (struct protocol_head){.kind = FRAME_CALL, .sequence = 9}, data, content, "", 0);
    require(length > 0 && length <= sizeof line);
    require(give(&decoder, line, length, &frame) == DECODED_FRAME);
    require(frame.head.sequence == 9 && frame.head.length == content);
    require(memcmp(frame.content, data, content) == 0);
    return 0;
}
