// SPDX-License-Identifier: MIT
#include "common/utf8.h"

// One line of Unicode's table of well-formed sequences: which first bytes, how many follow, and what the first of
// those may be (that alone rules out overlong forms, surrogates and what lies above U+10FFFF).
struct form {
    unsigned char first_low, first_high;
    unsigned char following;
    unsigned char second_low, second_high;
};

static const struct form forms[] = {
    {0x00, 0x7f, 0, 0x00, 0x00}, {0xc2, 0xdf, 1, 0x80, 0xbf}, {0xe0, 0xe0, 2, 0xa0, 0xbf},
    {0xe1, 0xec, 2, 0x80, 0xbf}, {0xed, 0xed, 2, 0x80, 0x9f}, {0xee, 0xef, 2, 0x80, 0xbf},
    {0xf0, 0xf0, 3, 0x90, 0xbf}, {0xf1, 0xf3, 3, 0x80, 0xbf}, {0xf4, 0xf4, 3, 0x80, 0x8f},
};

static const struct form *form_of(unsigned char first)
{
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++)
        if (forms[i].first_low <= first && first <= forms[i].first_high) return &forms[i];
    return NULL;
}

size_t utf8_decode(const char *text, size_t length, uint32_t *code)
{
    const unsigned char *bytes = (const unsigned char *)text;
    const struct form *form = form_of(bytes[0]);
    *code = UTF8_INVALID;
    if (form == NULL || form->following >= length) return 1;
    if (form->following == 0) {
        *code = bytes[0];
        return 1;
    }
    if (bytes[1] < form->second_low || bytes[1] > form->second_high) return 1;
    uint32_t value = bytes[0] & (0x3fu >> form->following);
    for (size_t i = 1; i <= form->following; i++) {
        if ((bytes[i] & 0xc0) != 0x80) return 1;
        value = value << 6 | (bytes[i] & 0x3f);
    }
    *code = value;
    return form->following + 1u;
}

size_t utf8_encode(char out[4], uint32_t code)
{
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return 0;
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    size_t following = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    for (size_t i = following; i > 0; i--, code >>= 6)
        out[i] = (char)(0x80 | (code & 0x3f));
    out[0] = (char)(code | (0x780u >> following & 0xf0u)); // as many leading ones as there are bytes
    return following + 1;
}

bool utf8_is_valid(const char *text, size_t length)
{
    for (size_t i = 0; i < length;) {
        uint32_t code;
        i += utf8_decode(text + i, length - i, &code);
        if (code == UTF8_INVALID) return false;
    }
    return true;
}
