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
    void *shown[64]; // what was read: only that may be used
    size_t shown_count;
};

static const void *at(uint64_t physical, size_t length, void *context)
{
    struct memory *memory = context;
    if (physical < BASE || physical - BASE > memory->size || length > memory->size - (physical - BASE)) return NULL;
    if (memory->shown_count == 64) return NULL;
    void *block = memory->shown[memory->shown_count++] = malloc(length);
    return memcpy(block, memory->bytes + (physical - BASE), length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 36) return 0;
    struct memory memory = {.bytes = data + 36, .size = size - 36};
    struct acpi_power power;
    err_t err = acpi_find_power(&power, data, data[15] >= 2 ? 36 : 20, &(struct acpi_reader){at, &memory});
    if ((err == OK) != (power.reason == NULL) || (err == OK && power.pm1a == 0)) abort();
    while (memory.shown_count > 0)
        free(memory.shown[--memory.shown_count]);
    return 0;
}
