// SPDX-License-Identifier: MIT
// The server to copy. A handler gets who asks, the request and room for the reply; it returns OK or an error, and the
// loop in libsys sends the answer. Lengths and text have been checked before a handler is called.
#include "common/string.h"
#include "interfaces/echo.h"
#include "libsys/panic.h"
#include "libsys/start.h"
#include "libsys/time.h"

#define WAITING 16

// Callers of `later`. A free place has token 0: no caller's token is.
static struct waiting {
    uint64_t token;
    uint64_t due; // nanoseconds since boot
    char text[ECHO_LATER_TEXT_MAX + 1];
} waiting[WAITING];

// When the first of them is due; the loop waits no longer than that.
static uint64_t deadline = FOREVER;

static err_t say(struct caller *from, const struct echo_say *in, struct echo_say_reply *out)
{
    (void)from;
    out->text = in->text; // the reply may point into the request: it is sent before that is gone
    return OK;
}

static err_t badge(struct caller *from, struct echo_badge_reply *out)
{
    out->badge = from->badge;
    return OK;
}

static err_t turn(struct caller *from, const struct echo_turn *in, struct echo_turn_reply *out)
{
    (void)from;
    *out = (struct echo_turn_reply){.a = in->f, .b = in->e, .c = in->d, .d = in->c, .e = in->b, .f = in->a};
    return OK;
}

// Keeps the caller's token and lets the loop go on: the answer comes from answer_those_due. What *in points to is gone
// by then, so the text is copied.
static err_t later(struct caller *from, const struct echo_later *in, struct echo_later_reply *out)
{
    (void)out;
    if (from->token == 0) // sent, not called: nobody waits
        return OK;
    for (struct waiting *w = waiting; w < waiting + WAITING; w++) {
        if (w->token != 0) continue;
        w->token = from->token;
        w->due = deadline_in(in->milliseconds * NS_PER_MS);
        copy_text(w->text, sizeof w->text, in->text);
        deadline = w->due < deadline ? w->due : deadline;
        return DEFERRED;
    }
    return ERR_FULL;
}

static void answer_those_due(void)
{
    uint64_t now = clock_now();
    deadline = FOREVER;
    for (struct waiting *w = waiting; w < waiting + WAITING; w++) {
        if (w->token == 0) continue;
        if (w->due <= now) {
            // A caller that died meanwhile is no error here.
            echo_later_answer(w->token, OK, &(struct echo_later_reply){.text = w->text});
            w->token = 0;
        } else if (w->due < deadline) {
            deadline = w->due;
        }
    }
}

int main(void)
{
    const struct echo_server server = {
        .say = say,
        .badge = badge,
        .turn = turn,
        .later = later,
        .timeout = answer_those_due,
        .deadline = &deadline,
    };
    err_t error = echo_serve(cap_named("self"), &server);
    panic("echo cannot receive: error %u", (unsigned)error);
}
