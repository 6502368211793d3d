// SPDX-License-Identifier: MIT
// A queue of bytes: bounded, and it says when it is full. It is whole after every instruction of its functions, so a
// successor can go on with one that lies in a keep region: bytes are written first, then one store makes them count.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BYTES_SIZE 8192 // a power of two

struct bytes {
    union {
        struct {
            uint16_t first, count; // count ≤ BYTES_SIZE; first < BYTES_SIZE
            uint32_t check;        // of both: what somebody else wrote here is found (bytes_are_whole)
        };
        uint64_t place; // all of it: stored at once
    };
    uint8_t data[BYTES_SIZE];
};

static inline uint32_t bytes_room(const struct bytes *queue) { return BYTES_SIZE - queue->count; }

void bytes_clear(struct bytes *queue);

// Whether first and count can be, and are as these functions leave them.
bool bytes_are_whole(const struct bytes *queue);

bool bytes_put(struct bytes *queue, uint8_t byte);
bool bytes_get(struct bytes *queue, uint8_t *byte);

// All or nothing.
bool bytes_put_all(struct bytes *queue, const uint8_t *data, uint32_t length);

// Copies the oldest bytes, at most `size`, and leaves them in the queue; bytes_drop takes them out.
uint32_t bytes_look(const struct bytes *queue, uint8_t *out, uint32_t size);
void bytes_drop(struct bytes *queue, uint32_t count);
