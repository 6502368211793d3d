// SPDX-License-Identifier: MIT
// Capabilities: who may do what. A capability is named by a slot of its process's table and is good while the stamp in
// it equals the stamp of its object; ending the object changes that stamp, and so revokes every copy at once, in
// constant time. There is no derivation tree and no reference count.
#pragma once

#include "abi/errors.h"
#include "abi/object.h"
#include "kernel/frame.h"

struct process;

struct capability {
    struct frame *object;
    uint64_t send_stamp; // the object's stamp if the capability may send, otherwise 0
    uint64_t badge;
    uint64_t stamp; // the object's stamp with the rights in its low byte
};
_Static_assert(sizeof(struct capability) == 32, "a slot is named by its offset, slot × 32");

// What the maker of an object gets.
#define MEMORY_RIGHTS (RIGHT_GRANT | RIGHT_MANAGE | RIGHT_READ | RIGHT_WRITE | RIGHT_EXECUTE)
#define PROCESS_RIGHTS (RIGHT_GRANT | RIGHT_MANAGE | RIGHT_MAP)
#define THREAD_RIGHTS (RIGHT_GRANT | RIGHT_MANAGE)
#define ENDPOINT_RIGHTS (RIGHT_SEND | RIGHT_NOTIFY | RIGHT_GRANT | RIGHT_MANAGE)
#define DEVICE_RIGHTS (RIGHT_GRANT | RIGHT_MANAGE | RIGHT_READ | RIGHT_WRITE)
// Of clock, log, power and ports. RIGHT_EXECUTE is a memory's only, RIGHT_MAP a process's.
#define ROOT_RIGHTS (RIGHTS_ALL & ~(RIGHT_SEND | RIGHT_EXECUTE | RIGHT_MAP))

#define CAPS_PER_FRAME (PAGE_SIZE / sizeof(struct capability))

// What empty slots point at: its stamp never matches.
extern struct frame nobody_frame;

static inline bool capability_alive(const struct capability *c)
{
    return (c->stamp & ~(uint64_t)RIGHTS_ALL) == c->object->stamp;
}

// Whether it is alive and carries the rights: stamps have nothing where the rights are.
static inline bool capability_grants(const struct capability *c, uint8_t rights)
{
    return ((c->stamp ^ c->object->stamp) | (RIGHTS_ALL & ~rights)) == RIGHTS_ALL;
}

static inline uint8_t capability_rights(const struct capability *c) { return (uint8_t)c->stamp; }

// Makes *c a capability to the object at f. The slot must be empty.
void capability_set(struct capability *c, struct frame *f, uint8_t rights, uint64_t badge);
void capability_clear(struct capability *c);

// The object of *c is from here on something else: only this capability reaches it, with the right to finish.
void capability_become(struct capability *c, enum object_type type);

// An empty slot is one that was never filled, was dropped, or whose object is gone.
static inline bool capability_empty(const struct capability *c) { return !capability_alive(c); }

// Why a slot does not hold what capability_find looks for.
must_use err_t capability_refuse(struct process *p, uint64_t slot, enum object_type type);

// Finds an empty slot: what every operation needs that makes a capability.
must_use err_t capability_find_empty(struct process *p, uint64_t slot, struct capability **out);
