// SPDX-License-Identifier: MIT
// The words are written back over the line that they are read from: quotes and backslashes only ever make it shorter.
#include "user/shell/words.h"

// Copies one word from *from to *to and steps both behind it. Returns false where a quote is not closed.
static bool take_word(char **from, char **to)
{
    char quote = 0;
    for (char c; (c = **from) != 0; (*from)++) {
        if (quote == 0 && (c == ' ' || c == '\t' || c == '&')) break;
        if (quote == 0 && (c == '\'' || c == '"')) {
            quote = c;
        } else if (c == quote) {
            quote = 0;
        } else {
            if (c == '\\' && quote != '\'' && (*from)[1] != 0) c = *++*from;
            *(*to)++ = c;
        }
    }
    return quote == 0;
}

const char *words_split(char *line, struct words *words)
{
    *words = (struct words){.count = 0};
    char *from = line, *to = line;
    for (;;) {
        while (*from == ' ' || *from == '\t')
            from++;
        if (*from == 0) return NULL;
        if (words->background) return "an & belongs at the end of the line";
        if (*from == '&') {
            if (words->count == 0) return "an & needs a program before it";
            words->background = true;
            from++;
            continue;
        }
        if (words->count == WORDS_MAX) return "too many words";
        char *start = to;
        if (!take_word(&from, &to)) return "a quote is not closed";
        // Where the word ends may be the very place of the blank or & that ended it: look at that before it is lost.
        char end = *from;
        *to++ = 0;
        words->word[words->count++] = start;
        if (end == 0) return NULL;
        if (end == '&') words->background = true;
        from++;
    }
}
