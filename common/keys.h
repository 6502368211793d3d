// SPDX-License-Identifier: MIT
// The keys of a PC keyboard, once: kbd's decoder, its clients and the tests take names and numbers from here.
#pragma once

// K(name, code, what is printed on it). A code names the key, whatever it means at the moment: the scancode of set 1, plus
// 0x100 where the keyboard sends 0xe0 first, plus 0x200 for the one key that starts with 0xe1.
// clang-format off
#define KEYS(K) \
    K(ESCAPE,         0x001, "Escape") \
    K(1,              0x002, "1") \
    K(2,              0x003, "2") \
    K(3,              0x004, "3") \
    K(4,              0x005, "4") \
    K(5,              0x006, "5") \
    K(6,              0x007, "6") \
    K(7,              0x008, "7") \
    K(8,              0x009, "8") \
    K(9,              0x00a, "9") \
    K(0,              0x00b, "0") \
    K(MINUS,          0x00c, "-") \
    K(EQUALS,         0x00d, "=") \
    K(BACKSPACE,      0x00e, "Backspace") \
    K(TAB,            0x00f, "Tab") \
    K(Q,              0x010, "Q") \
    K(W,              0x011, "W") \
    K(E,              0x012, "E") \
    K(R,              0x013, "R") \
    K(T,              0x014, "T") \
    K(Y,              0x015, "Y") \
    K(U,              0x016, "U") \
    K(I,              0x017, "I") \
    K(O,              0x018, "O") \
    K(P,              0x019, "P") \
    K(LEFT_BRACKET,   0x01a, "[") \
    K(RIGHT_BRACKET,  0x01b, "]") \
    K(ENTER,          0x01c, "Enter") \
    K(LEFT_CTRL,      0x01d, "Left Ctrl") \
    K(A,              0x01e, "A") \
    K(S,              0x01f, "S") \
    K(D,              0x020, "D") \
    K(F,              0x021, "F") \
    K(G,              0x022, "G") \
    K(H,              0x023, "H") \
    K(J,              0x024, "J") \
    K(K,              0x025, "K") \
    K(L,              0x026, "L") \
    K(SEMICOLON,      0x027, ";") \
    K(APOSTROPHE,     0x028, "'") \
    K(BACKTICK,       0x029, "`") \
    K(LEFT_SHIFT,     0x02a, "Left Shift") \
    K(BACKSLASH,      0x02b, "\\") \
    K(Z,              0x02c, "Z") \
    K(X,              0x02d, "X") \
    K(C,              0x02e, "C") \
    K(V,              0x02f, "V") \
    K(B,              0x030, "B") \
    K(N,              0x031, "N") \
    K(M,              0x032, "M") \
    K(COMMA,          0x033, ",") \
    K(PERIOD,         0x034, ".") \
    K(SLASH,          0x035, "/") \
    K(RIGHT_SHIFT,    0x036, "Right Shift") \
    K(KEYPAD_STAR,    0x037, "Keypad *") \
    K(LEFT_ALT,       0x038, "Left Alt") \
    K(SPACE,          0x039, "Space") \
    K(CAPS_LOCK,      0x03a, "Caps Lock") \
    K(F1,             0x03b, "F1") \
    K(F2,             0x03c, "F2") \
    K(F3,             0x03d, "F3") \
    K(F4,             0x03e, "F4") \
    K(F5,             0x03f, "F5") \
    K(F6,             0x040, "F6") \
    K(F7,             0x041, "F7") \
    K(F8,             0x042, "F8") \
    K(F9,             0x043, "F9") \
    K(F10,            0x044, "F10") \
    K(NUM_LOCK,       0x045, "Num Lock") \
    K(SCROLL_LOCK,    0x046, "Scroll Lock") \
    K(KEYPAD_7,       0x047, "Keypad 7") \
    K(KEYPAD_8,       0x048, "Keypad 8") \
    K(KEYPAD_9,       0x049, "Keypad 9") \
    K(KEYPAD_MINUS,   0x04a, "Keypad -") \
    K(KEYPAD_4,       0x04b, "Keypad 4") \
    K(KEYPAD_5,       0x04c, "Keypad 5") \
    K(KEYPAD_6,       0x04d, "Keypad 6") \
    K(KEYPAD_PLUS,    0x04e, "Keypad +") \
    K(KEYPAD_1,       0x04f, "Keypad 1") \
    K(KEYPAD_2,       0x050, "Keypad 2") \
    K(KEYPAD_3,       0x051, "Keypad 3") \
    K(KEYPAD_0,       0x052, "Keypad 0") \
    K(KEYPAD_PERIOD,  0x053, "Keypad .") \
    K(SYSRQ,          0x054, "SysRq") \
    K(ISO,            0x056, "extra key beside Left Shift") \
    K(F11,            0x057, "F11") \
    K(F12,            0x058, "F12") \
    K(KEYPAD_ENTER,   0x11c, "Keypad Enter") \
    K(RIGHT_CTRL,     0x11d, "Right Ctrl") \
    K(KEYPAD_SLASH,   0x135, "Keypad /") \
    K(PRINT_SCREEN,   0x137, "Print Screen") \
    K(ALTGR,          0x138, "AltGr") \
    K(BREAK,          0x146, "Break") \
    K(HOME,           0x147, "Home") \
    K(UP,             0x148, "Up") \
    K(PAGE_UP,        0x149, "Page Up") \
    K(LEFT,           0x14b, "Left") \
    K(RIGHT,          0x14d, "Right") \
    K(END,            0x14f, "End") \
    K(DOWN,           0x150, "Down") \
    K(PAGE_DOWN,      0x151, "Page Down") \
    K(INSERT,         0x152, "Insert") \
    K(DELETE,         0x153, "Delete") \
    K(LEFT_META,      0x15b, "Left Meta") \
    K(RIGHT_META,     0x15c, "Right Meta") \
    K(MENU,           0x15d, "Menu") \
    K(PAUSE,          0x245, "Pause")
// clang-format on

#define KEY_ENUM(NAME, CODE, TEXT) KEY_##NAME = (CODE),
enum key { KEY_NONE = 0, KEYS(KEY_ENUM) };
#undef KEY_ENUM

#define KEY_CODES 0x300 // every code is below

// What is held or locked, in an event's modifiers.
#define MOD_SHIFT 0x01u
#define MOD_CTRL 0x02u
#define MOD_ALT 0x04u
#define MOD_ALTGR 0x08u
#define MOD_CAPS_LOCK 0x10u
#define MOD_NUM_LOCK 0x20u
#define MOD_SCROLL_LOCK 0x40u
