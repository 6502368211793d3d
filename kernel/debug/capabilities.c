// SPDX-License-Identifier: MIT
// I5: what a capability names is there: its object has the stamp, if it is alive, and had it, if it is dead.
#include "kernel/clock.h"
#include "kernel/debug/census.h"
#include "kernel/irq.h"
#include "kernel/log.h"
#include "kernel/ports.h"
#include "kernel/power.h"

// What capabilities may name; inner frames, pools and page tables have none.
#define NAMED \
    (BIT(TYPE_MEMORY) | BIT(TYPE_DEVICE) | BIT(TYPE_PROCESS) | BIT(TYPE_THREAD) | BIT(TYPE_ENDPOINT) | \
     BIT(TYPE_PORTS) | BIT(TYPE_IRQ) | BIT(TYPE_CLOCK) | BIT(TYPE_LOG) | BIT(TYPE_POWER) | BIT(TYPE_DYING) | \
     BIT(TYPE_ENDING) | BIT(TYPE_MAKING) | BIT(TYPE_CLEARING))

static bool is_static(const struct frame *f)
{
    return f == &nobody_frame || f == &clock_frame || f == &log_frame || f == &power_frame || f == &ports_root ||
           (f >= irq_frames && f < irq_frames + PIC_LINES);
}

static void look_at(const struct capability *c, const char *where, uint64_t whose, uint64_t slot)
{
    const struct frame *f = c->object;
    if (!is_static(f) && !is_frame(f)) violated("I5", "%s %lu of %#lx names %#lx", where, slot, whose, (uint64_t)f);
    if (capability_alive(c)) {
        uint64_t type = stamp_type(c->stamp), send = c->stamp & RIGHT_SEND ? f->stamp : 0;
        if (type >= 64 || !(NAMED & BIT(type))) violated("I5", "%s %lu of %#lx has type %lu", where, slot, whose, type);
        if (c->send_stamp != send) violated("I5", "%s %lu of %#lx may send and may not", where, slot, whose);
        if ((c->stamp & RIGHT_MAP && type != TYPE_PROCESS) || (c->stamp & RIGHT_EXECUTE && type != TYPE_MEMORY))
            violated("I5", "%s %lu of %#lx has a right that type %lu has not", where, slot, whose, type);
        if (slot == 0 && *where == 's') violated("I5", "slot 0 of %#lx is used", whose);
    } else if (f != &nobody_frame && c->stamp >> 16 > f->stamp >> 16) {
        violated("I5", "%s %lu of %#lx has a stamp that its object never had", where, slot, whose);
    } else if (c->send_stamp == f->stamp) {
        violated("I5", "%s %lu of %#lx is dead and may send", where, slot, whose);
    }
}

static void look_at_process(const struct process *p)
{
    if (p->table != frame_object(object_frame(p) + 2) || p->slots != (object_frame(p)->pages - 2) * CAPS_PER_FRAME)
        violated("I5", "the table of process %#lx lies elsewhere", (uint64_t)p);
    for (uint64_t i = 0; i < p->slots; i++)
        look_at(&p->table[i], "slot", (uint64_t)p, i);
    for (struct link *l = p->threads.next; l != &p->threads; l = l->next) {
        const struct thread *t = container_of(l, struct thread, in_process);
        if (!is_object(t, TYPE_THREAD))
            violated("I6", "the list of process %#lx leads to %#lx", (uint64_t)p, (uint64_t)t);
        for (enum handler h = 0; h < HANDLERS; h++)
            look_at(&t->handlers[h], "handler", (uint64_t)t, h);
    }
}

void census_capabilities(void)
{
    for (uint32_t i = 0; i < census_process_count; i++)
        look_at_process(census_processes[i]);
}
