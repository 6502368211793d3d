// SPDX-License-Identifier: MIT
// COM1, a 16550 (National Semiconductor PC16550D data sheet): the kernel's log line.
#pragma once

#include "abi/types.h"

#define UART_IRQ 4

void uart_init(void);
uint32_t uart_room(void); // bytes that the transmitter takes now without waiting
void uart_put(char c);
bool uart_wait(void); // waits, bounded, until one more byte fits; false: there is no UART
void uart_interrupt_when_empty(bool on);
