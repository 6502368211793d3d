// SPDX-License-Identifier: MIT
#include "kernel/ports.h"

#include "common/mem.h"
#include "kernel/syscall.h"
#include "kernel/x86/cpu.h"

struct ports {
    uint32_t first, count, directions; // PORT_READ, PORT_WRITE
    bool has_values;
    uint8_t values[32]; // bit v: the byte v may be written
};

struct frame ports_root = {.stamp = (uint64_t)TYPE_PORTS << 8};

// Ports with which a driver could take the machine over or down. The kernel keeps them: DMA controllers, PICs, PIT,
// system control, reset, PCI configuration, COM1, the interrupt lines' triggers (ELCR), QEMU's fw_cfg.
static const struct {
    uint16_t first, last;
} kept[] = {
    {0x00, 0x0f}, {0x20, 0x21}, {0x40, 0x43},   {0x61, 0x61},   {0x80, 0x8f},   {0x92, 0x92},
    {0xa0, 0xa1}, {0xc0, 0xdf}, {0x3f8, 0x3ff}, {0x4d0, 0x4d1}, {0x510, 0x51b}, {0xcf8, 0xcff},
};

// The keyboard controller's command port resets the machine, the CMOS index port masks NMIs: only with a value list.
static const uint16_t risky[] = {0x64, 0x70, 0x71};

static err_t check_range(uint64_t first, uint64_t count, bool writes_any_value)
{
    if (count == 0 || first > UINT16_MAX || count > UINT16_MAX + 1 - first) return ERR_PORT;
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (first <= kept[i].last && kept[i].first < first + count) return ERR_PORT;
    for (size_t i = 0; i < sizeof risky / sizeof *risky; i++)
        if (writes_any_value && first <= risky[i] && risky[i] < first + count) return ERR_PORT_VALUE;
    return OK;
}

err_t sys_ports_create(struct thread *t)
{
    struct capability *c, *to;
    uint64_t first = t->words[1], count = t->words[2], directions = t->words[3], has_values = t->words[4];
    TRY(capability_find(t->process, t->slot, TYPE_PORTS, RIGHT_MANAGE, &c));
    TRY(capability_find_empty(t->process, t->words[0], &to));
    if (c->object != &ports_root) return ERR_NO_RIGHT;
    if (directions == 0 || directions & ~(uint64_t)(PORT_READ | PORT_WRITE) || has_values > 1) return ERR_BAD_ARGUMENT;
    if (has_values && !t->page) return ERR_NO_PAGE;
    TRY(check_range(first, count, directions & PORT_WRITE && !has_values));
    struct frame *f;
    TRY(pool_take(t->process, TYPE_PORTS, &f));
    struct ports *p = frame_object(f);
    *p = (struct ports){(uint32_t)first, (uint32_t)count, (uint32_t)directions, has_values, {0}};
    if (has_values) memcpy(p->values, t->page->body, sizeof p->values);
    capability_set(to, f, RIGHT_GRANT | RIGHT_MANAGE | RIGHT_READ | RIGHT_WRITE, 0);
    return OK;
}

static inline err_t find_port(struct thread *t, uint32_t direction, struct ports **out)
{
    struct capability *c;
    TRY(capability_find(t->process, t->slot, TYPE_PORTS, direction == PORT_READ ? RIGHT_READ : RIGHT_WRITE, &c));
    if (c->object == &ports_root) return ERR_PORT; // it only makes others
    struct ports *p = frame_object(c->object);
    uint64_t offset = t->words[0] - p->first, width = t->words[1]; // a port below the first one wraps: past the count
    if ((width != 1 && width != 2 && width != 4) || !(p->directions & direction)) return ERR_PORT;
    if (offset >= p->count || width > p->count - offset) return ERR_PORT;
    *out = p;
    return OK;
}

err_t sys_ports_in(struct thread *t)
{
    struct ports *p;
    TRY(find_port(t, PORT_READ, &p));
    uint16_t port = (uint16_t)t->words[0];
    uint64_t width = t->words[1];
    t->words[0] = width == 1 ? port_in8(port) : width == 2 ? port_in16(port) : port_in32(port);
    return OK;
}

err_t sys_ports_out(struct thread *t)
{
    struct ports *p;
    TRY(find_port(t, PORT_WRITE, &p));
    uint16_t port = (uint16_t)t->words[0];
    uint64_t width = t->words[1], value = t->words[2];
    if (value >> 8 * width) return ERR_PORT_VALUE;
    if (p->has_values && (width != 1 || !(p->values[value / 8] & 1 << value % 8))) return ERR_PORT_VALUE;
    if (width == 1)
        port_out8(port, (uint8_t)value);
    else if (width == 2)
        port_out16(port, (uint16_t)value);
    else
        port_out32(port, (uint32_t)value);
    return OK;
}
