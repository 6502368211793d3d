// SPDX-License-Identifier: MIT
// The line editor: pure C without input or output. Keys go in, and out comes what has to be painted.
// A line is a row of cells, one code point each, so that nothing here need know how long a character is in UTF-8.
#pragma once

#include "abi/types.h"

#define LINE_CELLS 240u
#define LINE_BYTES (LINE_CELLS * 4 + 1) // the longest line as UTF-8, with its NUL
#define LINE_HISTORY 16u

// Keys are code points; Ctrl with a letter is its control character. What has no character is numbered above Unicode.
enum edit_key {
    EDIT_CTRL_A = 0x01,
    EDIT_CTRL_C = 0x03,
    EDIT_CTRL_E = 0x05,
    EDIT_BACKSPACE = 0x08,
    EDIT_CTRL_K = 0x0b,
    EDIT_CTRL_L = 0x0c,
    EDIT_ENTER = 0x0a,
    EDIT_CTRL_U = 0x15,
    EDIT_DELETE = 0x7f,
    EDIT_LEFT = 0x110000,
    EDIT_RIGHT,
    EDIT_HOME,
    EDIT_END,
    EDIT_UP,
    EDIT_DOWN,
};

enum line_event {
    LINE_EDITED,       // paint, and go on
    LINE_ENTERED,      // the line is complete
    LINE_INTERRUPTED,  // Ctrl-C: the line is to be forgotten
    LINE_CLEAR_SCREEN, // Ctrl-L: the line stays, the screen does not
};

struct line_text {
    uint32_t cells[LINE_CELLS];
    uint32_t length;
};

struct line {
    struct line_text text;
    uint32_t cursor; // ≤ text.length: the cell that the next character takes

    // What the screen shows of the line; line_paint brings it up to date.
    uint32_t shown_length;
    uint32_t shown_cursor;
    uint32_t clean; // cells before this one look on the screen as they are

    // A ring of what was entered; `browsing` counts back from the newest, 0 being the line that is written now.
    struct line_text history[LINE_HISTORY];
    uint32_t history_count; // ever
    uint32_t browsing;
    struct line_text draft; // the line that is written now, while older ones are looked at
};

// How to bring the screen up to date, in this order. Cells are counted from the start of the line.
struct line_paint {
    bool moves_first; // put the screen's cursor on cell `from`; otherwise it stands there already
    bool moves_last;  // put it on cell `cursor` at the end
    uint32_t from;    // write the cells from here …
    uint32_t to;      // … up to this one,
    uint32_t blanks;  // then this many blanks, over what the line was longer before
    uint32_t cursor;
};

// A new, empty line; the history stays.
void line_start(struct line *line);

// The commonest key: a character of ASCII behind all others, on a line that is painted. True: the line has it and counts as
// painted, so the caller shows it. False: nothing was done.
bool line_append(struct line *line, uint32_t key);

// Control characters that mean nothing here and characters for which there is no room change nothing.
enum line_event line_key(struct line *line, uint32_t key);

// Adds the line to the history, unless it is blank or the same as the one before.
void line_remember(struct line *line);

// What to paint; afterwards the line counts as painted.
struct line_paint line_paint(struct line *line);

// The screen was cleared or written over: the whole line is to be painted from where the cursor now stands.
void line_forget_screen(struct line *line);

// Cells [from, to) as UTF-8, closed by a NUL. Returns the bytes without the NUL; `out` has room for LINE_BYTES.
size_t line_utf8(const struct line *line, uint32_t from, uint32_t to, char *out);
