// SPDX-License-Identifier: MIT
// Operations on runs of memory and on mappings. The kernel does a bounded part at a time and says ERR_AGAIN.
#include "libsys/syscall.h"

err_t memory_split(cap_t run, uint64_t pages, cap_t rest)
{
    for (;;) {
        struct message m = {.tag = SYS_memory_split, .words = {pages, rest.slot}};
        err_t error = (err_t)trap(run, &m);
        if (error != ERR_AGAIN) return error;
    }
}

err_t memory_join(cap_t lower, cap_t upper)
{
    for (;;) {
        struct message m = {.tag = SYS_memory_join, .words = {upper.slot}};
        err_t error = (err_t)trap(lower, &m);
        if (error != ERR_AGAIN) return error;
    }
}

err_t memory_map(cap_t run, cap_t process, vaddr_t at, uint64_t first, uint64_t pages, uint32_t access)
{
    for (;;) {
        struct message m = {.tag = SYS_memory_map, .words = {process.slot, at.raw, first, pages, access}};
        err_t error = (err_t)trap(run, &m);
        if (error != ERR_AGAIN) return error;
        at.raw += m.words[0] << PAGE_SHIFT;
        first += m.words[0];
        pages -= m.words[0];
    }
}

err_t memory_info(cap_t run, struct run_info *info)
{
    struct message m = {.tag = SYS_memory_info};
    err_t error = (err_t)trap(run, &m);
    if (error == OK) *info = (struct run_info){m.words[0], {m.words[1]}, m.words[2], (enum object_type)m.words[3]};
    return error;
}

err_t process_unmap(cap_t process, vaddr_t at, uint64_t pages)
{
    for (;;) {
        struct message m = {.tag = SYS_process_unmap, .words = {at.raw, pages}};
        err_t error = (err_t)trap(process, &m);
        if (error != ERR_AGAIN) return error;
        at.raw += m.words[0] << PAGE_SHIFT;
        pages -= m.words[0];
    }
}

err_t process_protect(cap_t process, vaddr_t at, uint64_t pages, uint32_t access)
{
    for (;;) {
        struct message m = {.tag = SYS_process_protect, .words = {at.raw, pages, access}};
        err_t error = (err_t)trap(process, &m);
        if (error != ERR_AGAIN) return error;
        at.raw += m.words[0] << PAGE_SHIFT;
        pages -= m.words[0];
    }
}

err_t process_query(cap_t process, vaddr_t at, struct mapping_info *info)
{
    struct message m = {.tag = SYS_process_query, .words = {at.raw}};
    err_t error = (err_t)trap(process, &m);
    if (error == OK) *info = (struct mapping_info){{m.words[0]}, m.words[1], m.words[2]};
    if (error == ERR_NOT_MAPPED) *info = (struct mapping_info){{0}, 0, m.words[2]};
    return error;
}
