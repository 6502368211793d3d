// SPDX-License-Identifier: MIT
#include "kernel/irq.h"

#include "kernel/clock.h"
#include "kernel/endpoint.h"
#include "kernel/log.h"
#include "kernel/syscall.h"

struct frame irq_frames[PIC_LINES];

// Whose bits an interrupt sets. Without an owner: an object that never matches.
static struct line {
    struct frame *endpoint;
    uint64_t stamp, bits, unused;
} lines[PIC_LINES];

// Lines on which an interrupt may be none, and the kernel's own.
#define SPECIAL (BIT(7) | BIT(15) | IRQ_KERNELS)

void irq_init(void)
{
    pic_init();
    for (uint32_t i = 0; i < PIC_LINES; i++) {
        irq_frames[i].stamp = (uint64_t)TYPE_IRQ << 8;
        lines[i].endpoint = &nobody_frame;
    }
    pic_unmask(PIT_IRQ);
    pic_unmask(UART_IRQ);
}

static uint64_t nmis, nmis_reported;

void irq_count_nmi(void) { nmis++; }

static void handle_kernels(uint32_t line)
{
    pic_end(line);
    if (line == UART_IRQ) log_drain();
    if (line != PIT_IRQ) return;
    if (nmis_reported != nmis) log_line("NMI: %lu so far", nmis_reported = nmis);
    clock_tick();
}

static never_inline void complain(uint32_t line) { log_line("interrupt line %u has no owner: it stays masked", line); }

static force_inline void handle_drivers(uint32_t line)
{
    const struct line *l = &lines[line];
    pic_mask_and_end(line);
    if (l->stamp == l->endpoint->stamp)
        endpoint_signal(frame_object(l->endpoint), l->bits);
    else
        complain(line);
}

static never_inline void handle_special(uint32_t line)
{
    if (irq_is_kernels(line))
        handle_kernels(line);
    else if (pic_is_spurious(line))
        log_line("interrupt line %u: spurious", line);
    else
        handle_drivers(line);
}

void irq_handle(uint64_t vector)
{
    uint32_t line = (uint32_t)vector - PIC_VECTOR;
    if (SPECIAL & BIT(line))
        handle_special(line);
    else
        handle_drivers(line);
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
    lines[line] = (struct line){.endpoint = endpoint->object, .stamp = endpoint->object->stamp, .bits = bits};
    return OK;
}

err_t sys_irq_ack(struct thread *t)
{
    uint32_t line;
    TRY(find_line(t, &line));
    pic_unmask(line);
    return OK;
}
