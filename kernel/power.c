// SPDX-License-Identifier: MIT
#include "kernel/power.h"

#include "kernel/log.h"
#include "kernel/panic.h"
#include "kernel/syscall.h"
#include "kernel/x86/cpu.h"

#define KEYBOARD_COMMAND 0x64
#define PULSE_RESET 0xfe
#define TRIES 100000

struct frame power_frame = {.stamp = (uint64_t)TYPE_POWER << 8};

// What switches the machine off. Whoever reads ACPI's tables says so: the kernel does not interpret them.
static struct {
    uint16_t port, value;
} off[2];

err_t sys_power(struct thread *t)
{
    struct capability *c;
    const uint64_t *w = t->words;
    TRY(capability_find(t->process, t->slot, TYPE_POWER, w[0] == POWER_METHOD ? RIGHT_MANAGE : RIGHT_WRITE, &c));
    if (w[0] > POWER_METHOD) return ERR_BAD_ARGUMENT;
    if (w[0] == POWER_METHOD) {
        if ((w[1] | w[2] | w[3] | w[4]) > UINT16_MAX) return ERR_PORT_VALUE;
        for (int i = 0; i < 2; i++)
            off[i].port = (uint16_t)w[1 + 2 * i], off[i].value = (uint16_t)w[2 + 2 * i];
        return OK;
    }
    log_line("power: %s", w[0] == POWER_OFF ? "off" : "restart");
    log_flush();
    // It may take a moment, and what is said then would be cut off in the middle.
    for (int i = 0; i < TRIES; i++) {
        if (w[0] == POWER_REBOOT) port_out8(KEYBOARD_COMMAND, PULSE_RESET);
        if (w[0] == POWER_OFF && off[i % 2].port) port_out16(off[i % 2].port, off[i % 2].value);
    }
    stop_machine(w[0] == POWER_REBOOT ? "The machine did not restart: please press its reset button."
                                      : "It is now safe to switch the machine off.");
}
