// SPDX-License-Identifier: MIT
// Tells the kernel how this machine is switched off, as ACPI's tables say.
#pragma once

#include "abi/boot.h"

void acpi_start(const struct boot_info *info);
