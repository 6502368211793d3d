// SPDX-License-Identifier: MIT
// A game: `snake`, or `snake SEED` for the same apples again. Everything that it needs are four calls of two servers
// and one receive: keys are a notification, the next step is that receive's deadline.
#include "abi/object.h"
#include "common/keys.h"
#include "interfaces/kbd.h"
#include "libsys/ipc.h"
#include "libsys/slots.h"
#include "libsys/start.h"
#include "libsys/stdio.h"
#include "libsys/stdlib.h"
#include "libsys/syscall.h"
#include "libsys/time.h"
#include "user/snake/screen.h"

#define KEY_BIT 1u
#define STEP_NS (160 * NS_PER_MS) // at the start, and less with each apple
#define STEP_LESS_NS (2 * NS_PER_MS)
#define STEP_LEAST_NS (60 * NS_PER_MS)
#define SUBSCRIBE_NS (250 * NS_PER_MS) // kbd may be restarted and forget us

static struct game game;
static uint32_t best;
static bool paused, leaving;

static const struct {
    uint16_t code;
    uint8_t way;
} turns[] = {
    {KEY_RIGHT, RIGHT}, {KEY_DOWN, DOWN}, {KEY_LEFT, LEFT}, {KEY_UP, UP},
    {KEY_D, RIGHT},     {KEY_S, DOWN},    {KEY_A, LEFT},    {KEY_W, UP},
};

static void draw(void)
{
    char text[32];
    screen_draw(&game, best);
    snprintf(text, sizeof text, "%u point%s", game.score, game.score == 1 ? "" : "s");
    if (game.state == LOST) screen_box("GAME OVER", text);
    if (game.state == WON) screen_box("NOTHING LEFT TO EAT", text);
    if (game.state == PLAYING && paused) screen_box("PAUSE", "p goes on");
}

static void new_game(void)
{
    paused = false;
    game_start(&game);
    draw();
}

static void press(const struct kbd_event *event)
{
    bool interrupts = event->code == KEY_C && event->modifiers & MOD_CTRL;
    if (event->code == KEY_Q || event->code == KEY_ESCAPE || interrupts) leaving = true;
    if (event->code == KEY_R || (game.state != PLAYING && event->code == KEY_ENTER)) new_game();
    if (event->code == KEY_P && game.state == PLAYING) {
        paused = !paused;
        draw();
    }
    if (paused) return;
    for (size_t i = 0; i < sizeof turns / sizeof turns[0]; i++)
        if (turns[i].code == event->code) game_turn(&game, turns[i].way);
}

static void press_all(void)
{
    struct kbd_poll_reply reply;
    while (kbd_poll(cap_named("kbd"), &reply) == OK)
        if (reply.event.down) press(&reply.event);
}

static void step(void)
{
    struct step done = game_step(&game);
    if (game.score > best) best = game.score;
    screen_step(&game, &done, best);
    if (game.state != PLAYING) draw();
}

static uint64_t step_time(void)
{
    uint64_t less = game.score * STEP_LESS_NS;
    return less < STEP_NS - STEP_LEAST_NS ? STEP_NS - less : STEP_LEAST_NS;
}

static void subscribe(cap_t notify_keys, uint64_t now)
{
    static uint64_t next;
    if (now < next) return;
    next = now + SUBSCRIBE_NS;
    (void)!kbd_subscribe(cap_named("kbd"), notify_keys); // where kbd is away, the next round tries again
}

static void play(cap_t notify_keys)
{
    uint64_t next_step = clock_now() + STEP_NS;
    new_game();
    while (!leaving) {
        bool runs = game.state == PLAYING && !paused;
        uint64_t now = clock_now();
        subscribe(notify_keys, now);
        if (!screen_is_whole()) draw();
        if (runs && now >= next_step) {
            step();
            next_step = now + step_time();
        }
        if (!runs) next_step = now + step_time(); // a game that goes on begins with a whole step's time
        struct message m = {0};
        uint64_t again = now + SUBSCRIBE_NS;
        (void)!ipc_recv(cap_named("self"), next_step < again ? next_step : again, &m);
        press_all();
    }
}

int main(int argc, char **argv)
{
    game.random = argc > 1 ? strtoul(argv[1], NULL, 10) : clock_now();
    cap_t notify_keys = slot_alloc();
    err_t error = cap_mint(cap_named("self"), NO_CAP, notify_keys.slot, RIGHT_NOTIFY | RIGHT_GRANT, KEY_BIT);
    if (error != OK) {
        print_error("snake", error);
        return 1;
    }
    play(notify_keys);
    screen_leave();
    printf("snake: %u point%s, best %u\n", game.score, game.score == 1 ? "" : "s", best);
    return 0;
}
