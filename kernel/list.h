// SPDX-License-Identifier: MIT
// A ring of links inside objects: insertion and removal in constant time, nothing allocated.
#pragma once

#include "abi/types.h"

struct link {
    struct link *next, *previous;
};

#define container_of(LINK, STRUCT, MEMBER) ((STRUCT *)((char *)(LINK)-offsetof(STRUCT, MEMBER)))

static inline void list_init(struct link *list) { list->next = list->previous = list; }

static inline bool list_empty(const struct link *list) { return list->next == list; }

static inline void list_insert_before(struct link *place, struct link *l)
{
    l->next = place;
    l->previous = place->previous;
    place->previous->next = l;
    place->previous = l;
}

// Removing a link that is in no list (next to itself) does nothing.
static inline void list_remove(struct link *l)
{
    l->previous->next = l->next;
    l->next->previous = l->previous;
    list_init(l);
}
