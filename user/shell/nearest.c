// SPDX-License-Identifier: MIT
// Edit distance after Damerau and Levenshtein, in the form that changes no letter twice.
#include "user/shell/nearest.h"

#include "common/mem.h"
#include "common/string.h"

static unsigned lesser(unsigned a, unsigned b) { return a < b ? a : b; }

unsigned edit_distance(const char *a, const char *b)
{
    size_t length_a = strlen(a), length_b = strlen(b);
    if (length_a >= NEAREST_LONGEST || length_b >= NEAREST_LONGEST) return NEAREST_LONGEST;
    unsigned rows[3][NEAREST_LONGEST]; // row i is in rows[i % 3]: a swap looks two rows back
    for (unsigned j = 0; j <= length_b; j++)
        rows[0][j] = j;
    for (unsigned i = 1; i <= length_a; i++) {
        unsigned *row = rows[i % 3];
        const unsigned *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];
        row[0] = i;
        for (unsigned j = 1; j <= length_b; j++) {
            bool is_same = a[i - 1] == b[j - 1];
            row[j] = lesser(above[j - 1] + !is_same, lesser(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = lesser(row[j], two_above[j - 2] + 1);
        }
    }
    return rows[length_a % 3][length_b];
}

void nearest_start(struct nearest *nearest, const char *word)
{
    // A third of the letters may be wrong, and one in any case: more than that is a guess, not a slip.
    size_t length = strlen(word);
    unsigned allowed = length < 6 ? 1 : (unsigned)lesser((unsigned)length / 3, 3);
    *nearest = (struct nearest){.word = word, .distance = allowed + 1};
}

void nearest_offer(struct nearest *nearest, const char *candidate)
{
    unsigned distance = edit_distance(nearest->word, candidate);
    if (distance >= nearest->distance || strlen(candidate) >= sizeof nearest->best) return;
    nearest->distance = distance;
    memcpy(nearest->best, candidate, strlen(candidate) + 1);
}
