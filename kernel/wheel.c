// SPDX-License-Identifier: MIT
#include "kernel/wheel.h"

#include "abi/syscall.h"

#define GRAIN 10 // 1,024 ns: finer than the interrupts of the PIT can be told apart
#define SLOT_BITS 6
#define SLOTS BIT(SLOT_BITS)
#define WHEELS ((64 - GRAIN) / SLOT_BITS)
#define LAST (BIT(64 - GRAIN) - 1)

// An alarm lies in the wheel of the highest digit (of SLOT_BITS bits) in which its time differs from `place`, in the slot
// that this digit says. So all alarms of a wheel come before all of the next one.
static uint64_t place; // in grains: everything before has come due
static struct link slots[WHEELS][SLOTS];
static uint64_t occupied[WHEELS];
static struct link opened = {&opened, &opened}; // out of a slot whose time has begun, to be moved down

void wheel_init(void)
{
    for (uint64_t i = 0; i < WHEELS * SLOTS; i++)
        list_init(&slots[i / SLOTS][i % SLOTS]);
}

void wheel_add(struct alarm *a)
{
    uint64_t at = (a->deadline >> GRAIN) + 1; // the first grain that does not begin before the deadline
    if (at > LAST) at = LAST;
    if (at < place) at = place;
    uint64_t wheel = at == place ? 0 : (63 - (uint64_t)__builtin_clzll(at ^ place)) / SLOT_BITS;
    uint64_t slot = at >> wheel * SLOT_BITS & (SLOTS - 1);
    list_insert_before(&slots[wheel][slot], &a->link);
    occupied[wheel] |= BIT(slot);
}

void wheel_remove(struct alarm *a)
{
    struct link *list = a->link.next;
    list_remove(&a->link);
    if (!list_empty(list) || list == &opened) return;
    uint64_t i = (uint64_t)(list - slots[0]);
    occupied[i / SLOTS] &= ~BIT(i % SLOTS);
}

// The first wheel that holds something, WHEELS if none does; *start: when its first occupied slot begins, in grains.
static uint64_t first_wheel(uint64_t *start)
{
    uint64_t wheel = 0;
    while (wheel < WHEELS && occupied[wheel] == 0)
        wheel++;
    if (wheel == WHEELS) return WHEELS;
    uint64_t shift = wheel * SLOT_BITS, slot = (uint64_t)__builtin_ctzll(occupied[wheel]);
    *start = ((place >> shift & ~(SLOTS - 1)) | slot) << shift;
    return wheel;
}

uint64_t wheel_next(void)
{
    uint64_t start;
    if (!list_empty(&opened)) return 0;
    return first_wheel(&start) == WHEELS ? FOREVER : start << GRAIN;
}

static struct alarm *take(struct link *list)
{
    struct alarm *a = container_of(list->next, struct alarm, link);
    wheel_remove(a);
    return a;
}

bool wheel_step(uint64_t now, struct alarm **due)
{
    *due = NULL;
    if (list_empty(&opened)) {
        uint64_t start = LAST, wheel = first_wheel(&start);
        if (start > now >> GRAIN) {
            place = now >> GRAIN;
            return false;
        }
        place = start;
        struct link *list = &slots[wheel][start >> wheel * SLOT_BITS & (SLOTS - 1)];
        if (wheel == 0) {
            *due = take(list);
            (*due)->deadline = FOREVER;
            return true;
        }
        list_insert_before(list, &opened); // all of them change hands at once
        list_remove(list);
        occupied[wheel] &= occupied[wheel] - 1;
    }
    wheel_add(take(&opened));
    return true;
}
