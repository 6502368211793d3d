// SPDX-License-Identifier: MIT
#include "kernel/power.h"

#include "common/acpi.h"
#include "common/try.h"
#include "kernel/log.h"
#include "kernel/panic.h"
#include "kernel/syscall.h"
#include "kernel/thread.h"
#include "kernel/x86/cpu.h"

#define KEYBOARD_COMMAND 0x64
#define PULSE_RESET 0xfe
#define FOUR_GIB BIT(32)

struct frame power_frame = {.stamp = (uint64_t)TYPE_POWER << 8};
static struct acpi_power s5;

static const void *read_low(uint64_t physical, size_t length, void *context)
{
    (void)context;
    bool readable = physical < FOUR_GIB && length <= FOUR_GIB - physical;
    return readable ? phys_ptr((paddr_t){physical}) : NULL;
}

void power_init(const void *rsdp, size_t rsdp_size)
{
    const struct acpi_reader reader = {read_low, NULL};
    s5.reason = "the boot loader names no ACPI tables";
    if (rsdp && acpi_find_power(&s5, rsdp, rsdp_size, &reader) == OK) return;
    log_line("ACPI: %s: the machine cannot switch itself off", s5.reason);
    s5.pm1a = 0;
}

static void off(void)
{
    if (s5.pm1a) port_out16(s5.pm1a, s5.value_a);
    if (s5.pm1b) port_out16(s5.pm1b, s5.value_b);
    stop_machine("It is now safe to switch the machine off.");
}

static void reboot(void)
{
    port_out8(KEYBOARD_COMMAND, PULSE_RESET);
    stop_machine("The machine did not restart: please press its reset button.");
}

err_t sys_power(struct thread *t)
{
    struct capability *c;
    TRY(capability_find(t->process, t->slot, TYPE_POWER, RIGHT_MANAGE, &c));
    if (t->words[0] != POWER_OFF && t->words[0] != POWER_REBOOT) return ERR_BAD_ARGUMENT;
    log_line("power: %s", t->words[0] == POWER_OFF ? "off" : "restart");
    log_flush();
    if (t->words[0] == POWER_OFF)
        off();
    else
        reboot();
    return OK;
}
