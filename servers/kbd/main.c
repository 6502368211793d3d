// SPDX-License-Identifier: MIT
// The keyboard's server: IRQ 1 → one byte → the decoder → whoever waits for an event, or else the queue and a nudge to
// those who subscribed.
#include "interfaces/kbd.h"
#include "libsys/keep.h"
#include "libsys/log.h"
#include "libsys/panic.h"
#include "libsys/serve.h"
#include "libsys/start.h"
#include "servers/kbd/decoder.h"
#include "servers/kbd/i8042.h"
#include "servers/kbd/kept.h"
#include "servers/kbd/queue.h"
#include "servers/kbd/subscribers.h"

#define INTERRUPT_BIT 1u

static cap_t data_port, command_port, irq;
static bool present;

static struct i8042 controller;
static struct decoder decoder;
static struct event_queue unread;
static struct waiter_queue readers;
static struct history history;
static struct keep keep;

static uint64_t events, dropped, unknown;
static uint64_t given_to; // next: the client that was given the oldest unread event; 0: nobody
static bool full;         // since the last event that found room

// What a successor goes on with, from this instant.
static void commit(void)
{
    struct kbd_kept *kept = keep_begin(&keep);
    if (kept == NULL) return;
    kept->events = events;
    kept->dropped = dropped;
    kept->unknown = unknown;
    kept->present = present;
    kept_save(kept, &decoder, &unread);
    keep_commit(&keep, kept_length(kept));
}

static uint8_t port_in(uint16_t port)
{
    uint32_t value;
    err_t error = ports_in(port == I8042_DATA ? data_port : command_port, port, 1, &value);
    return error == OK ? (uint8_t)value : 0xff;
}

static void port_out(uint16_t port, uint8_t value)
{
    ports_out(port == I8042_DATA ? data_port : command_port, port, 1, value);
}

static struct kbd_event to_message(const struct key_event *event)
{
    return (struct kbd_event){
        .code = event->code,
        .down = event->down,
        .modifiers = event->modifiers,
        .character = event->character,
        .scancode = event->scancode,
    };
}

// The oldest event goes to one reader. One that died while it waited gets nothing, and the event goes to the next.
static bool hand_over(void)
{
    struct kbd_read_reply reply = {.event = to_message(&unread.events[unread.first])};
    uint64_t token;
    while (waiters_get(&readers, &token))
        if (kbd_read_answer(token, OK, &reply) == OK) return true;
    return false;
}

// Only what a client has got is forgotten: when this life ends before that, the successor still has the event.
static void forget_oldest(void)
{
    struct key_event event;
    (void)events_get(&unread, &event);
    given_to = 0;
    commit();
}

// Once in a life: whoever comes first finds what was typed until then.
static void warn_of_nobody(void)
{
    static bool warned;
    if (!warned) log_line("WARNING: nobody listens to the keyboard yet");
    warned = true;
}

// Events that found room are numbered from 1.
static uint64_t oldest_number(void) { return events - dropped - unread.count + 1; }

// What another client than this one was given is that client's.
static void settle(uint64_t client)
{
    if (given_to != 0 && given_to != client) forget_oldest();
}

static void deliver(const struct key_event *event)
{
    if (readers.count > 0 || unread.count == QUEUE_EVENTS) settle(0);
    events++;
    if (events_put(&unread, event)) {
        full = false;
    } else {
        dropped++;
        if (!full) // once, not for each key that follows
            log_line("WARNING: scancode queue full; dropping keyboard input");
        full = true;
    }
    commit();
    if (readers.count > 0 && hand_over())
        forget_oldest();
    else if (subscribers_count() > 0)
        subscribers_notify();
    else
        warn_of_nobody();
}

static uint8_t leds_of(uint8_t modifiers)
{
    return (uint8_t)(((modifiers & MOD_SCROLL_LOCK) != 0 ? I8042_LED_SCROLL : 0) |
                     ((modifiers & MOD_NUM_LOCK) != 0 ? I8042_LED_NUM : 0) |
                     ((modifiers & MOD_CAPS_LOCK) != 0 ? I8042_LED_CAPS : 0));
}

static void take(uint8_t byte)
{
    struct key_event event;
    uint8_t locks = decoder.locks;
    history_put(&history, byte);
    switch (decoder_feed(&decoder, byte, &event)) {
    case DECODED_NOTHING:
        commit();
        break;
    case DECODED_UNKNOWN:
        unknown++;
        commit();
        break;
    case DECODED_EVENT:
        deliver(&event);
        if (decoder.locks != locks) i8042_set_leds(&controller, leds_of(decoder.locks));
        break;
    }
}

// One byte an interrupt: when more are there the controller raises the line again as soon as this one is read, and
// irq_ack lets it through. Acknowledging first would bring an interrupt with nothing to read.
static void notified(uint64_t bits)
{
    uint8_t byte;
    if ((bits & INTERRUPT_BIT) == 0) return;
    if (i8042_read(&controller, &byte)) take(byte);
    irq_ack(irq);
}

static err_t do_read(struct caller *from, struct kbd_read_reply *out)
{
    if (from->token == 0) // sent, not called: nobody would get the event
        return ERR_BAD_MESSAGE;
    settle(0);
    if (unread.count > 0) {
        out->event = to_message(&unread.events[unread.first]);
        if (kbd_read_answer(from->token, OK, out) == OK) forget_oldest();
        return DEFERRED;
    }
    if (!present) return ERR_BROKEN;
    return waiters_put(&readers, from->token) ? DEFERRED : ERR_FULL;
}

static err_t do_poll(struct caller *from, struct kbd_poll_reply *out)
{
    if (from->token == 0) return ERR_BAD_MESSAGE;
    subscribers_heard(from->badge);
    settle(0);
    if (unread.count == 0) return present ? ERR_EMPTY : ERR_BROKEN;
    out->event = to_message(&unread.events[unread.first]);
    if (kbd_poll_answer(from->token, OK, out) == OK) forget_oldest();
    return DEFERRED;
}

// Nothing is committed before the answer: when this life ends now, the successor has the event, and the client's number
// tells whether it has it too.
static err_t do_next(struct caller *from, const struct kbd_next *in, struct kbd_next_reply *out)
{
    if (from->token == 0) return ERR_BAD_MESSAGE;
    subscribers_heard(from->badge);
    settle(from->badge);
    uint64_t number = oldest_number();
    if (unread.count > 0 && in->seen == number) {
        forget_oldest();
        number++;
    }
    if (unread.count == 0) return present ? ERR_EMPTY : ERR_BROKEN;
    given_to = from->badge;
    const struct key_event *event = &unread.events[unread.first];
    *out = (struct kbd_next_reply){
        .number = number,
        .code = event->code,
        .down = event->down,
        .modifiers = event->modifiers,
        .character = event->character,
        .scancode = event->scancode,
    };
    return OK;
}

static err_t do_subscribe(struct caller *from)
{
    err_t error = subscribers_add(from);
    if (error == OK && unread.count > 0) subscribers_notify();
    return error;
}

static err_t do_raw(struct caller *from, const struct kbd_raw *in, struct kbd_raw_reply *out)
{
    static uint8_t bytes[HISTORY_BYTES];
    (void)from;
    if (in->position > history.count) return ERR_RANGE;
    out->bytes_length = (uint32_t)history_read(&history, in->position, bytes, &out->lost);
    out->bytes = bytes;
    out->next = history.count;
    return OK;
}

static err_t do_state(struct caller *from, struct kbd_state_reply *out)
{
    (void)from;
    *out = (struct kbd_state_reply){
        .present = present,
        .modifiers = decoder_modifiers(&decoder),
        .leds = controller.leds_shown,
        .queued = unread.count - (given_to != 0),
        .waiting = readers.count,
        .subscribers = subscribers_count(),
        .bytes = history.count,
        .events = events,
        .dropped = dropped,
        .unknown = unknown,
        .commands_failed = controller.failed,
    };
    return OK;
}

// What the life before this one left. False: this is the first, or what is there cannot be trusted.
static bool inherit(void)
{
    uint64_t size = 0;
    size_t length;
    const char *lost;
    void *region = region_named("keep", &size);
    const struct keep_format format = {KBD_KEEP_MAGIC, KBD_KEEP_VERSION, sizeof(struct kbd_kept)};
    const struct kbd_kept *kept = keep_open(&keep, format, region, size, &length, &lost);
    if (kept != NULL && !kept_load(kept, length, &decoder, &unread)) lost = "bounds";
    if (lost != NULL) log_printf("what the last life left is thrown away: wrong %s", lost);
    if (kept == NULL || lost != NULL) return false;
    events = kept->events;
    dropped = kept->dropped;
    unknown = kept->unknown;
    log_printf("goes on with %u unread events", unread.count);
    return kept->present;
}

// A controller that the last life set up is left as it is: what was typed since then lies in it, and must not be drained.
static bool take_over(bool is_set_up)
{
    if (!is_set_up) return i8042_start(&controller);
    i8042_resume(&controller);
    return true;
}

// Keys that came while nobody was there raise no further interrupt until they are read.
static void take_waiting(void)
{
    uint8_t byte;
    for (uint32_t i = 0; i < I8042_DRAIN && i8042_waits(&controller); i++)
        if (i8042_read(&controller, &byte)) take(byte);
}

// Without a keyboard the server still answers: with an error that says so.
static void start(cap_t self)
{
    data_port = cap_named("ports60");
    command_port = cap_named("ports64");
    irq = cap_named("irq1");
    decoder_start(&decoder, &layout_us);
    controller.in = port_in;
    controller.out = port_out;
    bool is_set_up = inherit();
    if (!take_over(is_set_up)) {
        log_line("no keyboard: its controller is absent or does not answer");
        return;
    }
    err_t error = irq_bind(irq, self, INTERRUPT_BIT);
    if (error != OK) panic("kbd cannot get its interrupt: error %u", (unsigned)error);
    present = true;
    if (is_set_up)
        i8042_set_leds(&controller, leds_of(decoder.locks));
    else
        i8042_wake_keyboard(&controller, leds_of(decoder.locks));
    commit();
    take_waiting();
    // In the life before this one an interrupt may have been left unacknowledged.
    irq_ack(irq);
    log_printf("PS/2 keyboard, scancode set 1, %s layout", layout_us.name);
}

int main(void)
{
    cap_t self = cap_named("self");
    start(self);
    static const struct kbd_server server = {
        .read = do_read,
        .poll = do_poll,
        .next = do_next,
        .subscribe = do_subscribe,
        .raw = do_raw,
        .state = do_state,
        .notified = notified,
    };
    err_t error = kbd_serve(self, &server);
    panic("kbd cannot receive: error %u", (unsigned)error);
}
