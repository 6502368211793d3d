// SPDX-License-Identifier: MIT
// The keyboard controller's driver against a model of the controller that can misbehave in every way that threatens it.
// sources: servers/kbd/i8042.c
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "servers/kbd/i8042.h"

// The machine: a controller with a keyboard behind it.
static struct {
    bool absent, never_ready, always_full, deaf, no_answer;
    uint8_t config, pending_command;
    uint8_t output[64]; // bytes that can be read; the mouse's are marked
    bool mouse[64];
    uint32_t first, count;
    bool leds_next;
    uint8_t leds;
    uint32_t resend; // answers of the keyboard that will be RESEND
    bool scanning;
    uint32_t reads, writes;
    char trace[256]; // what was written: "64<60 60<74 …"
} machine;

static struct i8042 controller;

static void put(uint8_t byte, bool mouse)
{
    uint32_t at = (machine.first + machine.count++) % 64;
    assert_true(machine.count <= 64);
    machine.output[at] = byte;
    machine.mouse[at] = mouse;
}

static uint8_t in(uint16_t port)
{
    machine.reads++;
    if (machine.absent) return 0xff;
    if (port == I8042_STATUS) {
        bool output = machine.always_full || machine.count > 0;
        return (uint8_t)(0x1c | (output ? 1 : 0) | (machine.never_ready ? 2 : 0) |
                         (machine.count > 0 && machine.mouse[machine.first] ? 0x20 : 0));
    }
    assert_int_equal(port, I8042_DATA);
    if (machine.count == 0) return 0x55;
    uint8_t byte = machine.output[machine.first];
    machine.first = (machine.first + 1) % 64;
    machine.count--;
    return byte;
}

static void keyboard_takes(uint8_t byte)
{
    if (machine.deaf) return;
    if (machine.resend > 0) {
        machine.resend--;
        machine.leds_next = false;
        put(0xfe, false);
        return;
    }
    if (machine.leds_next && byte < 8) {
        machine.leds = byte;
        machine.leds_next = false;
    } else if (byte == 0xed) {
        machine.leds_next = true;
    } else if (byte == 0xf4) {
        machine.scanning = true;
    } else {
        put(0xfe, false);
        return;
    }
    put(0xfa, false);
}

static void out(uint16_t port, uint8_t value)
{
    size_t used = strlen(machine.trace);
    snprintf(machine.trace + used, sizeof machine.trace - used, "%s%x<%02x", used > 0 ? " " : "", port, value);
    machine.writes++;
    assert_false(machine.absent);
    assert_false(machine.never_ready); // nothing may be written over a byte that was not taken
    if (port == I8042_COMMAND) {
        assert_true(value == 0x20 || value == 0x60 || value == 0xae); // what the port capability lets through
        machine.pending_command = value == 0x60 ? value : 0;
        if (value == 0x20 && !machine.no_answer) put(machine.config, false);
        if (value == 0xae) machine.config &= (uint8_t)~0x10u;
    } else if (machine.pending_command == 0x60) {
        machine.pending_command = 0;
        machine.config = value;
    } else {
        keyboard_takes(value);
    }
}

static bool start(void)
{
    memset(&controller, 0, sizeof controller);
    controller.in = in;
    controller.out = out;
    return i8042_start(&controller);
}

static void reset(void)
{
    memset(&machine, 0, sizeof machine);
    machine.config = 0x47;
}

// An interrupt for each byte that is there; scancodes are collected in hexadecimal.
static const char *interrupts(void)
{
    static char scancodes[256];
    scancodes[0] = 0;
    for (int i = 0; machine.count > 0 && i < 200; i++) {
        uint8_t byte;
        size_t used = strlen(scancodes);
        if (i8042_read(&controller, &byte))
            snprintf(scancodes + used, sizeof scancodes - used, "%s%02x", used > 0 ? " " : "", byte);
    }
    return scancodes;
}

static void a_start_leaves_translation_and_irq_1_on_and_the_mouse_off(void **state)
{
    (void)state;
    reset();
    machine.config = 0x00;
    assert_true(start());
    assert_int_equal(machine.config, 0x65);
    assert_string_equal(machine.trace, "64<60 60<74 64<20 64<60 60<65 64<ae");
}

static void bytes_left_from_before_are_thrown_away(void **state)
{
    (void)state;
    reset();
    for (uint8_t i = 0; i < 16; i++)
        put(i, i % 3 == 0);
    assert_true(start());
    assert_int_equal(machine.count, 0);
    assert_string_equal(interrupts(), "");
}

static void an_absent_controller_is_reported_at_once(void **state)
{
    (void)state;
    reset();
    machine.absent = true;
    assert_false(start());
    assert_int_equal(machine.writes, 0);
    assert_true(machine.reads < 10);
}

static void a_controller_that_is_never_ready_is_given_up(void **state)
{
    (void)state;
    reset();
    machine.never_ready = true;
    assert_false(start());
    assert_int_equal(machine.writes, 0);
    assert_true(machine.reads <= I8042_POLLS + 1);
}

static void a_controller_that_is_always_full_is_given_up(void **state)
{
    (void)state;
    reset();
    machine.always_full = true;
    assert_false(start());
    assert_true(machine.reads <= 2 * I8042_DRAIN + 10);
}

static void a_controller_that_does_not_answer_is_given_up(void **state)
{
    (void)state;
    reset();
    machine.no_answer = true;
    assert_false(start());
    assert_true(machine.reads <= I8042_POLLS + 20);
}

static void scancodes_pass_and_the_mouse_is_ignored(void **state)
{
    uint8_t byte;
    (void)state;
    reset();
    assert_true(start());
    put(0x1e, false);
    put(0x42, true);
    put(0x9e, false);
    assert_string_equal(interrupts(), "1e 9e");
    assert_false(i8042_read(&controller, &byte)); // an interrupt without a byte
}

static void waking_the_keyboard_starts_scanning_and_sets_the_leds(void **state)
{
    (void)state;
    reset();
    assert_true(start());
    i8042_wake_keyboard(&controller, 2);
    assert_int_equal(controller.leds_shown, I8042_LEDS_UNKNOWN);
    assert_string_equal(interrupts(), "");
    assert_true(machine.scanning);
    assert_int_equal(machine.leds, 2);
    assert_int_equal(controller.leds_shown, 2);
    assert_string_equal(strstr(machine.trace, "64<ae"), "64<ae 60<f4 60<ed 60<02");
}

static void keys_typed_during_a_command_are_not_lost(void **state)
{
    uint8_t byte;
    (void)state;
    reset();
    assert_true(start());
    put(0x3a, false);
    i8042_set_leds(&controller, 4); // its answer comes behind the key
    put(0xba, false);
    assert_true(i8042_read(&controller, &byte));
    assert_int_equal(byte, 0x3a);
    assert_string_equal(interrupts(), "ba");
    assert_int_equal(machine.leds, 4);
}

static void a_resend_starts_the_command_again_and_stops_after_three(void **state)
{
    (void)state;
    reset();
    assert_true(start());
    machine.resend = 2;
    i8042_set_leds(&controller, 4);
    interrupts();
    assert_int_equal(machine.leds, 4);
    assert_int_equal(controller.failed, 0);
    machine.resend = 1000;
    machine.writes = 0;
    i8042_set_leds(&controller, 0);
    interrupts();
    assert_int_equal(machine.writes, 3);
    assert_int_equal(controller.failed, 1);
    machine.resend = 0;
    i8042_set_leds(&controller, 1); // and the next one works
    interrupts();
    assert_int_equal(machine.leds, 1);
}

static void leds_changed_during_a_command_are_sent_after_it(void **state)
{
    (void)state;
    reset();
    assert_true(start());
    i8042_set_leds(&controller, 4);
    i8042_set_leds(&controller, 6);
    i8042_set_leds(&controller, 3);
    interrupts();
    assert_int_equal(machine.leds, 3);
    assert_int_equal(controller.leds_shown, 3);
}

static void leds_that_are_lit_already_are_not_sent_again(void **state)
{
    (void)state;
    reset();
    assert_true(start());
    i8042_set_leds(&controller, 4);
    interrupts();
    machine.writes = 0;
    i8042_set_leds(&controller, 4);
    assert_int_equal(machine.writes, 0);
}

static void a_keyboard_that_answers_nothing_still_types(void **state)
{
    (void)state;
    reset();
    assert_true(start());
    machine.deaf = true;
    i8042_set_leds(&controller, 4);
    for (int i = 0; i < I8042_PATIENCE; i++) {
        put(0x1e, false);
        assert_string_equal(interrupts(), "1e");
    }
    assert_int_equal(controller.failed, 1);
    machine.deaf = false;
    i8042_set_leds(&controller, 4);
    interrupts();
    assert_int_equal(machine.leds, 4);
}

static void answers_that_nobody_waits_for_are_scancodes(void **state)
{
    (void)state;
    reset();
    assert_true(start());
    put(0xfa, false);
    put(0xfe, false);
    assert_string_equal(interrupts(), "fa fe");
}

static void random_bytes_and_commands_never_break_the_driver(void **state)
{
    uint8_t byte;
    (void)state;
    srand(4);
    for (int round = 0; round < 2000; round++) {
        reset();
        assert_true(start());
        for (int i = 0; i < 200; i++) {
            machine.trace[0] = 0;
            machine.deaf = rand() % 8 == 0;
            machine.resend = rand() % 8 == 0 ? 1 : 0;
            if (machine.count < 32)
                put((uint8_t)(rand() % 3 == 0 ? (rand() % 2 ? 0xfa : 0xfe) : rand()), rand() % 16 == 0);
            if (rand() % 4 == 0) i8042_set_leds(&controller, (uint8_t)(rand() % 8));
            i8042_read(&controller, &byte);
            assert_true(controller.at <= sizeof controller.script);
        }
        machine.deaf = false;
        machine.resend = 0;
        interrupts();
        // Answers that nobody gave may have misled it about the LEDs; a change after that arrives.
        for (int i = 0; i < 2 * I8042_PATIENCE; i++) {
            put(0x1e, false);
            i8042_set_leds(&controller, 5);
            interrupts();
        }
        i8042_set_leds(&controller, 2);
        interrupts();
        assert_int_equal(controller.leds_shown, 2);
        assert_int_equal(machine.leds, 2);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_start_leaves_translation_and_irq_1_on_and_the_mouse_off),
        cmocka_unit_test(bytes_left_from_before_are_thrown_away),
        cmocka_unit_test(an_absent_controller_is_reported_at_once),
        cmocka_unit_test(a_controller_that_is_never_ready_is_given_up),
        cmocka_unit_test(a_controller_that_is_always_full_is_given_up),
        cmocka_unit_test(a_controller_that_does_not_answer_is_given_up),
        cmocka_unit_test(scancodes_pass_and_the_mouse_is_ignored),
        cmocka_unit_test(waking_the_keyboard_starts_scanning_and_sets_the_leds),
        cmocka_unit_test(keys_typed_during_a_command_are_not_lost),
        cmocka_unit_test(a_resend_starts_the_command_again_and_stops_after_three),
        cmocka_unit_test(leds_changed_during_a_command_are_sent_after_it),
        cmocka_unit_test(leds_that_are_lit_already_are_not_sent_again),
        cmocka_unit_test(a_keyboard_that_answers_nothing_still_types),
        cmocka_unit_test(answers_that_nobody_waits_for_are_scancodes),
        cmocka_unit_test(random_bytes_and_commands_never_break_the_driver),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
