// SPDX-License-Identifier: MIT
// sources: common/acpi.c
// The input is 36 bytes of root pointer and the memory at 64 KiB. Each read is shown as a block of its own, which dies
// at the next. Checksums are not mended: the seeds are sound, and the fuzzer sees the comparison with
// -use_value_profile=1.
#include <stdlib.h>
#include <string.h>

#include "common/acpi.h"

#define BASE 0x10000u

struct memory {
    const uint8_t *bytes;
    size_t size;
    void *shown;
};

static const void *at(uint64_t physical, size_t length, void *context)
{
    struct memory *memory = context;
    free(memory->shown);
    memory->shown = NULL;
    if (physical < BASE || physical - BASE > memory->size || length > memory->size - (physical - BASE)) return NULL;
    memory->shown = malloc(length);
    memcpy(memory->shown, memory->bytes + (physical - BASE), length);
    return memory->shown;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 36) return 0;
    struct memory memory = {data + 36, size - 36, NULL};
    struct acpi_power power;
    err_t err = acpi_find_power(&power, data, data[15] >= 2 ? 36 : 20, &(struct acpi_reader){at, &memory});
    if ((err == OK) != (power.reason == NULL) || (err == OK && power.pm1a == 0)) abort();
    free(memory.shown);
    return 0;
}
