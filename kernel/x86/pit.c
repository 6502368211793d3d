// SPDX-License-Identifier: MIT
#include "kernel/x86/pit.h"

#include "kernel/x86/cpu.h"

#define CHANNEL_0 0x40
#define CHANNEL_2 0x42
#define COMMAND 0x43
#define COMMAND_LATCH_2 0x80
#define COMMAND_0_ONE_SHOT 0x30 // channel 0, low then high byte, mode 0: interrupt on terminal count
#define COMMAND_2_RATE 0xb4     // channel 2, low then high byte, mode 2: rate generator
#define CONTROL_B 0x61
#define CONTROL_B_GATE_2 BIT(0)
#define CONTROL_B_SPEAKER BIT(1)

#define NS_PER_SECOND 1000000000ull

void pit_init(void)
{
    port_out8(CONTROL_B, (uint8_t)((port_in8(CONTROL_B) & ~CONTROL_B_SPEAKER) | CONTROL_B_GATE_2));
    port_out8(COMMAND, COMMAND_2_RATE);
    port_out8(CHANNEL_2, 0); // 0 stands for 65536
    port_out8(CHANNEL_2, 0);
}

uint16_t pit_counter(void)
{
    port_out8(COMMAND, COMMAND_LATCH_2);
    uint8_t low = port_in8(CHANNEL_2);
    return (uint16_t)(port_in8(CHANNEL_2) << 8 | low);
}

void pit_set_timer(uint64_t ns)
{
    uint64_t ticks = ns * PIT_HZ / NS_PER_SECOND + 1;
    port_out8(COMMAND, COMMAND_0_ONE_SHOT);
    port_out8(CHANNEL_0, (uint8_t)ticks);
    port_out8(CHANNEL_0, (uint8_t)(ticks >> 8));
}

// In 32.32 fixed point: the product does not fit 64 bits.
uint64_t pit_to_ns(uint64_t ticks)
{
    const uint64_t ns_per_tick = (NS_PER_SECOND << 32) / PIT_HZ;
    return (uint64_t)((unsigned __int128)ticks * ns_per_tick >> 32);
}
