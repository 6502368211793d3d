// SPDX-License-Identifier: MIT
// `keys raw`: shows the keyboard's bytes as they come, until Escape is released. `keys events`: waits for events, one after
// the other, and shows code, character and modifiers, until Escape is released. `keys state`: what the driver has counted.
// `keys hold N`: stays in front of the shell, reading nothing, until N events have come. `keys refuse`: what kbd must not
// accept.
#include "common/keys.h"
#include "common/mem.h"
#include "common/string.h"
#include "interfaces/kbd.h"
#include "libsys/error.h"
#include "libsys/panic.h"
#include "libsys/start.h"
#include "libsys/stdio.h"
#include "libsys/stdlib.h"
#include "libsys/time.h"

#define ESCAPE_UP 0x81

static cap_t kbd;

static void show_raw(void)
{
    struct kbd_raw_reply reply;
    assert(kbd_raw(kbd, 0, &reply) == OK);
    uint64_t position = reply.next;
    printf("bytes:");
    for (bool ended = false; !ended;) {
        assert(sleep_for(5 * NS_PER_MS) == OK);
        assert(kbd_raw(kbd, position, &reply) == OK && reply.lost == 0);
        position = reply.next;
        uint8_t bytes[KBD_RAW_REPLY_BYTES_MAX]; // printing is IPC: the reply does not outlive it
        uint32_t count = reply.bytes_length;
        memcpy(bytes, reply.bytes, count);
        for (uint32_t i = 0; i < count; i++) {
            printf(" %02x", bytes[i]);
            ended |= bytes[i] == ESCAPE_UP;
        }
    }
    printf(" end\n");
}

static void show_events(void)
{
    struct kbd_read_reply reply;
    printf("events:");
    do {
        assert(kbd_read(kbd, &reply) == OK);
        printf(" %03x%c%x/%02x", reply.event.code, reply.event.down ? '+' : '-', reply.event.character,
               reply.event.modifiers);
    } while (reply.event.code != KEY_ESCAPE || reply.event.down);
    printf(" end\n");
}

static void show_state(void)
{
    struct kbd_state_reply state;
    assert(kbd_state(kbd, &state) == OK);
    printf("present %u leds %u modifiers %02x queued %u waiting %u subscribers %u\n", state.present, state.leds,
           state.modifiers, state.queued, state.waiting, state.subscribers);
    printf("bytes %lu events %lu dropped %lu unknown %lu failed %lu\n", state.bytes, state.events, state.dropped,
           state.unknown, state.commands_failed);
}

// Never sleeps: so the shell, which has a lower priority, cannot take the events away.
static void hold(uint64_t wanted)
{
    struct kbd_state_reply state;
    assert(kbd_state(kbd, &state) == OK);
    uint64_t before = state.events, shown = 0;
    printf("hold: 0");
    while (shown < wanted) {
        assert(kbd_state(kbd, &state) == OK);
        if (state.events - before == shown) continue;
        shown = state.events - before;
        printf("\rhold: %lu ", shown);
    }
    printf("queued %u dropped %lu end\n", state.queued, state.dropped);
}

static void refuse(void)
{
    struct kbd_raw_reply reply;
    unsigned wrong = 0;
    wrong += kbd_raw(kbd, ~0ull, &reply) != ERR_RANGE;
    wrong += kbd_subscribe(kbd, NO_CAP) == OK;
    wrong += kbd_subscribe(kbd, cap_named("clock")) == OK;
    for (uint32_t method = 7; method < 300; method++) {
        struct message m = {.tag = TAG(0, method, 0, 0)};
        wrong += ipc_call(kbd, &m) != ERR_NO_METHOD;
    }
    for (uint16_t length = 1; length < 60; length += 3) {
        struct message m = {.tag = TAG(0, KBD_METHOD_RAW, length, 0),
                            .words = {~0ull, ~0ull, ~0ull, ~0ull, ~0ull, ~0ull}};
        wrong += ipc_call(kbd, &m) == ERR_SERVER_DIED;
    }
    struct message sent = {.tag = TAG(0, KBD_METHOD_READ, 0, 0)};
    wrong += ipc_send(kbd, &sent) != OK; // nobody waits for the answer: kbd keeps no reader for it
    printf("refuse: %u wrong\n", wrong);
}

int main(int argc, char **argv)
{
    kbd = cap_named("kbd");
    const char *what = argc > 1 ? argv[1] : "";
    if (strcmp(what, "raw") == 0)
        show_raw();
    else if (strcmp(what, "events") == 0)
        show_events();
    else if (strcmp(what, "state") == 0)
        show_state();
    else if (strcmp(what, "hold") == 0 && argc > 2)
        hold(strtoul(argv[2], NULL, 10));
    else if (strcmp(what, "refuse") == 0)
        refuse();
    else
        panic("no such word: %s", what);
    return 0;
}
