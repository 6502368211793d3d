// SPDX-License-Identifier: MIT
// A 16550A serial port with its 16-byte FIFOs (National Semiconductor PC16550D, "Registers"). Interrupts only: nothing here
// waits for the line.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "servers/serial/bytes.h"

#define UART_FIFO 16
#define UART_STEPS 64 // reasons for one interrupt that are looked at before it is ended

// Registers, counted from the first port
enum uart_register {
    UART_DATA = 0,
    UART_INTERRUPTS = 1, // IER
    UART_REASON = 2,     // IIR when read, FCR when written
    UART_FIFO_CONTROL = 2,
    UART_LINE_CONTROL = 3,
    UART_MODEM_CONTROL = 4,
    UART_LINE_STATUS = 5,
    UART_MODEM_STATUS = 6,
    UART_SCRATCH = 7,
};

struct uart {
    // set before uart_start, never changed: how to reach the eight ports
    uint8_t (*in)(uint16_t index);
    void (*out)(uint16_t index, uint8_t value);
    // what the UART was told
    uint8_t interrupts;
    bool held; // the input was full: bytes stay in the UART and the other side is asked to wait (RTS)
    // counted since uart_start
    uint64_t received, sent;
    uint32_t overruns;  // times that the UART itself lost bytes
    uint32_t garbled;   // bytes with a wrong parity or stop bit, and breaks
    uint32_t unsettled; // interrupts that did not end by themselves
};

// Sets 115,200 baud, 8 bits, no parity, FIFOs on. What has arrived stays in the FIFO if it was on already: a server that is
// started again loses nothing that the UART still holds. False: there is no UART with a FIFO.
bool uart_start(struct uart *uart);

// After an interrupt: moves bytes from the UART to `input` while there is room, and from `output` to the UART. When
// it returns the UART asks for nothing any more, or will ask again: so the interrupt may be acknowledged.
void uart_service(struct uart *uart, struct bytes *input, struct bytes *output);

// There is something in `output`: the next interrupt fetches it.
void uart_begin_output(struct uart *uart);

// There is room in `input` again.
void uart_resume_input(struct uart *uart);
