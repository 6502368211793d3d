// SPDX-License-Identifier: MIT
// The bridge of the test system: frames from the host over COM2 become calls that hands make, and their answers become
// frames. The bridge itself calls only serial, and init for its hands, and neither waits for what the host asks for.
#include "common/mem.h"
#include "common/string.h"
#include "interfaces/bridge.h"
#include "interfaces/init.h"
#include "interfaces/serial.h"
#include "libsys/log.h"
#include "libsys/panic.h"
#include "libsys/start.h"
#include "libsys/time.h"
#include "servers/bridge/frame.h"
#include "servers/bridge/hands.h"

#define SERIAL_BIT 1ull
#define PERIOD (250 * NS_PER_MS) // a new life of serial knows no subscriber, and nobody says that it has begun
#define TRIES 4

static cap_t self, serial, init;
static struct decoder decoder;
static char services[BRIDGE_READY_SERVICES_MAX];
static uint32_t services_length;
static cap_t lent[PROTOCOL_NOTIFICATIONS];
static uint64_t deadline;
static bool hands_changed = true;

// --- to the host

// A frame that was cut because serial died is sent again as a whole.
static void send(uint8_t kind, uint32_t sequence, const void *first, uint32_t first_length, const void *second,
                 uint32_t second_length)
{
    static uint8_t line[FRAME_LINE_MAX];
    const struct protocol_head head = {.kind = kind, .sequence = sequence};
    uint32_t length = frame_encode(line, head, first, first_length, second, second_length);
    for (uint32_t tries = 0; tries < TRIES; tries++) {
        err_t error = OK;
        for (uint32_t at = 0; at < length && error == OK; at += SERIAL_WRITE_DATA_MAX) {
            uint32_t piece = length - at < SERIAL_WRITE_DATA_MAX ? length - at : SERIAL_WRITE_DATA_MAX;
            error = serial_write(serial, line + at, piece);
        }
        if (error != ERR_SERVER_DIED) return;
    }
}

static void send_refusal(uint32_t sequence, enum refusal why)
{
    uint32_t reason = why;
    send(FRAME_REFUSED, sequence, &reason, sizeof reason, NULL, 0);
}

static void send_error(uint32_t sequence, enum bridge_error error)
{
    const struct protocol_result result = {.origin = ORIGIN_BRIDGE, .error = error};
    send(FRAME_RESULT, sequence, &result, sizeof result, NULL, 0);
}

static void send_welcome(uint32_t sequence)
{
    const struct protocol_welcome welcome = {start_page()->generation, HANDS, PROTOCOL_NOTIFICATIONS};
    send(FRAME_WELCOME, sequence, &welcome, sizeof welcome, services, services_length);
}

// --- from the host

static bool is_service(const char *name)
{
    for (uint32_t at = 0; at < services_length; at += (uint32_t)strlen(services + at) + 1)
        if (strcmp(services + at, name) == 0) return true;
    return false;
}

// Why the call cannot be made, or 0.
static enum bridge_error refusal_of(const struct protocol_call *call)
{
    if (!is_service(call->service)) return BRIDGE_NO_SERVICE;
    if (call->notification == PROTOCOL_NO_NOTIFICATION) return 0;
    return lent[call->notification].slot == 0 ? BRIDGE_NO_NOTIFICATION : 0;
}

static bool hand_over(struct hand *hand, uint32_t sequence, const struct protocol_call *call, const uint8_t *body,
                      uint32_t length)
{
    const struct bridge_next_reply job = {
        .method = call->method,
        .word0 = call->words[0],
        .word1 = call->words[1],
        .word2 = call->words[2],
        .word3 = call->words[3],
        .word4 = call->words[4],
        .word5 = call->words[5],
        .service = call->service,
        .body = body,
        .body_length = length,
        .notify = call->notification == PROTOCOL_NO_NOTIFICATION ? NO_CAP : lent[call->notification],
    };
    hand->state = HAND_CALLING;
    hand->sequence = sequence;
    if (bridge_next_answer(hand->token, OK, &job) == OK) return true;
    hand->state = HAND_READY; // it has died: who looks after the hands will see that
    return false;
}

static void take_call(const struct frame *frame)
{
    struct protocol_call call;
    uint32_t length = frame->head.length, sequence = frame->head.sequence;
    if (length < sizeof call) {
        send_refusal(sequence, REFUSED_CONTENT);
        return;
    }
    memcpy(&call, frame->content, sizeof call);
    if (call.service[NAME_SIZE - 1] != '\0' || sequence == 0 || hand_calling(sequence) != NULL ||
        (call.notification >= PROTOCOL_NOTIFICATIONS && call.notification != PROTOCOL_NO_NOTIFICATION)) {
        send_refusal(sequence, REFUSED_CONTENT);
        return;
    }
    enum bridge_error error = refusal_of(&call);
    for (struct hand *hand = error == 0 ? hand_waiting() : NULL; hand != NULL; hand = hand_waiting())
        if (hand_over(hand, sequence, &call, frame->content + sizeof call, (uint32_t)(length - sizeof call))) return;
    send_error(sequence, error != 0 ? error : BRIDGE_BUSY);
}

// The answer comes when init says that the hand has ended.
static void take_cancel(uint32_t sequence)
{
    struct hand *hand = hand_calling(sequence);
    if (hand == NULL)
        send_refusal(sequence, REFUSED_NO_CALL);
    else if (init_kill(init, hand->id, "") != OK)
        hands_changed = true;
}

static void take_frame(const struct frame *frame)
{
    switch (frame->head.kind) {
    case FRAME_HELLO:
        send_welcome(frame->head.sequence);
        break;
    case FRAME_CALL:
        take_call(frame);
        break;
    case FRAME_CANCEL:
        take_cancel(frame->head.sequence);
        break;
    default:
        send_refusal(frame->head.sequence, REFUSED_KIND);
        break;
    }
}

static void take_bytes(const uint8_t *data, uint32_t length)
{
    for (const uint8_t *byte = data; byte < data + length; byte++) {
        struct frame frame;
        enum refusal why;
        switch (decoder_take(&decoder, *byte, &frame, &why)) {
        case DECODED_NOTHING:
            break;
        case DECODED_FRAME:
            take_frame(&frame);
            break;
        case DECODED_REFUSED:
            send_refusal(0, why);
            break;
        }
    }
}

static void listen_to_host(void)
{
    static uint8_t data[SERIAL_POLL_REPLY_DATA_MAX];
    struct serial_poll_reply reply;
    while (serial_poll(serial, &reply) == OK) {
        memcpy(data, reply.data, reply.data_length); // the message page is used again at once
        take_bytes(data, reply.data_length);
    }
}

// --- the hands

static void start_hand(struct hand *hand)
{
    static const char listen[] = "listen";
    bool is_listener = hand == &hands[LISTENER];
    struct init_spawn_reply reply;
    err_t error = init_spawn(init, HAND_PROGRAM, listen, is_listener ? sizeof listen : 0, self, &reply);
    if (error == OK)
        *hand = (struct hand){.id = reply.id, .state = HAND_STARTING};
    else
        log_printf("no hand: error %u", (unsigned)error);
}

static bool is_alive(uint64_t id)
{
    struct init_process_reply process;
    for (uint32_t i = 0; init_process(init, i, &process) == OK; i++)
        if (process.id == id) return process.state == 1;
    return false;
}

// Who has ended is replaced; the call that he made has ended with him.
static void look_after_hands(void)
{
    hands_changed = false;
    for (struct hand *hand = hands; hand < hands + HAND_PLACES; hand++) {
        if (hand->id != 0 && !is_alive(hand->id)) {
            if (hand->state == HAND_CALLING) send_error(hand->sequence, BRIDGE_ENDED);
            *hand = (struct hand){.state = HAND_MISSING};
        }
        if (hand->state == HAND_MISSING) start_hand(hand);
    }
}

static err_t do_ready(struct caller *from, const struct bridge_ready *in)
{
    struct hand *hand = hand_of(from->badge);
    if (hand == NULL) return ERR_DENIED;
    hand->state = HAND_READY;
    bool first = services_length == 0 && in->services_length > 0;
    if (in->services_length > 0 && in->services[in->services_length - 1] == '\0') {
        memcpy(services, in->services, in->services_length);
        services_length = in->services_length;
    }
    if (first) send_welcome(0);
    return OK;
}

static void send_result(uint32_t sequence, const struct bridge_next *in)
{
    const struct protocol_result result = {
        .origin = in->by_kernel ? ORIGIN_KERNEL : ORIGIN_SERVER,
        .error = in->error,
        .words = {in->word0, in->word1, in->word2, in->word3, in->word4, in->word5},
    };
    send(FRAME_RESULT, sequence, &result, sizeof result, in->body, in->body_length);
}

static err_t do_next(struct caller *from, const struct bridge_next *in, struct bridge_next_reply *out)
{
    (void)out;
    struct hand *hand = hand_of(from->badge);
    if (hand == NULL || from->token == 0) return ERR_DENIED;
    if (in->made != (hand->state == HAND_CALLING)) return ERR_DENIED;
    hand->state = HAND_WAITING;
    hand->token = from->token;
    if (in->made) send_result(hand->sequence, in);
    return DEFERRED;
}

static err_t do_lend(struct caller *from, const struct bridge_lend *in)
{
    if (hand_of(from->badge) != &hands[LISTENER]) return ERR_DENIED;
    if (in->number >= PROTOCOL_NOTIFICATIONS) return ERR_RANGE;
    if (from->cap_count != 1) return ERR_BAD_MESSAGE;
    cap_discard(lent[in->number]);
    lent[in->number] = caller_keep(from, BRIDGE_LEND_NOTIFY);
    return OK;
}

static err_t do_heard(struct caller *from, const struct bridge_heard *in)
{
    uint64_t bits = in->bits;
    if (hand_of(from->badge) != &hands[LISTENER]) return ERR_DENIED;
    send(FRAME_NOTIFIED, 0, &bits, sizeof bits, NULL, 0);
    return OK;
}

// --- the loop

static void subscribe(void)
{
    if (serial_subscribe(serial, SERIAL_BIT, self) == ERR_BROKEN) log_line("no serial port: nobody can call");
    deadline = deadline_in(PERIOD);
}

// serial sets one bit; init, when a hand has ended, sets all.
static void notified(uint64_t bits)
{
    if ((bits & ~SERIAL_BIT) != 0) hands_changed = true;
    listen_to_host();
    if (hands_changed) look_after_hands();
}

static void timeout(void)
{
    subscribe();
    listen_to_host();
    if (hands_changed) look_after_hands();
}

int main(void)
{
    self = cap_named("self");
    serial = cap_named("serial");
    init = cap_named("init");
    subscribe();
    look_after_hands();
    static const struct bridge_server server = {
        .ready = do_ready,
        .next = do_next,
        .lend = do_lend,
        .heard = do_heard,
        .notified = notified,
        .timeout = timeout,
        .deadline = &deadline,
    };
    err_t error = bridge_serve(self, &server);
    panic("the bridge cannot receive: error %u", (unsigned)error);
}
