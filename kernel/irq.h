// SPDX-License-Identifier: MIT
// Interrupt lines as objects. On an interrupt the kernel masks the line, ends the interrupt at the PIC and sets the
// owner's bits; irq_ack unmasks. A line without a living owner stays masked and pending.
#pragma once

#include "abi/errors.h"
#include "kernel/frame.h"
#include "kernel/x86/pic.h"
#include "kernel/x86/pit.h"
#include "kernel/x86/uart.h"

extern struct frame irq_frames[PIC_LINES];

void irq_init(void);
void irq_handle(uint64_t vector);

#define IRQ_KERNELS (BIT(PIT_IRQ) | BIT(PIC_CASCADE) | BIT(UART_IRQ))
static inline bool irq_is_kernels(uint32_t line) { return IRQ_KERNELS & BIT(line); }

// An NMI may interrupt the kernel anywhere: it is only counted, and reported by the clock's next interrupt.
void irq_count_nmi(void);
