// SPDX-License-Identifier: MIT
// Operations on capabilities.
#include "libsys/syscall.h"

err_t cap_copy(cap_t source, cap_t process, uint32_t slot, uint32_t rights)
{
    struct message m = {.tag = SYS_cap_copy, .words = {process.slot, slot, rights}};
    return (err_t)trap(source, &m);
}

err_t cap_mint(cap_t source, cap_t process, uint32_t slot, uint32_t rights, uint64_t badge)
{
    struct message m = {.tag = SYS_cap_mint, .words = {process.slot, slot, rights, badge}};
    return (err_t)trap(source, &m);
}

err_t cap_move(cap_t source, cap_t process, uint32_t slot)
{
    struct message m = {.tag = SYS_cap_move, .words = {process.slot, slot}};
    return (err_t)trap(source, &m);
}

err_t cap_drop(cap_t capability)
{
    struct message m = {.tag = SYS_cap_drop};
    return (err_t)trap(capability, &m);
}

err_t cap_info(cap_t capability, struct cap_info *info)
{
    struct message m = {.tag = SYS_cap_info};
    err_t error = (err_t)trap(capability, &m);
    if (error == OK) *info = (struct cap_info){(enum object_type)m.words[0], m.words[1], m.words[2]};
    return error;
}
