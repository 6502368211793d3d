// SPDX-License-Identifier: MIT
// What the text screen must show, written as plainly as possible and sharing nothing with servers/vga: for tests and fuzzing.
#pragma once

#include <stdint.h>
#include <string.h>

struct model {
    uint16_t cells[25][80];
    uint8_t row, column;
};

// Code page 437 in its own order, as UTF-8: 0x01–0x1f, 0x7f, 0x80–0xff.
static const char model_page[] = "☺☻♥♦♣♠•◘○◙♂♀♪♫☼►◄↕‼¶§▬↨↑↓→←∟↔▲▼"
                                 "⌂"
                                 "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐"
                                 "└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0";

// Takes a sequence apart as its first byte promises, and believes it only if it is the shortest form of a character.
static inline uint32_t model_decode(const char *text, size_t length, size_t *taken)
{
    const uint8_t *b = (const uint8_t *)text;
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t need = b[0] < 0x80 ? 1 : b[0] >> 5 == 6 ? 2 : b[0] >> 4 == 14 ? 3 : b[0] >> 3 == 30 ? 4 : 0;
    *taken = 1;
    if (need <= 1) return need == 1 ? b[0] : UINT32_MAX;
    if (need > length) return UINT32_MAX;
    uint32_t code = b[0] & (0x7fu >> need);
    for (size_t i = 1; i < need; i++) {
        if (b[i] >> 6 != 2) return UINT32_MAX;
        code = code << 6 | (b[i] & 0x3f);
    }
    if (code < smallest[need] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return UINT32_MAX;
    *taken = need;
    return code;
}

static inline uint8_t model_glyph(uint32_t code)
{
    if (code >= 0x20 && code < 0x7f) return (uint8_t)code;
    const char *at = model_page, *end = model_page + sizeof model_page - 1;
    for (uint32_t glyph = 1; at < end; glyph = glyph == 0x1f ? 0x7f : glyph + 1) {
        size_t taken;
        if (model_decode(at, (size_t)(end - at), &taken) == code) return (uint8_t)glyph;
        at += taken;
    }
    return 0xfe;
}

static inline void model_start(struct model *model)
{
    for (int i = 0; i < 25 * 80; i++)
        model->cells[i / 80][i % 80] = 0x0720;
    model->row = 24;
    model->column = 0;
}

static inline void model_newline(struct model *model, uint8_t attribute)
{
    model->column = 0;
    if (model->row < 24) {
        model->row++;
        return;
    }
    memmove(model->cells[0], model->cells[1], sizeof model->cells[0] * 24);
    for (int i = 0; i < 80; i++)
        model->cells[24][i] = (uint16_t)(attribute << 8 | ' ');
}

static inline void model_put(struct model *model, uint8_t glyph, uint8_t attribute)
{
    if (model->column == 80) model_newline(model, attribute);
    model->cells[model->row][model->column++] = (uint16_t)(attribute << 8 | glyph);
}

static inline void model_write(struct model *model, const char *text, size_t length, uint8_t attribute)
{
    for (size_t i = 0, taken; i < length; i += taken) {
        uint32_t code = model_decode(text + i, length - i, &taken);
        if (code == '\n') {
            model_newline(model, attribute);
        } else if (code == '\r') {
            model->column = 0;
        } else if (code == '\b') {
            if (model->column > 0)
                model->column--;
            else if (model->row > 0)
                model->row--, model->column = 79;
        } else if (code == '\t') {
            model_put(model, ' ', attribute);
            while (model->column % 8 != 0)
                model_put(model, ' ', attribute);
        } else {
            model_put(model, code == UINT32_MAX ? 0xfe : model_glyph(code), attribute);
        }
    }
}
