// SPDX-License-Identifier: MIT
#include "servers/init/table.h"

#include "libsys/slots.h"

#define SPARE_SLOTS 8

struct process processes[CLIENTS];

static uint32_t first_slot;
static _Atomic uint64_t next_id = INIT_ID + 1;

err_t table_start(const struct boot_info *info)
{
    uint32_t count = CLIENTS * PLACE_SLOTS + MANIFEST_ENTRIES * ENTRY_SLOTS + SPARE_SLOTS;
    first_slot = info->first_free_slot;
    if (info->slot_count < first_slot || info->slot_count - first_slot < count) return ERR_FULL;
    return slot_reserve(first_slot, count);
}

struct process *process_claim(uint32_t entry)
{
    // Both threads claim: the number is taken with one instruction, and a place with one comparison and exchange. A
    // number whose place is taken is never used.
    for (uint32_t tries = 0; tries < CLIENTS; tries++) {
        uint64_t id = atomic_fetch_add(&next_id, 1), nobody = 0;
        struct process *p = &processes[CLIENT_PLACE(id)];
        if (CLIENT_PLACE(id) == CLIENT_PLACE(INIT_ID) || !atomic_compare_exchange_strong(&p->id, &nobody, id)) continue;
        p->entry = entry;
        p->generation = 1;
        p->started = false;
        p->debuggee = p->debugger = 0;
        p->obituary = (struct obituary){.entry = entry};
        p->ended = NO_CAP;
        p->waiter_count = 0;
        return p;
    }
    return NULL;
}

void process_free(struct process *p) { atomic_store(&p->id, 0); }

struct process *process_find(uint64_t id)
{
    struct process *p = &processes[CLIENT_PLACE(id)];
    return id && atomic_load(&p->id) == id ? p : NULL;
}

cap_t place_slot(const struct process *p, enum place_slot which)
{
    return (cap_t){first_slot + process_place(p) * PLACE_SLOTS + which};
}

cap_t entry_slot(uint32_t entry, uint32_t which)
{
    return (cap_t){first_slot + CLIENTS * PLACE_SLOTS + entry * ENTRY_SLOTS + which};
}

cap_t spare_slot(uint32_t number)
{
    return (cap_t){first_slot + CLIENTS * PLACE_SLOTS + MANIFEST_ENTRIES * ENTRY_SLOTS + number};
}
