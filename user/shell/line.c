// SPDX-License-Identifier: MIT
// The line editor. Invariant: cursor ≤ text.length ≤ LINE_CELLS, and clean ≤ shown_length.
#include "user/shell/line.h"

#include "common/mem.h"
#include "common/utf8.h"

static void touched(struct line *line, uint32_t cell)
{
    if (cell < line->clean) line->clean = cell;
}

void line_start(struct line *line)
{
    line->text.length = line->cursor = 0;
    line->shown_length = line->shown_cursor = line->clean = 0;
    line->browsing = 0;
}

static void insert(struct line *line, uint32_t character)
{
    struct line_text *text = &line->text;
    if (text->length == LINE_CELLS) return;
    uint32_t *at = &text->cells[line->cursor];
    if (line->cursor < text->length) memmove(at + 1, at, (text->length - line->cursor) * sizeof *at);
    *at = character;
    text->length++;
    touched(line, line->cursor++);
}

// Removes the cells [from, to) and leaves the cursor at `from`.
static void cut(struct line *line, uint32_t from, uint32_t to)
{
    struct line_text *text = &line->text;
    memmove(&text->cells[from], &text->cells[to], (text->length - to) * sizeof text->cells[0]);
    text->length -= to - from;
    line->cursor = from;
    if (from != to) touched(line, from);
}

static uint32_t remembered(const struct line *line)
{
    return line->history_count < LINE_HISTORY ? line->history_count : LINE_HISTORY;
}

static void browse(struct line *line, uint32_t to)
{
    if (to > remembered(line) || to == line->browsing) return;
    if (line->browsing == 0) line->draft = line->text;
    line->text = to == 0 ? line->draft : line->history[(line->history_count - to) % LINE_HISTORY];
    line->browsing = to;
    line->cursor = line->text.length;
    touched(line, 0);
}

static bool is_printable(uint32_t key) { return key >= 0x20 && key <= 0x10ffff && !(key >= 0x7f && key < 0xa0); }

bool line_append(struct line *line, uint32_t key)
{
    const uint32_t end = line->text.length;
    if (key - 0x20 >= 0x7f - 0x20 || end == LINE_CELLS) return false;
    if (line->cursor != end || line->clean != end || line->shown_length != end || line->shown_cursor != end)
        return false;
    line->text.cells[end] = key;
    line->text.length = line->cursor = line->clean = line->shown_length = line->shown_cursor = end + 1;
    return true;
}

enum line_event line_key(struct line *line, uint32_t key)
{
    uint32_t end = line->text.length;
    switch (key) {
    case EDIT_ENTER:
        line->cursor = end;
        return LINE_ENTERED;
    case EDIT_CTRL_C:
        line->cursor = end;
        return LINE_INTERRUPTED;
    case EDIT_CTRL_L:
        return LINE_CLEAR_SCREEN;
    case EDIT_BACKSPACE:
        if (line->cursor > 0) cut(line, line->cursor - 1, line->cursor);
        break;
    case EDIT_DELETE:
        if (line->cursor < end) cut(line, line->cursor, line->cursor + 1);
        break;
    case EDIT_CTRL_U:
        cut(line, 0, line->cursor);
        break;
    case EDIT_CTRL_K:
        cut(line, line->cursor, end);
        break;
    case EDIT_LEFT:
        line->cursor -= line->cursor > 0;
        break;
    case EDIT_RIGHT:
        line->cursor += line->cursor < end;
        break;
    case EDIT_HOME:
    case EDIT_CTRL_A:
        line->cursor = 0;
        break;
    case EDIT_END:
    case EDIT_CTRL_E:
        line->cursor = end;
        break;
    case EDIT_UP:
        browse(line, line->browsing + 1);
        break;
    case EDIT_DOWN:
        if (line->browsing > 0) browse(line, line->browsing - 1);
        break;
    default:
        if (is_printable(key)) insert(line, key);
    }
    return LINE_EDITED;
}

static bool is_blank(const struct line_text *text)
{
    for (uint32_t i = 0; i < text->length; i++)
        if (text->cells[i] != ' ') return false;
    return true;
}

static bool is_same(const struct line_text *a, const struct line_text *b)
{
    return a->length == b->length && memcmp(a->cells, b->cells, a->length * sizeof a->cells[0]) == 0;
}

void line_remember(struct line *line)
{
    const struct line_text *newest = &line->history[(line->history_count - 1) % LINE_HISTORY];
    if (is_blank(&line->text) || (line->history_count > 0 && is_same(newest, &line->text))) return;
    line->history[line->history_count++ % LINE_HISTORY] = line->text;
}

struct line_paint line_paint(struct line *line)
{
    uint32_t length = line->text.length, from = line->clean;
    struct line_paint paint = {.cursor = line->cursor};
    bool is_changed = from < length || from < line->shown_length;
    if (!is_changed) from = line->shown_cursor;
    paint.from = from;
    paint.to = is_changed ? length : from;
    paint.blanks = line->shown_length > length ? line->shown_length - length : 0;
    paint.moves_first = is_changed && from != line->shown_cursor;
    paint.moves_last = paint.to + paint.blanks != line->cursor;
    line->shown_length = line->clean = length;
    line->shown_cursor = line->cursor;
    return paint;
}

void line_forget_screen(struct line *line) { line->shown_length = line->shown_cursor = line->clean = 0; }

size_t line_utf8(const struct line *line, uint32_t from, uint32_t to, char *out)
{
    char *end = out;
    for (uint32_t i = from; i < to; i++) {
        const uint32_t cell = line->text.cells[i];
        if (cell < 0x80)
            *end++ = (char)cell;
        else
            end += utf8_encode(end, cell);
    }
    *end = 0;
    return (size_t)(end - out);
}
