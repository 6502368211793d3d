// SPDX-License-Identifier: MIT
// The serial port's driver against a model of a 16550A with FIFOs, and its byte queue.
// sources: servers/serial/uart.c servers/serial/bytes.c servers/serial/kept.c
#include "tests/host/test.h"

#include "servers/serial/kept.h"
#include "servers/serial/uart.h"

// The machine: the UART, the line to it, what it sent.
static struct {
    bool absent, stuck;
    uint8_t interrupts, line, modem, scratch, fifo_control;
    uint8_t fifo[UART_FIFO];
    uint32_t count, lost;
    bool overrun, output_due; // the output FIFO has become empty, and nobody has been told
    uint8_t sent[64 * 1024];
    uint32_t sent_count, edges;
    bool level;
} machine;

static struct uart uart;
static struct bytes input, output;

static uint8_t reason(void)
{
    if (machine.overrun && (machine.interrupts & 4) != 0) return 0xc6;
    if (machine.count > 0 && (machine.interrupts & 1) != 0) return machine.count >= 8 ? 0xc4 : 0xcc;
    if (machine.output_due && (machine.interrupts & 2) != 0) return 0xc2;
    return 0xc1;
}

static void settle(void)
{
    bool level = (reason() & 1) == 0;
    if (level && !machine.level) machine.edges++;
    machine.level = level;
}

static uint8_t in(uint16_t index)
{
    if (machine.absent) return 0xff;
    uint8_t value = 0;
    switch (index) {
    case UART_DATA:
        if (machine.count > 0) {
            value = machine.fifo[0];
            memmove(machine.fifo, machine.fifo + 1, --machine.count);
        }
        break;
    case UART_REASON:
        if (machine.stuck) return 0xc0;
        value = reason();
        if (value == 0xc2) machine.output_due = false;
        break;
    case UART_LINE_STATUS:
        value = (uint8_t)((machine.count > 0 ? 1 : 0) | (machine.overrun ? 2 : 0) | 0x60);
        machine.overrun = false;
        break;
    case UART_SCRATCH:
        value = machine.scratch;
        break;
    default:
        break;
    }
    settle();
    return value;
}

static void out(uint16_t index, uint8_t value)
{
    switch (index) {
    case UART_DATA:
        if ((machine.line & 0x80) != 0) break;
        assert_true(machine.sent_count < sizeof machine.sent);
        machine.sent[machine.sent_count++] = value;
        machine.output_due = true;
        break;
    case UART_INTERRUPTS:
        if ((machine.line & 0x80) != 0) break;
        if ((value & 2) != 0 && (machine.interrupts & 2) == 0) machine.output_due = true; // enabling asks at once
        machine.interrupts = value;
        break;
    case UART_FIFO_CONTROL:
        if ((value & 2) != 0) machine.count = 0;
        machine.fifo_control = value;
        break;
    case UART_LINE_CONTROL:
        machine.line = value;
        break;
    case UART_MODEM_CONTROL:
        machine.modem = value;
        break;
    case UART_SCRATCH:
        machine.scratch = value;
        break;
    default:
        break;
    }
    settle();
}

static void arrive(uint8_t byte)
{
    if (machine.count == UART_FIFO) {
        machine.overrun = true;
        machine.lost++;
    } else {
        machine.fifo[machine.count++] = byte;
    }
    settle();
}

static int set_up(void **state)
{
    (void)state;
    memset(&machine, 0, sizeof machine);
    memset(&uart, 0, sizeof uart);
    memset(&input, 0, sizeof input);
    memset(&output, 0, sizeof output);
    uart.in = in;
    uart.out = out;
    return 0;
}

static void started(void)
{
    assert_true(uart_start(&uart));
    machine.edges = 0;
}

TEST(a_machine_without_a_port_is_noticed)
{
    machine.absent = true;
    assert_false(uart_start(&uart));
}

TEST(a_fresh_port_is_set_to_8_bits_with_fifos_and_asks_for_input)
{
    started();
    assert_int_equal(machine.line, 0x03);
    assert_int_equal(machine.fifo_control, 0x81);
    assert_int_equal(machine.modem, 0x0b);
    assert_int_equal(machine.interrupts, 0x05);
}

TEST(what_waits_in_the_fifo_when_the_driver_starts_again_is_kept)
{
    started();
    for (uint8_t i = 0; i < UART_FIFO; i++)
        arrive(i);
    assert_true(uart_start(&uart));
    uart_service(&uart, &input, &output);
    assert_int_equal(input.count, UART_FIFO);
    assert_int_equal(machine.lost, 0);
}

TEST(a_full_fifo_is_read_in_order_by_one_interrupt)
{
    started();
    for (uint8_t i = 0; i < UART_FIFO; i++)
        arrive((uint8_t)(i * 3));
    assert_int_equal(machine.edges, 1);
    uart_service(&uart, &input, &output);
    for (uint8_t i = 0; i < UART_FIFO; i++)
        assert_int_equal(input.data[i], i * 3);
    assert_false(machine.level);
    assert_int_equal(uart.received, UART_FIFO);
}

TEST(a_single_byte_below_the_trigger_is_read_too)
{
    started();
    arrive(0x41);
    uart_service(&uart, &input, &output);
    assert_int_equal(input.count, 1);
    assert_int_equal(input.data[0], 0x41);
}

TEST(without_room_the_bytes_stay_in_the_port_and_the_sender_is_asked_to_wait)
{
    started();
    input.count = BYTES_SIZE - 3;
    for (uint8_t i = 0; i < UART_FIFO; i++)
        arrive(i);
    uart_service(&uart, &input, &output);
    assert_int_equal(input.count, BYTES_SIZE);
    assert_int_equal(machine.count, UART_FIFO - 3);
    assert_true(uart.held);
    assert_int_equal(machine.modem & 2, 0); // RTS
    assert_false(machine.level);            // or the interrupt would come again and again
}

TEST(when_there_is_room_again_the_port_asks_again_and_nothing_is_missing)
{
    without_room_the_bytes_stay_in_the_port_and_the_sender_is_asked_to_wait(NULL);
    bytes_drop(&input, BYTES_SIZE);
    uint32_t edges = machine.edges;
    uart_resume_input(&uart);
    assert_int_equal(machine.edges, edges + 1);
    assert_int_equal(machine.modem & 2, 2);
    uart_service(&uart, &input, &output);
    assert_int_equal(input.count, UART_FIFO - 3);
    uint8_t byte;
    assert_true(bytes_get(&input, &byte));
    assert_int_equal(byte, 3);
}

TEST(an_overrun_of_the_port_itself_is_counted)
{
    started();
    for (uint8_t i = 0; i < UART_FIFO + 1; i++)
        arrive(i);
    uart_service(&uart, &input, &output);
    assert_int_equal(uart.overruns, 1);
    assert_int_equal(input.count, UART_FIFO);
}

TEST(output_goes_out_in_order_and_then_the_port_asks_no_more)
{
    started();
    for (uint32_t i = 0; i < 1000; i++)
        assert_true(bytes_put(&output, (uint8_t)(i * 7)));
    uart_begin_output(&uart);
    for (uint32_t i = 0; i < 1000 && output.count > 0; i++)
        uart_service(&uart, &input, &output);
    uart_service(&uart, &input, &output);
    assert_int_equal(machine.sent_count, 1000);
    for (uint32_t i = 0; i < 1000; i++)
        assert_int_equal(machine.sent[i], (uint8_t)(i * 7));
    assert_int_equal(uart.sent, 1000);
    assert_int_equal(machine.interrupts, 0x05);
}

TEST(output_that_begins_later_is_asked_for_again)
{
    output_goes_out_in_order_and_then_the_port_asks_no_more(NULL);
    assert_true(bytes_put(&output, 0x42));
    uint32_t edges = machine.edges;
    uart_begin_output(&uart);
    assert_int_equal(machine.edges, edges + 1);
    uart_service(&uart, &input, &output);
    assert_int_equal(machine.sent[1000], 0x42);
}

TEST(a_port_that_asks_for_ever_does_not_hold_the_driver)
{
    started();
    machine.stuck = true;
    uart_service(&uart, &input, &output);
    assert_int_equal(uart.unsettled, 1);
}

TEST(bytes_in_both_directions_at_random_instants_arrive_whole)
{
    started();
    uint8_t next_in = 0, expected = 0, next_out = 0;
    uint32_t given = 0;
    for (uint32_t i = 0; i < 20000; i++) {
        for (uint64_t n = random_below(9); n > 0 && machine.count < UART_FIFO; n--)
            arrive(next_in++);
        if (random_below(3) == 0 && given < 60000 && bytes_put(&output, next_out)) {
            next_out++, given++;
            uart_begin_output(&uart);
        }
        if (machine.level) uart_service(&uart, &input, &output);
        assert_false(machine.level);
        uint8_t byte;
        if (random_below(2) == 0)
            while (bytes_get(&input, &byte))
                assert_int_equal(byte, expected++);
        if (bytes_room(&input) > 0) uart_resume_input(&uart);
    }
    assert_int_equal(machine.lost, 0);
    assert_int_equal(machine.sent_count + output.count, given);
    for (uint32_t i = 0; i < machine.sent_count; i++)
        assert_int_equal(machine.sent[i], (uint8_t)i);
}

TEST(a_full_queue_refuses_one_more_byte)
{
    for (uint32_t i = 0; i < BYTES_SIZE; i++)
        assert_true(bytes_put(&input, (uint8_t)i));
    assert_false(bytes_put(&input, 0));
    assert_int_equal(bytes_room(&input), 0);
}

TEST(several_bytes_are_put_all_or_not_at_all)
{
    static const uint8_t data[BYTES_SIZE];
    assert_true(bytes_put_all(&input, data, BYTES_SIZE - 1));
    assert_false(bytes_put_all(&input, data, 2));
    assert_int_equal(input.count, BYTES_SIZE - 1);
}

TEST(looking_takes_nothing_away_and_works_over_the_end_of_the_array)
{
    uint8_t seen[4];
    input.first = BYTES_SIZE - 2;
    assert_true(bytes_put_all(&input, (const uint8_t *)"abcd", 4));
    assert_int_equal(bytes_look(&input, seen, 3), 3);
    assert_memory_equal(seen, "abc", 3);
    assert_int_equal(input.count, 4);
    bytes_drop(&input, 9);
    assert_int_equal(input.count, 0);
}

// The queue is whole after every store: data first, then the place. A life that ends in between has not taken the byte.
TEST(a_queue_is_whole_after_every_step_and_any_other_place_is_found)
{
    bytes_clear(&input);
    for (uint32_t i = 0; i < 100000; i++) {
        uint8_t byte;
        if (random_below(2) == 0)
            bytes_put(&input, (uint8_t)i);
        else
            bytes_get(&input, &byte);
        if (random_below(1000) == 0) bytes_drop(&input, (uint32_t)random_below(BYTES_SIZE));
        assert_true(bytes_are_whole(&input));
    }
    struct bytes spoilt = input;
    for (uint32_t bit = 0; bit < 64; bit++) {
        spoilt.place = input.place ^ 1ull << bit;
        assert_false(bytes_are_whole(&spoilt));
    }
}

TEST(a_successor_goes_on_with_the_bytes_that_nobody_has_read)
{
    static struct serial_kept region;
    const char *lost = "?";
    struct bytes *first = kept_input(&region, sizeof region, &lost);
    assert_ptr_equal(first, &region.input);
    assert_null(lost);
    assert_true(bytes_put_all(first, (const uint8_t *)"left", 4));
    struct bytes *second = kept_input(&region, sizeof region, &lost);
    uint8_t seen[8];
    assert_null(lost);
    assert_int_equal(bytes_look(second, seen, sizeof seen), 4);
    assert_memory_equal(seen, "left", 4);
}

TEST(a_region_that_cannot_be_is_thrown_away_and_is_good_again_afterwards)
{
    static struct serial_kept region;
    static const struct {
        size_t offset;
        const char *lost;
    } cases[] = {{offsetof(struct serial_kept, magic), "magic"},
                 {offsetof(struct serial_kept, version), "version"},
                 {offsetof(struct serial_kept, size), "version"},
                 {offsetof(struct serial_kept, input), "bounds"}};
    const char *lost;
    for (size_t i = 0; i < COUNT(cases); i++) {
        bytes_put(kept_input(&region, sizeof region, &lost), 1);
        ((uint8_t *)&region)[cases[i].offset] ^= 0x40;
        assert_int_equal(kept_input(&region, sizeof region, &lost)->count, 0);
        assert_string_equal(lost, cases[i].lost);
        assert_non_null(kept_input(&region, sizeof region, &lost));
        assert_null(lost);
    }
    assert_null(kept_input(&region, sizeof region - 1, &lost));
    assert_null(kept_input(NULL, 0, &lost));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_machine_without_a_port_is_noticed, set_up),
        cmocka_unit_test_setup(a_fresh_port_is_set_to_8_bits_with_fifos_and_asks_for_input, set_up),
        cmocka_unit_test_setup(what_waits_in_the_fifo_when_the_driver_starts_again_is_kept, set_up),
        cmocka_unit_test_setup(a_full_fifo_is_read_in_order_by_one_interrupt, set_up),
        cmocka_unit_test_setup(a_single_byte_below_the_trigger_is_read_too, set_up),
        cmocka_unit_test_setup(without_room_the_bytes_stay_in_the_port_and_the_sender_is_asked_to_wait, set_up),
        cmocka_unit_test_setup(when_there_is_room_again_the_port_asks_again_and_nothing_is_missing, set_up),
        cmocka_unit_test_setup(an_overrun_of_the_port_itself_is_counted, set_up),
        cmocka_unit_test_setup(output_goes_out_in_order_and_then_the_port_asks_no_more, set_up),
        cmocka_unit_test_setup(output_that_begins_later_is_asked_for_again, set_up),
        cmocka_unit_test_setup(a_port_that_asks_for_ever_does_not_hold_the_driver, set_up),
        cmocka_unit_test_setup(bytes_in_both_directions_at_random_instants_arrive_whole, set_up),
        cmocka_unit_test_setup(a_full_queue_refuses_one_more_byte, set_up),
        cmocka_unit_test_setup(several_bytes_are_put_all_or_not_at_all, set_up),
        cmocka_unit_test_setup(looking_takes_nothing_away_and_works_over_the_end_of_the_array, set_up),
        cmocka_unit_test_setup(a_queue_is_whole_after_every_step_and_any_other_place_is_found, set_up),
        cmocka_unit_test_setup(a_successor_goes_on_with_the_bytes_that_nobody_has_read, set_up),
        cmocka_unit_test_setup(a_region_that_cannot_be_is_thrown_away_and_is_good_again_afterwards, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
