// SPDX-License-Identifier: MIT
#include "servers/serial/kept.h"

static const char *fault_in(const struct serial_kept *kept)
{
    if (kept->magic != SERIAL_KEEP_MAGIC) return "magic";
    if (kept->version != SERIAL_KEEP_VERSION || kept->size != sizeof *kept) return "version";
    return bytes_are_whole(&kept->input) ? NULL : "bounds";
}

struct bytes *kept_input(void *region, uint64_t size, const char **lost)
{
    struct serial_kept *kept = region;
    *lost = NULL;
    if (kept == NULL || size < sizeof *kept) return NULL;
    const char *fault = fault_in(kept);
    if (fault == NULL) return &kept->input;
    if (kept->magic != 0) *lost = fault;
    kept->magic = 0;
    bytes_clear(&kept->input);
    kept->version = SERIAL_KEEP_VERSION;
    kept->size = sizeof *kept;
    __atomic_store_n(&kept->magic, SERIAL_KEEP_MAGIC, __ATOMIC_RELEASE);
    return &kept->input;
}
