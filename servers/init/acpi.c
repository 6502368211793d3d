// SPDX-License-Identifier: MIT
// ACPI's tables lie in memory of the firmware's, which the kernel hands over as device memory. It is mapped only while
// they are read.
#include "servers/init/acpi.h"

#include "common/acpi.h"
#include "libsys/syscall.h"
#include "servers/init/say.h"

#define SELF ((cap_t){BOOT_SLOT_SELF})
#define WINDOW 0x0000310000000000ull // a window of WINDOW_SIZE for each run of firmware memory
#define WINDOW_SIZE 0x200000ull

static uint64_t window(uint32_t i) { return WINDOW + i * WINDOW_SIZE; }

static const void *read_table(uint64_t physical, size_t length, void *context)
{
    const struct boot_info *info = context;
    for (uint32_t i = 0; i < info->firmware_count; i++) {
        const struct boot_run *run = &info->firmware[i];
        uint64_t size = run->pages * PAGE_SIZE, offset = physical - run->address;
        if (physical >= run->address && offset < size && length <= size - offset)
            return (const void *)(window(i) + offset);
    }
    return NULL;
}

void acpi_start(const struct boot_info *info)
{
    struct boot_info *context = (struct boot_info *)(uintptr_t)info;
    const struct acpi_reader reader = {read_table, context};
    struct acpi_power power = {.reason = "the boot loader names no root pointer"};
    err_t err = info->rsdp_size ? OK : ERR_NOT_FOUND;
    for (uint32_t i = 0; i < info->firmware_count && err == OK; i++)
        err = memory_map((cap_t){info->firmware[i].slot}, SELF, (vaddr_t){window(i)}, 0, info->firmware[i].pages,
                         ACCESS_READ);
    if (err == OK) err = acpi_find_power(&power, info->rsdp, info->rsdp_size, &reader);
    if (err == OK) err = power_method((cap_t){BOOT_SLOT_POWER}, power.pm1a, power.value_a, power.pm1b, power.value_b);
    if (err != OK) say("ACPI: %s: the machine cannot switch itself off", power.reason ? power.reason : "refused");
    for (uint32_t i = 0; i < info->firmware_count; i++)
        (void)!process_unmap(SELF, (vaddr_t){window(i)}, info->firmware[i].pages);
}
