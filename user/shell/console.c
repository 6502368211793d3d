// SPDX-License-Identifier: MIT
#include "user/shell/console.h"

#include <stdarg.h>

#include "common/format.h"
#include "common/keys.h"
#include "common/string.h"
#include "interfaces/kbd.h"
#include "interfaces/vga.h"
#include "libsys/start.h"
#include "libsys/time.h"
#include "user/shell/events.h"
#include "user/shell/line.h"

#define SCREEN_COLUMNS 80u
#define SCREEN_CELLS (25u * SCREEN_COLUMNS)
#define RETRIES 50
#define RETRY_NS (20 * NS_PER_MS)

static cap_t vga(void)
{
    static cap_t found;
    if (found.slot == 0) found = cap_named("vga");
    return found;
}

// A server that died has not done the call, or not all of it: ask its successor, which comes within the second.
static bool is_worth_another_try(err_t error, int *tries)
{
    if (error != ERR_SERVER_DIED || ++*tries > RETRIES) return false;
    (void)sleep_for(RETRY_NS);
    return true;
}

void console_write(const char *text, size_t length)
{
    for (size_t part; length > 0; text += part, length -= part) {
        part = length < VGA_WRITE_TEXT_MAX ? length : VGA_WRITE_TEXT_MAX;
        int tries = 0;
        err_t error;
        do
            error = vga_write(vga(), text, part);
        while (is_worth_another_try(error, &tries));
    }
}

void console_print(const char *text, ...)
{
    static char line[1024];
    va_list arguments;
    va_start(arguments, text);
    size_t length = format_list(line, sizeof line, text, arguments);
    va_end(arguments);
    console_write(line, length < sizeof line ? length : sizeof line - 1);
}

void console_clear(void)
{
    int tries = 0;
    while (is_worth_another_try(vga_clear(vga()), &tries))
        ;
}

bool console_where(uint32_t *cell)
{
    struct vga_cursor_reply at;
    int tries = 0;
    err_t error;
    do
        error = vga_cursor(vga(), &at);
    while (is_worth_another_try(error, &tries));
    if (error == OK) *cell = at.row * SCREEN_COLUMNS + at.column;
    return error == OK;
}

void console_move(uint32_t cell)
{
    if (cell >= SCREEN_CELLS) cell = SCREEN_CELLS - 1;
    int tries = 0;
    while (is_worth_another_try(vga_move(vga(), (uint8_t)(cell / SCREEN_COLUMNS), (uint8_t)(cell % SCREEN_COLUMNS)),
                                &tries))
        ;
}

void console_fresh_row(void)
{
    uint32_t cell;
    if (console_where(&cell) && cell % SCREEN_COLUMNS != 0) console_write("\n", 1);
}

static cap_t kbd(void)
{
    static cap_t found;
    if (found.slot == 0) found = cap_named("kbd");
    return found;
}

void keys_subscribe(void)
{
    static cap_t notify_keys;
    if (notify_keys.slot == 0) notify_keys = event_capability(EVENT_KEYS);
    // Where kbd is away this fails, and the next round tries again.
    (void)!kbd_subscribe(kbd(), notify_keys);
}

static uint32_t editing_key(const struct kbd_next_reply *event)
{
    static const struct {
        uint16_t code;
        uint32_t key;
    } named[] = {
        {KEY_ENTER, EDIT_ENTER},
        {KEY_KEYPAD_ENTER, EDIT_ENTER},
        {KEY_BACKSPACE, EDIT_BACKSPACE},
        {KEY_DELETE, EDIT_DELETE},
        {KEY_LEFT, EDIT_LEFT},
        {KEY_RIGHT, EDIT_RIGHT},
        {KEY_HOME, EDIT_HOME},
        {KEY_END, EDIT_END},
        {KEY_UP, EDIT_UP},
        {KEY_DOWN, EDIT_DOWN},
    };
    uint32_t character = event->character;
    bool is_text = character > 0x20 && character < 0x7f; // no key with a name makes such a character
    for (size_t i = 0; !is_text && i < sizeof named / sizeof named[0]; i++)
        if (named[i].code == event->code) return named[i].key;
    if (event->modifiers & MOD_CTRL) {
        bool is_letter = (character | 0x20) >= 'a' && (character | 0x20) <= 'z';
        return is_letter ? character & 0x1f : 0;
    }
    return event->modifiers & MOD_ALT || character < 0x20 ? 0 : character;
}

bool keys_next(uint32_t *key)
{
    static uint64_t seen; // kbd numbers events on over its lives
    struct kbd_next_reply reply;
    while (kbd_next(kbd(), seen, &reply) == OK) {
        seen = reply.number;
        *key = reply.down ? editing_key(&reply) : 0;
        if (*key != 0) return true;
    }
    return false;
}
