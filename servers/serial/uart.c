// SPDX-License-Identifier: MIT
#include "servers/serial/uart.h"

// Interrupts that may be asked for
#define ON_INPUT 0x01u
#define ON_OUTPUT 0x02u // the output FIFO is empty
#define ON_ERROR 0x04u

// Reason of an interrupt
#define NO_REASON 0x01u
#define REASON_MASK 0x0eu
#define REASON_MODEM 0x00u
#define REASON_OUTPUT 0x02u
#define REASON_INPUT 0x04u
#define REASON_ERROR 0x06u
#define REASON_TIMEOUT 0x0cu // input below the trigger, and nothing came for four characters' time
#define FIFOS_ON 0xc0u

#define FIFO_ENABLE_TRIGGER_8 0x81 // half of the FIFO is left while the interrupt is on its way. Nothing is cleared

#define LINE_8N1 0x03
#define LINE_DIVISOR 0x80 // the first two registers are the divisor
#define DIVISOR_115200 1

#define DTR 0x01u
#define RTS 0x02u
#define OUT2 0x08u // on a PC, lets the interrupt through to the controller

#define STATUS_INPUT 0x01u
#define STATUS_OVERRUN 0x02u
#define STATUS_GARBLED 0x1cu // parity, stop bit, break
#define STATUS_OUTPUT 0x20u  // the output FIFO is empty

static void ask_for(struct uart *uart, uint8_t interrupts)
{
    uart->interrupts = interrupts;
    uart->out(UART_INTERRUPTS, interrupts);
}

static bool keeps(const struct uart *uart, uint8_t value)
{
    uart->out(UART_SCRATCH, value);
    return uart->in(UART_SCRATCH) == value;
}

bool uart_start(struct uart *uart)
{
    if (!keeps(uart, 0x5a) || !keeps(uart, 0xa5)) return false;
    ask_for(uart, 0);
    uart->out(UART_LINE_CONTROL, LINE_8N1 | LINE_DIVISOR);
    uart->out(UART_DATA, DIVISOR_115200);
    uart->out(UART_INTERRUPTS, 0); // the divisor's high byte
    uart->out(UART_LINE_CONTROL, LINE_8N1);
    uart->out(UART_FIFO_CONTROL, FIFO_ENABLE_TRIGGER_8);
    if ((uart->in(UART_REASON)&FIFOS_ON) != FIFOS_ON) return false;
    uart->out(UART_MODEM_CONTROL, DTR | RTS | OUT2);
    uart->held = false;
    ask_for(uart, ON_INPUT | ON_ERROR);
    return true;
}

static void note_errors(struct uart *uart, uint8_t status)
{
    if ((status & STATUS_OVERRUN) != 0) uart->overruns++;
    if ((status & STATUS_GARBLED) != 0) uart->garbled++;
}

// Without room the bytes stay where they are: the UART stops asking for input, and so, by RTS, does the sender.
static void hold(struct uart *uart)
{
    uart->held = true;
    uart->out(UART_MODEM_CONTROL, DTR | OUT2);
    ask_for(uart, uart->interrupts & (uint8_t)~ON_INPUT);
}

static void take_input(struct uart *uart, struct bytes *input)
{
    for (uint32_t i = 0; i < UART_FIFO; i++) {
        if (bytes_room(input) == 0) {
            hold(uart);
            return;
        }
        uint8_t status = uart->in(UART_LINE_STATUS);
        note_errors(uart, status);
        if ((status & STATUS_INPUT) == 0) return;
        bytes_put(input, uart->in(UART_DATA));
        uart->received++;
    }
}

static void give_output(struct uart *uart, struct bytes *output)
{
    uint8_t byte, status = uart->in(UART_LINE_STATUS);
    note_errors(uart, status);
    if ((status & STATUS_OUTPUT) == 0) return;
    if (output->count == 0) ask_for(uart, uart->interrupts & (uint8_t)~ON_OUTPUT);
    for (uint32_t i = 0; i < UART_FIFO && bytes_get(output, &byte); i++) {
        uart->out(UART_DATA, byte);
        uart->sent++;
    }
}

void uart_service(struct uart *uart, struct bytes *input, struct bytes *output)
{
    for (uint32_t i = 0; i < UART_STEPS; i++) {
        uint8_t reason = uart->in(UART_REASON);
        if ((reason & NO_REASON) != 0) return;
        switch (reason & REASON_MASK) {
        case REASON_ERROR:
            note_errors(uart, uart->in(UART_LINE_STATUS));
            break;
        case REASON_INPUT:
        case REASON_TIMEOUT:
            take_input(uart, input);
            break;
        case REASON_OUTPUT:
            give_output(uart, output);
            break;
        case REASON_MODEM:
            uart->in(UART_MODEM_STATUS);
            break;
        default:
            break;
        }
    }
    // It still asks. The interrupt controller looks for an edge: without one the line would stay silent for ever. Asking
    // for nothing and then for the same again makes one.
    uart->unsettled++;
    uart->out(UART_INTERRUPTS, 0);
    uart->out(UART_INTERRUPTS, uart->interrupts);
}

void uart_begin_output(struct uart *uart)
{
    if ((uart->interrupts & ON_OUTPUT) == 0) ask_for(uart, uart->interrupts | ON_OUTPUT);
}

void uart_resume_input(struct uart *uart)
{
    if (!uart->held) return;
    uart->held = false;
    uart->out(UART_MODEM_CONTROL, DTR | RTS | OUT2);
    ask_for(uart, uart->interrupts | ON_INPUT);
}
