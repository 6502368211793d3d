// SPDX-License-Identifier: MIT
// The keyboard controller (Intel 8042 and what PCs have in its place; IBM PS/2 technical reference, "Keyboard and
// Auxiliary Device Controller") and the commands to the keyboard behind it.
//
// Nothing here waits for the keyboard: a command's next byte goes out when the keyboard's answer to the last one comes
// in, between scancodes. Only the controller itself is polled, a bounded number of times.
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define I8042_DATA 0x60
#define I8042_STATUS 0x64  // read
#define I8042_COMMAND 0x64 // write: of the values only 0x20, 0x60 and 0xae are ever written

#define I8042_POLLS 1000  // looks at the status before the controller counts as dead
#define I8042_DRAIN 64    // bytes thrown away at the start: more than any controller holds
#define I8042_TRIES 3     // a command that the keyboard wants again
#define I8042_PATIENCE 32 // scancodes that may come before the answer to a command

#define I8042_LEDS_UNKNOWN 0xffu
#define I8042_LED_SCROLL 0x01u
#define I8042_LED_NUM 0x02u
#define I8042_LED_CAPS 0x04u

struct i8042 {
    // set before i8042_start, never changed: how to reach the two ports
    uint8_t (*in)(uint16_t port);
    void (*out)(uint16_t port, uint8_t value);
    // what the keyboard is being told: script[at] was sent and its answer is due; at == SCRIPT_LENGTH: nothing is
    uint8_t script[3];
    uint8_t at;
    uint8_t tries;    // left
    uint8_t patience; // scancodes left
    uint8_t leds_wanted;
    uint8_t leds_shown; // as the keyboard acknowledged; I8042_LEDS_UNKNOWN before
    uint32_t failed;    // commands given up
};

// Brings the controller into a known state, whoever used it before: translation to set 1 and IRQ 1 on, the mouse port
// off, nothing in its buffer. False: there is no controller, or it does not behave like one.
bool i8042_start(struct i8042 *controller);

// Goes on with a controller that i8042_start has set up in an earlier life. What it holds stays there.
void i8042_resume(struct i8042 *controller);

// A byte can be read.
bool i8042_waits(const struct i8042 *controller);

// Tells the keyboard to scan and to show these LEDs: once, when its interrupt is bound.
void i8042_wake_keyboard(struct i8042 *controller, uint8_t leds);

// Tells it to show other LEDs; if it is being told something already, after that.
void i8042_set_leds(struct i8042 *controller, uint8_t leds);

// After an interrupt. True: *byte is a scancode. False: there was nothing, or an answer to a command, or the mouse.
bool i8042_read(struct i8042 *controller, uint8_t *byte);
