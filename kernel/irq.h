// SPDX-License-Identifier: MIT
// Interrupt lines as objects. On an interrupt the kernel masks the line, ends the interrupt at the PIC and sets the
// owner's bits; irq_ack unmasks. A line without a living owner stays masked and pending.
#pragma once

#include "abi/errors.h"
#include "kernel/frame.h"
#include "kernel/x86/pic.h"

extern struct frame irq_frames[PIC_LINES];

void irq_init(void);
void irq_handle(uint32_t line);

static inline bool irq_is_kernels(uint32_t line) { return line == 0 || line == PIC_CASCADE || line == 4; }
