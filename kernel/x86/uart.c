// SPDX-License-Identifier: MIT
#include "kernel/x86/uart.h"

#include "kernel/x86/cpu.h"

#define COM1 0x3f8
// Registers; while LCR_DLAB is set, the first two are the divisor's bytes.
enum { DATA = COM1, IER, IIR, FCR = IIR, LCR, MCR, LSR, SCR = LSR + 2 };

#define IER_THRE BIT(1) // interrupt when the transmitter is empty
#define FCR_ON 0x07     // FIFOs on and cleared
#define LCR_8N1 0x03
#define LCR_DLAB 0x80
#define MCR_ON 0x0b // DTR, RTS, and OUT2, which lets interrupts through
#define LSR_THRE BIT(5)
#define FIFO_SIZE 16
#define WAIT_LIMIT 5000000 // looks at a port: seconds, for a line whose other end is slow to take what it gets

static bool present;

void uart_init(void)
{
    port_out8(SCR, 0xa5);
    present = port_in8(SCR) == 0xa5;
    if (!present) return;
    port_out8(IER, 0);
    port_out8(LCR, LCR_DLAB);
    port_out8(DATA, 1); // 115200 baud
    port_out8(IER, 0);
    port_out8(LCR, LCR_8N1);
    port_out8(FCR, FCR_ON);
    port_out8(MCR, MCR_ON);
}

// Reading IIR takes the transmitter's interrupt back.
uint32_t uart_room(void) { return present && (port_in8(IIR), port_in8(LSR) & LSR_THRE) ? FIFO_SIZE : 0; }

void uart_put(char c) { port_out8(DATA, (uint8_t)c); }

bool uart_wait(void)
{
    for (int i = 0; present && i < WAIT_LIMIT; i++)
        if (port_in8(LSR) & LSR_THRE) return true;
    return false;
}

void uart_interrupt_when_empty(bool on)
{
    static bool is_on;
    if (!present || on == is_on) return;
    is_on = on;
    port_out8(IER, on ? IER_THRE : 0);
}
