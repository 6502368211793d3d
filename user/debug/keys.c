// SPDX-License-Identifier: MIT
#include "user/debug/keys.h"

#include "abi/object.h"
#include "common/keys.h"
#include "interfaces/kbd.h"
#include "libsys/slots.h"
#include "libsys/start.h"
#include "libsys/stdio.h"
#include "libsys/time.h"

#define KEY_BIT 1u
#define LOOK_NS (250 * NS_PER_MS) // kbd may be restarted and forget us
#define TYPED_MAX 64u

static cap_t notify_keys;
static bool keys_may_wait, was_interrupted;
static char typed[TYPED_MAX]; // a ring: what came while nobody read a line
static unsigned typed_first, typed_count;

err_t keys_start(void)
{
    notify_keys = slot_alloc();
    err_t error = cap_mint(cap_named("self"), NO_CAP, notify_keys.slot, RIGHT_NOTIFY | RIGHT_GRANT, KEY_BIT);
    return error == OK ? kbd_subscribe(cap_named("kbd"), notify_keys) : error;
}

static void press(const struct kbd_event *event)
{
    uint32_t character = event->character;
    if (event->modifiers & MOD_CTRL) {
        was_interrupted |= event->code == KEY_C;
        if (was_interrupted) typed_count = 0; // what was typed before it is forgotten
        return;
    }
    if (event->code == KEY_ENTER || event->code == KEY_KEYPAD_ENTER) character = '\n';
    if (event->code == KEY_BACKSPACE) character = '\b';
    bool is_text = character >= ' ' && character < 0x7f;
    if ((!is_text && character != '\n' && character != '\b') || typed_count == TYPED_MAX) return;
    typed[(typed_first + typed_count++) % TYPED_MAX] = (char)character;
}

static void look_for_keys(void)
{
    struct kbd_poll_reply reply;
    while (keys_may_wait && (keys_may_wait = kbd_poll(cap_named("kbd"), &reply) == OK))
        if (reply.event.down) press(&reply.event);
}

err_t keys_receive(uint64_t ns, struct message *m)
{
    static uint64_t next_look;
    *m = (struct message){0};
    err_t error = ipc_recv(cap_named("self"), deadline_in(ns), m);
    if (error == OK && m->bits & KEY_BIT) keys_may_wait = true;
    // Not between a fault and the look at it: a call would overwrite the message page.
    if (error == ERR_TIMEOUT && clock_now() >= next_look) {
        next_look = deadline_in(LOOK_NS);
        keys_may_wait = kbd_subscribe(cap_named("kbd"), notify_keys) == OK;
    }
    return error;
}

bool keys_were_interrupted(void)
{
    look_for_keys();
    bool was = was_interrupted;
    was_interrupted = false;
    return was;
}

// Takes one key into the line. True: the line is complete.
static bool edit(char key, char *line, size_t size, size_t *length)
{
    if (key == '\n') {
        putchar('\n');
        return true;
    }
    if (key == '\b') {
        if (*length == 0) return false;
        --*length;
        printf("\b \b");
    } else if (*length + 1 < size) {
        line[(*length)++] = key;
        putchar(key);
    }
    return false;
}

void keys_read_line(const char *prompt, char *line, size_t size)
{
    size_t length = 0;
    bool is_complete = false;
    printf("%s", prompt);
    while (!is_complete) {
        if (keys_were_interrupted()) {
            printf("^C\n");
            length = 0;
            break;
        }
        if (typed_count > 0) {
            is_complete = edit(typed[typed_first], line, size, &length);
            typed_first = (typed_first + 1) % TYPED_MAX;
            typed_count--;
            continue;
        }
        struct message m;
        (void)keys_receive(LOOK_NS, &m);
    }
    line[length] = '\0';
}
