// SPDX-License-Identifier: MIT
// Operations on interrupt lines and I/O ports.
#include "common/mem.h"
#include "libsys/syscall.h"

err_t irq_bind(cap_t irq, cap_t endpoint, uint64_t bits)
{
    struct message m = {.tag = SYS_irq_bind, .words = {endpoint.slot, bits}};
    return (err_t)trap(irq, &m);
}

err_t irq_ack(cap_t irq)
{
    struct message m = {.tag = SYS_irq_ack};
    return (err_t)trap(irq, &m);
}

err_t ports_create(cap_t root, cap_t into, uint16_t first, uint16_t count, uint32_t directions, const uint8_t *values)
{
    if (values != NULL)
        memmove(message_page()->body, values, 32); // 256 bits; the last word says that they are there, no length does
    struct message m = {
        .tag = SYS_ports_create,
        .words = {into.slot, first, count, directions, values != NULL},
    };
    return (err_t)trap(root, &m);
}
