// SPDX-License-Identifier: MIT
#include "kernel/x86/pic.h"

#include "kernel/x86/cpu.h"

#define MASTER 0x20
#define SLAVE 0xa0
#define DATA 1
#define ICW1_INIT 0x11 // edge triggered, cascade, ICW4 follows
#define ICW4_8086 0x01
#define OCW2_EOI 0x20
#define OCW3_READ_ISR 0x0b
#define LINES_PER_PIC 8

static uint32_t mask = 0xffff;

static inline void set_mask(uint32_t line, uint32_t new_mask)
{
    mask = new_mask;
    if (line < LINES_PER_PIC)
        port_out8(MASTER + DATA, (uint8_t)mask);
    else
        port_out8(SLAVE + DATA, (uint8_t)(mask >> 8));
}

void pic_init(void)
{
    const uint16_t pics[] = {MASTER, SLAVE};
    for (uint8_t i = 0; i < 2; i++) {
        port_out8(pics[i], ICW1_INIT);
        port_out8(pics[i] + DATA, (uint8_t)(PIC_VECTOR + i * LINES_PER_PIC));
        port_out8(pics[i] + DATA, i == 0 ? 1 << PIC_CASCADE : PIC_CASCADE);
        port_out8(pics[i] + DATA, ICW4_8086);
    }
    set_mask(PIC_CASCADE, mask & ~(1u << PIC_CASCADE));
    set_mask(LINES_PER_PIC, mask);
}

void pic_unmask(uint32_t line) { set_mask(line, mask & ~(1u << line)); }

static inline void end(uint32_t line)
{
    if (line >= LINES_PER_PIC) port_out8(SLAVE, OCW2_EOI);
    port_out8(MASTER, OCW2_EOI);
}

void pic_end(uint32_t line) { end(line); }

void pic_mask_and_end(uint32_t line)
{
    set_mask(line, mask | 1u << line);
    end(line);
}

bool pic_is_spurious(uint32_t line)
{
    if (line % LINES_PER_PIC != LINES_PER_PIC - 1) return false;
    uint16_t pic = line < LINES_PER_PIC ? MASTER : SLAVE;
    port_out8(pic, OCW3_READ_ISR);
    if (port_in8(pic) & 1 << (LINES_PER_PIC - 1)) return false;
    // The master saw a real interrupt on the cascade line; the slave's was none.
    if (pic == SLAVE) port_out8(MASTER, OCW2_EOI);
    return true;
}
