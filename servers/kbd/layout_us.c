// SPDX-License-Identifier: MIT
// The US layout of a PC keyboard (US-104; the key beside Left Shift that only other keyboards have is a backslash).
#include "servers/kbd/layout.h"

#include "common/keys.h"

#define TEXT(KEY, SMALL, SHIFTED) [KEY_##KEY] = {.plain = (SMALL), .shift = (SHIFTED), .kind = PLAIN}
#define SAME(KEY, CHARACTER) TEXT(KEY, CHARACTER, CHARACTER)
#define CASED(KEY, SMALL, BIG) [KEY_##KEY] = {.plain = (SMALL), .shift = (BIG), .kind = LETTER}
#define DIGIT(KEY, CHARACTER) [KEY_##KEY] = {.plain = (CHARACTER), .kind = KEYPAD}

// clang-format off
const struct layout layout_us = {
    .name = "US",
    .keys = {
        TEXT(1, '1', '!'), TEXT(2, '2', '@'), TEXT(3, '3', '#'), TEXT(4, '4', '$'),
        TEXT(5, '5', '%'), TEXT(6, '6', '^'), TEXT(7, '7', '&'), TEXT(8, '8', '*'),
        TEXT(9, '9', '('), TEXT(0, '0', ')'), TEXT(MINUS, '-', '_'), TEXT(EQUALS, '=', '+'),
        TEXT(LEFT_BRACKET, '[', '{'), TEXT(RIGHT_BRACKET, ']', '}'), TEXT(SEMICOLON, ';', ':'), TEXT(APOSTROPHE, '\'', '"'),
        TEXT(BACKTICK, '`', '~'), TEXT(BACKSLASH, '\\', '|'), TEXT(COMMA, ',', '<'), TEXT(PERIOD, '.', '>'),
        TEXT(SLASH, '/', '?'), TEXT(ISO, '\\', '|'),

        SAME(SPACE, ' '), SAME(ENTER, '\n'), SAME(TAB, '\t'), SAME(BACKSPACE, '\b'),
        SAME(ESCAPE, 0x1b), SAME(DELETE, 0x7f), SAME(KEYPAD_ENTER, '\n'), SAME(KEYPAD_SLASH, '/'),
        SAME(KEYPAD_STAR, '*'), SAME(KEYPAD_MINUS, '-'), SAME(KEYPAD_PLUS, '+'),

        CASED(Q, 'q', 'Q'), CASED(W, 'w', 'W'), CASED(E, 'e', 'E'), CASED(R, 'r', 'R'), CASED(T, 't', 'T'),
        CASED(Y, 'y', 'Y'), CASED(U, 'u', 'U'), CASED(I, 'i', 'I'), CASED(O, 'o', 'O'), CASED(P, 'p', 'P'),
        CASED(A, 'a', 'A'), CASED(S, 's', 'S'), CASED(D, 'd', 'D'), CASED(F, 'f', 'F'), CASED(G, 'g', 'G'),
        CASED(H, 'h', 'H'), CASED(J, 'j', 'J'), CASED(K, 'k', 'K'), CASED(L, 'l', 'L'),
        CASED(Z, 'z', 'Z'), CASED(X, 'x', 'X'), CASED(C, 'c', 'C'), CASED(V, 'v', 'V'), CASED(B, 'b', 'B'),
        CASED(N, 'n', 'N'), CASED(M, 'm', 'M'),

        DIGIT(KEYPAD_0, '0'), DIGIT(KEYPAD_1, '1'), DIGIT(KEYPAD_2, '2'), DIGIT(KEYPAD_3, '3'),
        DIGIT(KEYPAD_4, '4'), DIGIT(KEYPAD_5, '5'), DIGIT(KEYPAD_6, '6'), DIGIT(KEYPAD_7, '7'),
        DIGIT(KEYPAD_8, '8'), DIGIT(KEYPAD_9, '9'), DIGIT(KEYPAD_PERIOD, '.'),
    },
};
// clang-format on
