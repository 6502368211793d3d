// SPDX-License-Identifier: MIT
// What the generated stubs and dispatchers share. A payload lies in the words of a message that are left over, or, when
// it is larger, in the body (docs/interfaces.md). Nothing here trusts a length that came with a message.
#pragma once

#include "common/mem.h"
#include "common/string.h"
#include "common/utf8.h"
#include "libsys/ipc.h"

#define WIRE_ROOM(FIRST) ((MESSAGE_WORDS - (FIRST)) * 8u) // bytes of payload from word FIRST on

static inline size_t wire_align(size_t at, size_t align) { return (at + align - 1) & ~(align - 1); }

// Where a payload of that size is written.
static inline uint8_t *wire_out(uint64_t *words, size_t first, size_t size)
{
    return size <= WIRE_ROOM(first) ? (uint8_t *)(words + first) : message_page()->body;
}

// Where the payload of a received message is, in the words or in the body. NULL: the message has another length.
static inline const uint8_t *wire_in(const struct message *m, size_t first, size_t size)
{
    size_t length = TAG_LENGTH(m->tag);
    if (length == 0) return size <= WIRE_ROOM(first) ? (const uint8_t *)(m->words + first) : NULL;
    return length == size ? message_page()->body : NULL;
}

// The same, but always in the body, so that what points there outlives *m and may be read as what it is.
static inline const uint8_t *wire_in_body(const struct message *m, size_t first, size_t size)
{
    const uint8_t *from = wire_in(m, first, size);
    if (TAG_LENGTH(m->tag) == 0 && from) from = memcpy(message_page()->body, from, size);
    return from;
}

// Whether something points into the body: it may be overwritten while a message is put together there.
static inline bool wire_is_in_body(const void *what)
{
    return (uintptr_t)what - (uintptr_t)message_page()->body < MESSAGE_MAX;
}

// memmove for what is mostly a few bytes: all of them are read before the first is written.
static inline void wire_put(uint8_t *to, const void *what, size_t size)
{
    const uint8_t *from = what;
    if (size > 16) {
        memmove(to, from, size);
    } else if (size >= 8) {
        uint64_t head, tail;
        __builtin_memcpy(&head, from, 8);
        __builtin_memcpy(&tail, from + size - 8, 8);
        __builtin_memcpy(to, &head, 8);
        __builtin_memcpy(to + size - 8, &tail, 8);
    } else if (size >= 4) {
        uint32_t head, tail;
        __builtin_memcpy(&head, from, 4);
        __builtin_memcpy(&tail, from + size - 4, 4);
        __builtin_memcpy(to, &head, 4);
        __builtin_memcpy(to + size - 4, &tail, 4);
    } else if (size > 0) {
        uint8_t head = from[0], middle = from[size / 2], tail = from[size - 1];
        to[0] = head;
        to[size / 2] = middle;
        to[size - 1] = tail;
    }
}

static inline void wire_zero(uint8_t *to, size_t from, size_t until)
{
    for (size_t i = from; i < until; i++)
        to[i] = 0;
}

static inline void wire_put_word(uint8_t *to, uint64_t word) { __builtin_memcpy(to, &word, sizeof word); }

static inline uint64_t wire_word(const uint8_t *from)
{
    uint64_t word;
    __builtin_memcpy(&word, from, sizeof word);
    return word;
}

// Whether a text has exactly that length: closed by a NUL, and none before.
static inline bool wire_is_text(const uint8_t *text, size_t length)
{
    return strnlen((const char *)text, length + 1) == length;
}

// Each byte is a bool's: 0 or 1.
static inline bool wire_are_bools(const uint8_t *from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (from[i] > 1) return false;
    return true;
}

// Capabilities go with the message up to the last that is not NO_CAP.
static inline void wire_put_caps(struct message *m, const cap_t *caps, size_t count)
{
    while (count > 0 && caps[count - 1].slot == 0)
        count--;
    for (size_t i = 0; i < count; i++)
        message_page()->send_slots[i] = caps[i].slot;
    m->tag |= TAG(0, 0, 0, count);
}
