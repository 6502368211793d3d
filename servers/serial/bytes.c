// SPDX-License-Identifier: MIT
#include "servers/serial/bytes.h"

_Static_assert((BYTES_SIZE & (BYTES_SIZE - 1)) == 0, "a power of two");

bool bytes_put(struct bytes *queue, uint8_t byte)
{
    if (queue->count == BYTES_SIZE) return false;
    queue->data[(queue->first + queue->count++) % BYTES_SIZE] = byte;
    return true;
}

bool bytes_get(struct bytes *queue, uint8_t *byte)
{
    if (queue->count == 0) return false;
    *byte = queue->data[queue->first];
    bytes_drop(queue, 1);
    return true;
}

bool bytes_put_all(struct bytes *queue, const uint8_t *data, uint32_t length)
{
    if (length > bytes_room(queue)) return false;
    for (uint32_t i = 0; i < length; i++)
        bytes_put(queue, data[i]);
    return true;
}

uint32_t bytes_look(const struct bytes *queue, uint8_t *out, uint32_t size)
{
    uint32_t count = queue->count < size ? queue->count : size;
    for (uint32_t i = 0; i < count; i++)
        out[i] = queue->data[(queue->first + i) % BYTES_SIZE];
    return count;
}

void bytes_drop(struct bytes *queue, uint32_t count)
{
    if (count > queue->count) count = queue->count;
    queue->first = (queue->first + count) % BYTES_SIZE;
    queue->count -= count;
}
