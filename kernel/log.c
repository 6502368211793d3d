// SPDX-License-Identifier: MIT
#include "kernel/log.h"

#include <stdarg.h>

#include "common/format.h"
#include "common/mem.h"
#include "common/string.h"
#include "kernel/syscall.h"
#include "kernel/x86/uart.h"

#define RING_SIZE 0x8000u

struct frame log_frame = {.stamp = (uint64_t)TYPE_LOG << 8};

// Positions count bytes since boot; the ring holds the last RING_SIZE of them.
static char ring[RING_SIZE];
static uint64_t written, sent, dropped;
static bool interrupts_on;

static void append(const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++)
        ring[written++ % RING_SIZE] = text[i];
}

// A line is appended as a whole: name, text, newline. Control characters would let one writer forge another's line.
static void append_line(const char name[LOG_NAME_MAX], const char *text, size_t length)
{
    append(name, strnlen(name, LOG_NAME_MAX));
    append(": ", 2);
    for (size_t i = 0; i < length; i++) {
        char c = text[i];
        append((unsigned char)c < ' ' && c != '\t' ? "?" : &c, 1);
    }
    append("\n", 1);
    if (written - sent > RING_SIZE) {
        dropped += written - sent - RING_SIZE;
        sent = written - RING_SIZE;
    }
}

static void append_format(const char *fmt, va_list arguments)
{
    char text[LOG_LINE_MAX];
    size_t length = format_list(text, sizeof text, fmt, arguments);
    append_line("kernel\0", text, length < sizeof text ? length : sizeof text - 1);
}

void log_line(const char *fmt, ...)
{
    va_list arguments;
    va_start(arguments, fmt);
    append_format(fmt, arguments);
    va_end(arguments);
    log_drain();
}

void log_start_interrupts(void) { interrupts_on = true; }

__attribute__((format(printf, 1, 2))) static void append_own(const char *fmt, ...)
{
    va_list arguments;
    va_start(arguments, fmt);
    append_format(fmt, arguments);
    va_end(arguments);
}

void log_drain(void)
{
    if (!interrupts_on) {
        log_flush();
        return;
    }
    // Told only when there is room: a report that is lost itself would have to be reported, without end.
    if (dropped && written - sent <= RING_SIZE / 2) {
        append_own("%lu bytes of the log were lost on the line", dropped);
        dropped = 0;
    }
    uint32_t room = uart_room();
    for (; room > 0 && sent != written; room--)
        uart_put(ring[sent++ % RING_SIZE]);
    uart_interrupt_when_empty(sent != written);
}

void log_flush(void)
{
    while (sent != written) {
        if (!uart_wait()) return;
        uart_put(ring[sent++ % RING_SIZE]);
    }
}

err_t sys_log_write(struct thread *t)
{
    struct capability *c;
    TRY(capability_find(t->process, t->slot, TYPE_LOG, RIGHT_WRITE, &c));
    if (!t->page) return ERR_NO_PAGE;
    size_t length = TAG_LENGTH(t->rax);
    if (length > LOG_LINE_MAX) return ERR_BAD_LENGTH;
    append_line((const char *)&c->badge, (const char *)t->page->body, length);
    log_drain();
    return OK;
}

err_t sys_log_read(struct thread *t)
{
    struct capability *c;
    TRY(capability_find(t->process, t->slot, TYPE_LOG, RIGHT_READ, &c));
    if (!t->page) return ERR_NO_PAGE;
    uint64_t oldest = written > RING_SIZE ? written - RING_SIZE : 0;
    uint64_t from = t->words[0] < oldest ? oldest : t->words[0];
    if (from >= written) return ERR_EMPTY;
    // One line's worth at a time bounds the step.
    size_t length = written - from < LOG_LINE_MAX ? written - from : LOG_LINE_MAX;
    for (size_t i = 0; i < length; i++)
        t->page->body[i] = (uint8_t)ring[(from + i) % RING_SIZE];
    t->words[0] = from + length;
    t->rax = TAG(OK, 0, length, 0);
    t->rdi = 0;
    return REGISTERS_ARE_SET;
}
