// SPDX-License-Identifier: MIT
// The shell: reads a line, does what it says, and begins again. It holds no authority but what boot/system.toml gives:
// vga to write, kbd to read, init to start and end programs.
#include "common/string.h"
#include "user/shell/command.h"
#include "user/shell/console.h"
#include "user/shell/events.h"
#include "user/shell/jobs.h"
#include "user/shell/line.h"

#define PROMPT "annulet> "

static struct line line;
static char text[LINE_BYTES];

static void show_prompt(void)
{
    console_fresh_row();
    console_write(PROMPT, strlen(PROMPT));
    line_forget_screen(&line);
}

// The commonest change, a letter at the end, is one message to vga. Whatever moves the cursor asks vga first where it
// stands: only so does the picture stay right when lines wrap and the screen scrolls.
static void paint(void)
{
    static const char blanks[] = "                                ";
    uint32_t shown = line.shown_cursor, cell;
    struct line_paint p = line_paint(&line);
    if (p.moves_first && console_where(&cell)) console_move(cell + p.from > shown ? cell + p.from - shown : 0);
    if (p.to > p.from) console_write(text, line_utf8(&line, p.from, p.to, text));
    for (uint32_t left = p.blanks, part; left > 0; left -= part) {
        part = left < sizeof blanks - 1 ? left : sizeof blanks - 1;
        console_write(blanks, part);
    }
    uint32_t stands = p.to + p.blanks;
    if (p.moves_last && console_where(&cell)) console_move(cell + p.cursor > stands ? cell + p.cursor - stands : 0);
}

// Takes one key; true when a whole line is there.
static bool edit(uint32_t key)
{
    if (line_append(&line, key)) {
        console_write(&(char){(char)key}, 1);
        return false;
    }
    enum line_event event = line_key(&line, key);
    paint();
    switch (event) {
    case LINE_EDITED:
        return false;
    case LINE_ENTERED:
        console_write("\n", 1);
        return true;
    case LINE_INTERRUPTED:
        console_write("^C\n", 3);
        line_start(&line);
        show_prompt();
        return false;
    case LINE_CLEAR_SCREEN:
        console_clear();
        show_prompt();
        paint();
        return false;
    }
    return false;
}

static void read_line(void)
{
    line_start(&line);
    show_prompt();
    for (;;) {
        uint32_t key;
        while (events_take_key(&key))
            if (edit(key)) return;
        events_wait();
        if (jobs_wrote_a_line()) {
            show_prompt();
            paint();
        }
    }
}

int main(void)
{
    for (;;) {
        read_line();
        line_remember(&line);
        line_utf8(&line, 0, line.text.length, text);
        struct words words;
        const char *complaint = words_split(text, &words);
        if (complaint)
            console_print("%s\n", complaint);
        else
            command_run(&words);
        (void)jobs_wrote_a_line(); // the prompt comes now in any case
    }
}
