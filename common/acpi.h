// SPDX-License-Identifier: MIT
// As much of ACPI (specification 6.5) as switching off takes: the PM1 control ports from the FADT and the sleep type of
// S5 from the DSDT's bytes. No AML is interpreted: only a \_S5 package of constants is understood.
#pragma once

#include "abi/errors.h"
#include "abi/types.h"

// Shows `length` bytes of physical memory, or NULL when they are not readable. The parser asks for a table's header
// first, then for the whole; what was shown must stay as it is until acpi_find_power returns.
struct acpi_reader {
    const void *(*at)(uint64_t physical, size_t length, void *context);
    void *context;
};

// To switch off: write value_a to port pm1a (16 bits wide), then value_b to pm1b if that is not 0.
struct acpi_power {
    uint16_t pm1a;
    uint16_t pm1b;
    uint16_t value_a;
    uint16_t value_b;
    const char *reason; // after ERR_BROKEN: what is wrong, for people; otherwise NULL
};

#define ACPI_TABLE_MAX (1u << 20) // a larger table is taken for broken

// rsdp: the root pointer (or the copy that the boot loader made of it). OK, or ERR_BROKEN with power->reason set.
must_use err_t acpi_find_power(struct acpi_power *power, const void *rsdp, size_t rsdp_size,
                               const struct acpi_reader *reader);
