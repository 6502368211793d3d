// SPDX-License-Identifier: MIT
#include "servers/kbd/i8042.h"

// Status
#define OUTPUT_FULL 0x01u  // a byte can be read
#define INPUT_FULL 0x02u   // the last byte written has not been taken yet
#define OUTPUT_MOUSE 0x20u // the byte is the mouse's
#define FLOATING 0xffu     // what a bus without a device reads as

// Commands to the controller
#define READ_CONFIG 0x20
#define WRITE_CONFIG 0x60
#define ENABLE_KEYBOARD 0xae

// Its configuration byte
#define CONFIG_IRQ1 0x01u
#define CONFIG_SYSTEM 0x04u // the firmware's tests passed; it stays set
#define CONFIG_KEYBOARD_OFF 0x10u
#define CONFIG_MOUSE_OFF 0x20u
#define CONFIG_TRANSLATE 0x40u // the keyboard speaks set 2; we get set 1

// Commands to the keyboard, and its answers
#define SCAN_ON 0xf4
#define SET_LEDS 0xed
#define ACK 0xfa
#define RESEND 0xfe

// The script: SCAN_ON, SET_LEDS, the LEDs. A change of LEDs starts it at SET_LEDS.
#define SCRIPT_LENGTH (sizeof((struct i8042 *)0)->script)
#define AT_SCAN_ON 0
#define AT_SET_LEDS 1
#define AT_LEDS 2

static bool write_byte(const struct i8042 *controller, uint16_t port, uint8_t value)
{
    for (uint32_t i = 0; i < I8042_POLLS; i++) {
        if ((controller->in(I8042_STATUS)&INPUT_FULL) == 0) {
            controller->out(port, value);
            return true;
        }
    }
    return false;
}

static bool wait_byte(const struct i8042 *controller, uint8_t *value)
{
    for (uint32_t i = 0; i < I8042_POLLS; i++) {
        if ((controller->in(I8042_STATUS)&OUTPUT_FULL) != 0) {
            *value = controller->in(I8042_DATA);
            return true;
        }
    }
    return false;
}

static bool drain(const struct i8042 *controller)
{
    for (uint32_t i = 0; i < I8042_DRAIN; i++) {
        if ((controller->in(I8042_STATUS)&OUTPUT_FULL) == 0) return true;
        (void)controller->in(I8042_DATA);
    }
    return false;
}

static bool write_config(const struct i8042 *controller, uint8_t config)
{
    return write_byte(controller, I8042_COMMAND, WRITE_CONFIG) && write_byte(controller, I8042_DATA, config);
}

bool i8042_start(struct i8042 *controller)
{
    uint8_t config;
    controller->at = SCRIPT_LENGTH;
    controller->leds_shown = I8042_LEDS_UNKNOWN;
    if (controller->in(I8042_STATUS) == FLOATING) return false;
    // Both devices off first: what is read then is the controller's answer and not a key. Keys that are typed
    // meanwhile wait in the keyboard.
    uint8_t quiet = CONFIG_SYSTEM | CONFIG_TRANSLATE | CONFIG_KEYBOARD_OFF | CONFIG_MOUSE_OFF;
    return write_config(controller, quiet) && drain(controller) && write_byte(controller, I8042_COMMAND, READ_CONFIG) &&
           wait_byte(controller, &config) && (config & CONFIG_TRANSLATE) != 0 &&
           write_config(controller, CONFIG_SYSTEM | CONFIG_TRANSLATE | CONFIG_MOUSE_OFF | CONFIG_IRQ1) &&
           write_byte(controller, I8042_COMMAND, ENABLE_KEYBOARD);
}

void i8042_resume(struct i8042 *controller)
{
    controller->at = SCRIPT_LENGTH;
    controller->leds_shown = I8042_LEDS_UNKNOWN;
}

bool i8042_waits(const struct i8042 *controller)
{
    uint8_t status = controller->in(I8042_STATUS);
    return status != FLOATING && (status & OUTPUT_FULL) != 0;
}

static void give_up(struct i8042 *controller)
{
    controller->at = SCRIPT_LENGTH;
    controller->failed++;
}

// Sends script[at]. A keyboard that is not there never answers; then this is all that happens.
static void send(struct i8042 *controller)
{
    controller->patience = I8042_PATIENCE;
    if (!write_byte(controller, I8042_DATA, controller->script[controller->at])) give_up(controller);
}

static void run_script(struct i8042 *controller, uint8_t from)
{
    controller->script[AT_SCAN_ON] = SCAN_ON;
    controller->script[AT_SET_LEDS] = SET_LEDS;
    controller->script[AT_LEDS] = controller->leds_wanted;
    controller->at = from;
    controller->tries = I8042_TRIES;
    send(controller);
}

void i8042_wake_keyboard(struct i8042 *controller, uint8_t leds)
{
    controller->leds_wanted = leds;
    run_script(controller, AT_SCAN_ON);
}

void i8042_set_leds(struct i8042 *controller, uint8_t leds)
{
    controller->leds_wanted = leds;
    if (controller->at == SCRIPT_LENGTH && leds != controller->leds_shown) run_script(controller, AT_SET_LEDS);
}

static void acknowledged(struct i8042 *controller)
{
    controller->tries = I8042_TRIES;
    if (++controller->at < SCRIPT_LENGTH) {
        send(controller);
        return;
    }
    controller->leds_shown = controller->script[AT_LEDS];
    i8042_set_leds(controller, controller->leds_wanted); // it may have changed meanwhile
}

// The whole command again, not only its value: a keyboard that restarted in between has forgotten the first byte.
static void wanted_again(struct i8042 *controller)
{
    if (--controller->tries == 0) {
        give_up(controller);
        return;
    }
    if (controller->at == AT_LEDS) controller->at = AT_SET_LEDS;
    send(controller);
}

bool i8042_read(struct i8042 *controller, uint8_t *byte)
{
    uint8_t status = controller->in(I8042_STATUS);
    if ((status & OUTPUT_FULL) == 0) return false;
    *byte = controller->in(I8042_DATA);
    if ((status & OUTPUT_MOUSE) != 0) return false;
    if (controller->at == SCRIPT_LENGTH) return true;
    // The two answers are no scancodes of a key that exists; still they count as such when none is due.
    if (*byte == ACK) {
        acknowledged(controller);
        return false;
    }
    if (*byte == RESEND) {
        wanted_again(controller);
        return false;
    }
    if (--controller->patience == 0) give_up(controller);
    return true;
}
