// SPDX-License-Identifier: MIT
#include "libsys/slots.h"

#include "libsys/start.h"

#define WORD_BITS 64u

// A set bit: given out or reserved. Slots below first_free_slot are never looked at. The words change by atomic
// operations only, because a thread of higher priority may allocate in the middle of another's search.
static uint64_t used[SLOTS_MAX / WORD_BITS];

static uint32_t first_slot(void)
{
    return boot_info() != NULL ? boot_info()->first_free_slot : start_page()->first_free_slot;
}

static uint32_t slot_limit(void)
{
    uint32_t count = boot_info() != NULL ? boot_info()->slot_count : start_page()->slot_count;
    return count < SLOTS_MAX ? count : SLOTS_MAX;
}

// Sets the bit; false when it was set already.
static bool claim(uint32_t slot)
{
    uint64_t bit = BIT(slot % WORD_BITS);
    return (__atomic_fetch_or(&used[slot / WORD_BITS], bit, __ATOMIC_SEQ_CST) & bit) == 0;
}

cap_t slot_alloc(void)
{
    const uint32_t limit = slot_limit();
    for (uint32_t slot = first_slot(); slot < limit;) {
        uint64_t free = ~used[slot / WORD_BITS] >> slot % WORD_BITS;
        if (free == 0) {
            slot += WORD_BITS - slot % WORD_BITS;
            continue;
        }
        slot += (uint32_t)__builtin_ctzll(free);
        if (slot < limit && claim(slot)) return (cap_t){slot};
    }
    return NO_CAP;
}

void slot_free(cap_t slot)
{
    if (slot.slot < first_slot() || slot.slot >= slot_limit()) return;
    __atomic_fetch_and(&used[slot.slot / WORD_BITS], ~BIT(slot.slot % WORD_BITS), __ATOMIC_SEQ_CST);
}

err_t slot_reserve(uint32_t first, uint32_t count)
{
    err_t error = OK;
    for (uint32_t slot = first; slot < SLOTS_MAX && slot - first < count; slot++)
        if (!claim(slot)) error = ERR_SLOT_USED;
    return error;
}
