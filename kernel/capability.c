// SPDX-License-Identifier: MIT
#include "kernel/capability.h"

#include "kernel/syscall.h"

struct frame nobody_frame = {.stamp = ~0ull};

void capability_set(struct capability *c, struct frame *f, uint8_t rights, uint64_t badge)
{
    c->object = f;
    c->send_stamp = rights & RIGHT_SEND ? f->stamp : 0;
    c->badge = badge;
    c->stamp = f->stamp | rights;
}

void capability_clear(struct capability *c) { *c = (struct capability){.object = &nobody_frame}; }

void capability_become(struct capability *c, enum object_type type)
{
    frame_retype(c->object, type);
    capability_set(c, c->object, RIGHT_MANAGE, 0);
}

static err_t slot_of(struct process *p, uint64_t slot, struct capability **out)
{
    if (slot >= p->slots) return ERR_BAD_SLOT;
    *out = &p->table[slot];
    return OK;
}

err_t capability_refuse(struct process *p, uint64_t slot, enum object_type type)
{
    struct capability *c;
    TRY(slot_of(p, slot, &c));
    if (!capability_alive(c)) return ERR_NO_CAP;
    return type != TYPE_NONE && stamp_type(c->stamp) != type ? ERR_WRONG_TYPE : ERR_NO_RIGHT;
}

err_t capability_find_empty(struct process *p, uint64_t slot, struct capability **out)
{
    TRY(slot_of(p, slot, out));
    if (slot == 0) return ERR_BAD_SLOT; // it stays empty
    return capability_empty(*out) ? OK : ERR_SLOT_USED;
}

// The slot that words 0 and 1 name: of a process that the caller manages, or (0) of its own.
static err_t target_slot(struct thread *t, struct capability **out)
{
    struct process *p = t->process;
    if (t->words[0] != 0) {
        struct capability *c;
        TRY(capability_find(p, t->words[0], TYPE_PROCESS, RIGHT_MANAGE, &c));
        p = frame_object(c->object);
    }
    return capability_find_empty(p, t->words[1], out);
}

static err_t copy(struct thread *t, struct capability *from, uint64_t badge)
{
    struct capability *to;
    TRY(target_slot(t, &to));
    capability_set(to, from->object, capability_rights(from) & (uint8_t)t->words[2], badge);
    return OK;
}

err_t sys_cap_copy(struct thread *t)
{
    struct capability *from;
    TRY(capability_find(t->process, t->slot, TYPE_NONE, 0, &from));
    return copy(t, from, from->badge);
}

err_t sys_cap_mint(struct thread *t)
{
    struct capability *from;
    TRY(capability_find(t->process, t->slot, TYPE_NONE, RIGHT_MANAGE, &from));
    return from->badge != 0 ? ERR_BADGED : copy(t, from, t->words[3]);
}

err_t sys_cap_move(struct thread *t)
{
    struct capability *from, *to;
    TRY(capability_find(t->process, t->slot, TYPE_NONE, 0, &from));
    TRY(target_slot(t, &to));
    *to = *from;
    capability_clear(from);
    return OK;
}

err_t sys_cap_drop(struct thread *t)
{
    struct capability *c;
    TRY(slot_of(t->process, t->slot, &c));
    capability_clear(c);
    return OK;
}

err_t sys_cap_info(struct thread *t)
{
    struct capability *c;
    TRY(capability_find(t->process, t->slot, TYPE_NONE, 0, &c));
    t->words[0] = stamp_type(c->stamp);
    t->words[1] = capability_rights(c);
    t->words[2] = c->badge;
    return OK;
}
