// SPDX-License-Identifier: MIT
#include "servers/serial/bytes.h"

_Static_assert((BYTES_SIZE & (BYTES_SIZE - 1)) == 0, "a power of two");
_Static_assert(BYTES_SIZE < 1 << 16, "a count fits 16 bits");

static uint32_t check_of(uint32_t first, uint32_t count) { return ~(first | count << 16); }

// One store, behind all that came before.
static void move_to(struct bytes *queue, uint32_t first, uint32_t count)
{
    uint64_t place = first | count << 16 | (uint64_t)check_of(first, count) << 32;
    __atomic_store_n(&queue->place, place, __ATOMIC_RELEASE);
}

void bytes_clear(struct bytes *queue) { move_to(queue, 0, 0); }

bool bytes_are_whole(const struct bytes *queue)
{
    return queue->first < BYTES_SIZE && queue->count <= BYTES_SIZE &&
           queue->check == check_of(queue->first, queue->count);
}

static void write(struct bytes *queue, uint32_t at, uint8_t byte)
{
    queue->data[(queue->first + queue->count + at) % BYTES_SIZE] = byte;
}

bool bytes_put(struct bytes *queue, uint8_t byte) { return bytes_put_all(queue, &byte, 1); }

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
        write(queue, i, data[i]);
    move_to(queue, queue->first, queue->count + length);
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
    move_to(queue, (queue->first + count) % BYTES_SIZE, queue->count - count);
}
