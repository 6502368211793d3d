// SPDX-License-Identifier: MIT
// What a process has mapped, as ranges. init holds the right to ask the kernel for it; whoever may call init learns it.
#include "interfaces/init.h"
#include "servers/init/builder.h"

#define PAGES_AT_ONCE 512 // the builder has others to serve, too

// The process that a number or, where it is 0, a name stands for; NO_CAP: none.
static cap_t process_of(uint64_t id, const char *name)
{
    if (id == INIT_ID || (id == 0 && is_init(name))) return (cap_t){BOOT_SLOT_SELF};
    struct process *p = id ? process_find(id) : find_by_name(name);
    return p && atomic_load(&p->started) ? place_slot(p, PLACE_PROCESS) : NO_CAP;
}

// Holes are skipped as the kernel tells their size.
static err_t find_first(cap_t process, uint64_t *at, struct mapping_info *info)
{
    err_t err = ERR_NOT_MAPPED;
    while (*at < USER_TOP && (err = process_query(process, (vaddr_t){*at}, info)) == ERR_NOT_MAPPED)
        *at = (*at | (info->size - 1)) + 1;
    return err;
}

err_t handle_mapping(struct caller *from, const struct init_mapping *in, struct init_mapping_reply *out)
{
    if (is_debugger(from)) return ERR_DENIED;
    struct mapping_info first, next;
    uint64_t at = in->address & ~(PAGE_SIZE - 1);
    cap_t process = process_of(in->id, in->name);
    if (!process.slot) return ERR_NOT_FOUND;
    if (in->address >= USER_TOP || find_first(process, &at, &first) != OK) return ERR_EMPTY;
    *out = (struct init_mapping_reply){
        .address = at, .pages = 1, .access = (uint32_t)first.access, .physical = first.address.raw};
    while (out->pages < PAGES_AT_ONCE && process_query(process, (vaddr_t){at + out->pages * PAGE_SIZE}, &next) == OK &&
           next.access == first.access)
        out->pages++;
    return OK;
}
