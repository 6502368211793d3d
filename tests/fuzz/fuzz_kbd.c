// SPDX-License-Identifier: MIT
// Any bytes from the keyboard, commands in between: no crash, no stuck decoder, no key held that cannot be released.
// sources: servers/kbd/decoder.c servers/kbd/layout_us.c servers/kbd/i8042.c
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "servers/kbd/decoder.h"
#include "servers/kbd/i8042.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t *next, *end;

// The status port tells of a byte while the input lasts; some bytes are the mouse's.
static uint8_t in(uint16_t port)
{
    if (port == I8042_STATUS) return next < end ? (uint8_t)(1 | ((size_t)(end - next) % 7 == 0 ? 0x20 : 0)) : 0;
    return next < end ? *next++ : 0;
}

static void out(uint16_t port, uint8_t value)
{
    if (port == I8042_COMMAND && value != 0x20 && value != 0x60 && value != 0xae) abort();
}

static void feed(struct decoder *decoder, uint8_t byte)
{
    struct key_event event;
    if (decoder_feed(decoder, byte, &event) == DECODED_EVENT && key_name(event.code) == NULL) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t releases[] = {0xaa, 0xaa, 0xb6, 0x9d, 0xe0, 0x9d, 0xb8, 0xe0, 0xb8, 0xba, 0xc5, 0xc6};
    struct i8042 controller = {.in = in, .out = out};
    struct decoder decoder;
    uint8_t byte;
    next = data;
    end = data + size;
    decoder_start(&decoder, &layout_us);
    i8042_start(&controller);
    i8042_wake_keyboard(&controller, 2);
    while (next < end) {
        if (!i8042_read(&controller, &byte)) continue;
        feed(&decoder, byte);
        i8042_set_leds(&controller, decoder.locks >> 4 & 7);
    }
    for (size_t i = 0; i < sizeof releases; i++)
        feed(&decoder, releases[i]);
    if (decoder.held != 0 || controller.at > sizeof controller.script) abort();
    return 0;
}
