// SPDX-License-Identifier: MIT
#include "kernel/irq.h"

#include "kernel/clock.h"
#include "kernel/endpoint.h"
#include "kernel/log.h"
#include "kernel/syscall.h"
#include "kernel/x86/pit.h"
#include "kernel/x86/uart.h"

struct frame irq_frames[PIC_LINES];

static struct line {
    struct capability owner;
    uint64_t bits;
} lines[PIC_LINES];

void irq_init(void)
{
    pic_init();
    for (uint32_t i = 0; i < PIC_LINES; i++) {
        irq_frames[i].stamp = (uint64_t)TYPE_IRQ << 8;
        capability_clear(&lines[i].owner);
    }
    pic_unmask(PIT_IRQ);
    pic_unmask(UART_IRQ);
}

void irq_handle(uint32_t line)
{
    struct line *l = &lines[line];
    if (pic_is_spurious(line)) {
        log_line("interrupt line %u: spurious", line);
        return;
    }
    if (!irq_is_kernels(line)) pic_mask(line);
    pic_end(line);
    if (line == PIT_IRQ)
        clock_tick();
    else if (line == UART_IRQ)
        log_drain();
    else if (capability_alive(&l->owner))
        endpoint_signal(frame_object(l->owner.object), l->bits);
    else
        log_line("interrupt line %u has no owner: it stays masked", line);
}

static inline err_t find_line(struct thread *t, uint32_t *line)
{
    struct capability *c;
    err_t err = capability_find(t->process, t->slot, TYPE_IRQ, RIGHT_MANAGE, &c);
    if (!err) *line = (uint32_t)(c->object - irq_frames);
    return err;
}

err_t sys_irq_bind(struct thread *t)
{
    uint32_t line;
    struct capability *endpoint;
    TRY(find_line(t, &line));
    TRY(capability_find(t->process, t->words[0], TYPE_ENDPOINT, RIGHT_NOTIFY, &endpoint));
    uint64_t bits = endpoint->badge ? t->words[1] & endpoint->badge : t->words[1];
    if (bits == 0) return ERR_BAD_ARGUMENT;
    lines[line] = (struct line){*endpoint, bits};
    return OK;
}

err_t sys_irq_ack(struct thread *t)
{
    uint32_t line;
    TRY(find_line(t, &line));
    pic_unmask(line);
    return OK;
}
