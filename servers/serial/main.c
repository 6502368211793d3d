// SPDX-License-Identifier: MIT
// The server of COM2: IRQ 3 → the UART's FIFO → the input queue → whoever reads; and the other way round, callers of
// write → the output queue → the FIFO. Both queues are bounded; when one is full somebody waits, and no byte is lost.
#include "interfaces/serial.h"
#include "libsys/log.h"
#include "libsys/panic.h"
#include "libsys/serve.h"
#include "libsys/start.h"
#include "servers/serial/bytes.h"
#include "servers/serial/kept.h"
#include "servers/serial/uart.h"

#define COM2 0x2f8
#define INTERRUPT_BIT 1u
#define WAITERS 8

static cap_t ports, irq, subscriber;
static uint64_t subscriber_bits;
static bool present;
static struct uart uart;
static struct bytes output, unkept;
static struct bytes *input = &unkept; // in the keep region, if there is one

// Who waits, oldest first.
struct waiters {
    uint32_t count;
    struct waiter {
        uint64_t token;
        uint64_t end; // a writer's: uart.sent when its last byte is gone
    } list[WAITERS];
};
static struct waiters readers, writers;

static uint8_t port_in(uint16_t index)
{
    uint32_t value;
    err_t error = ports_in(ports, (uint16_t)(COM2 + index), 1, &value);
    return error == OK ? (uint8_t)value : 0xff;
}

static void port_out(uint16_t index, uint8_t value) { ports_out(ports, (uint16_t)(COM2 + index), 1, value); }

static bool wait_in(struct waiters *waiters, uint64_t token, uint64_t end)
{
    if (waiters->count == WAITERS) return false;
    waiters->list[waiters->count++] = (struct waiter){token, end};
    return true;
}

static uint64_t take_first(struct waiters *waiters)
{
    uint64_t token = waiters->list[0].token;
    waiters->count--;
    for (uint32_t i = 0; i < waiters->count; i++)
        waiters->list[i] = waiters->list[i + 1];
    return token;
}

static void drop_input(uint32_t count)
{
    bytes_drop(input, count);
    if (bytes_room(input) >= BYTES_SIZE / 2) uart_resume_input(&uart);
}

// Answered first, and forgotten only then: when this life ends in between, the successor still has the bytes. Who died
// meanwhile gets nothing, and they stay for the next.
static void serve_readers(void)
{
    static uint8_t data[SERIAL_READ_REPLY_DATA_MAX];
    while (readers.count > 0 && input->count > 0) {
        struct serial_read_reply reply = {.data = data, .data_length = bytes_look(input, data, sizeof data)};
        if (serial_read_answer(take_first(&readers), OK, &reply) == OK) drop_input(reply.data_length);
    }
}

static void serve_writers(void)
{
    while (writers.count > 0 && uart.sent >= writers.list[0].end)
        serial_write_answer(take_first(&writers), OK); // one that died meanwhile is no error here
}

static void tell_subscriber(void)
{
    if (input->count > 0 && subscriber.slot != 0 && notify(subscriber, subscriber_bits) != OK) {
        cap_discard(subscriber);
        subscriber = NO_CAP;
    }
}

static void notified(uint64_t bits)
{
    if ((bits & INTERRUPT_BIT) == 0) return;
    uart_service(&uart, input, &output);
    irq_ack(irq);
    serve_writers();
    serve_readers();
    tell_subscriber();
}

static err_t do_read(struct caller *from, struct serial_read_reply *out)
{
    (void)out;
    if (from->token == 0) return ERR_BAD_MESSAGE; // sent, not called: nobody would get the bytes
    if (!present) return ERR_BROKEN;
    if (!wait_in(&readers, from->token, 0)) return ERR_FULL;
    serve_readers();
    return DEFERRED;
}

static err_t do_poll(struct caller *from, struct serial_poll_reply *out)
{
    static uint8_t data[SERIAL_POLL_REPLY_DATA_MAX];
    if (from->token == 0) return ERR_BAD_MESSAGE;
    if (!present) return ERR_BROKEN;
    if (input->count == 0) return ERR_EMPTY;
    *out = (struct serial_poll_reply){.data = data, .data_length = bytes_look(input, data, sizeof data)};
    if (serial_poll_answer(from->token, OK, out) == OK) drop_input(out->data_length);
    return DEFERRED;
}

static err_t do_write(struct caller *from, const struct serial_write *in)
{
    if (!present) return ERR_BROKEN;
    if (in->data_length == 0) return OK;
    if (writers.count == WAITERS || !bytes_put_all(&output, in->data, in->data_length)) return ERR_FULL;
    if (from->token != 0) wait_in(&writers, from->token, uart.sent + output.count);
    uart_begin_output(&uart);
    return from->token != 0 ? DEFERRED : OK;
}

static err_t do_subscribe(struct caller *from, const struct serial_subscribe *in)
{
    struct cap_info info;
    if (from->cap_count != 1) return ERR_BAD_MESSAGE;
    if (cap_info(from->caps[0], &info) != OK || info.type != TYPE_ENDPOINT || (info.rights & RIGHT_NOTIFY) == 0)
        return ERR_NO_RIGHT;
    cap_discard(subscriber);
    subscriber = caller_keep(from, SERIAL_SUBSCRIBE_NOTIFY);
    subscriber_bits = in->bits;
    tell_subscriber();
    return OK;
}

static err_t do_state(struct caller *from, struct serial_state_reply *out)
{
    (void)from;
    *out = (struct serial_state_reply){
        .present = present,
        .held = uart.held,
        .queued = input->count,
        .unsent = output.count,
        .readers = readers.count,
        .received = uart.received,
        .sent = uart.sent,
        .overruns = uart.overruns,
        .garbled = uart.garbled,
    };
    return OK;
}

// What the life before this one took from the port and nobody has read.
static void inherit(void)
{
    uint64_t size = 0;
    const char *lost;
    void *region = region_named("keep", &size);
    struct bytes *kept = kept_input(region, size, &lost);
    if (lost != NULL) log_printf("what the last life left is thrown away: wrong %s", lost);
    if (kept != NULL) input = kept;
    if (input->count > 0) log_printf("goes on with %u unread bytes", input->count);
}

// Without a port the server still answers: with an error that says so.
static void start(cap_t self)
{
    inherit();
    ports = cap_named("ports2f8");
    irq = cap_named("irq3");
    uart.in = port_in;
    uart.out = port_out;
    err_t error = irq_bind(irq, self, INTERRUPT_BIT);
    if (error != OK) panic("serial cannot get its interrupt: error %u", (unsigned)error);
    // Acknowledged before the UART may ask for anything: in the life before this one an interrupt may have been left.
    irq_ack(irq);
    present = uart_start(&uart);
    log_line(present ? "COM2, 16550A, 115200 baud" : "no serial port at COM2");
}

int main(void)
{
    cap_t self = cap_named("self");
    start(self);
    static const struct serial_server server = {
        .read = do_read,
        .write = do_write,
        .poll = do_poll,
        .subscribe = do_subscribe,
        .state = do_state,
        .notified = notified,
    };
    err_t error = serial_serve(self, &server);
    panic("serial cannot receive: error %u", (unsigned)error);
}
