// SPDX-License-Identifier: MIT
// The keys of a PC keyboard, once: kbd's decoder, its clients and the tests take names and numbers from here.
#pragma once

// KEY(name, code, what is printed on it). A code names the key, whatever it means at the moment: the scancode of set 1, plus
// 0x100 where the keyboard sends 0xe0 first, plus 0x200 for the one key that starts with 0xe1.
// clang-format off
#define KEYS(KEY) \
    KEY(ESCAPE,         0x001, "Escape") \
    KEY(1,              0x002, "1") \
    KEY(2,              0x003, "2") \
    KEY(3,              0x004, "3") \
    KEY(4,              0x005, "4") \
    KEY(5,              0x006, "5") \
    KEY(6,              0x007, "6") \
    KEY(7,              0x008, "7") \
    KEY(8,              0x009, "8") \
    KEY(9,              0x00a, "9") \
    KEY(0,              0x00b, "0") \
    KEY(MINUS,          0x00c, "-") \
    KEY(EQUALS,         0x00d, "=") \
    KEY(BACKSPACE,      0x00e, "Backspace") \
    KEY(TAB,            0x00f, "Tab") \
    KEY(Q,              0x010, "Q") \
    KEY(W,              0x011, "W") \
    KEY(E,              0x012, "E") \
    KEY(R,              0x013, "R") \
    KEY(T,              0x014, "T") \
    KEY(Y,              0x015, "Y") \
    KEY(U,              0x016, "U") \
    KEY(I,              0x017, "I") \
    KEY(O,              0x018, "O") \
    KEY(P,              0x019, "P") \
    KEY(LEFT_BRACKET,   0x01a, "[") \
    KEY(RIGHT_BRACKET,  0x01b, "]") \
    KEY(ENTER,          0x01c, "Enter") \
    KEY(LEFT_CTRL,      0x01d, "Left Ctrl") \
    KEY(A,              0x01e, "A") \
    KEY(S,              0x01f, "S") \
    KEY(D,              0x020, "D") \
    KEY(F,              0x021, "F") \
    KEY(G,              0x022, "G") \
    KEY(H,              0x023, "H") \
    KEY(J,              0x024, "J") \
    KEY(K,              0x025, "K") \
    KEY(L,              0x026, "L") \
    KEY(SEMICOLON,      0x027, ";") \
    KEY(APOSTROPHE,     0x028, "'") \
    KEY(BACKTICK,       0x029, "`") \
    KEY(LEFT_SHIFT,     0x02a, "Left Shift") \
    KEY(BACKSLASH,      0x02b, "\\") \
    KEY(Z,              0x02c, "Z") \
    KEY(X,              0x02d, "X") \
    KEY(C,              0x02e, "C") \
    KEY(V,              0x02f, "V") \
    KEY(B,              0x030, "B") \
    KEY(N,              0x031, "N") \
    KEY(M,              0x032, "M") \
    KEY(COMMA,          0x033, ",") \
    KEY(PERIOD,         0x034, ".") \
    KEY(SLASH,          0x035, "/") \
    KEY(RIGHT_SHIFT,    0x036, "Right Shift") \
    KEY(KEYPAD_STAR,    0x037, "Keypad *") \
    KEY(LEFT_ALT,       0x038, "Left Alt") \
    KEY(SPACE,          0x039, "Space") \
    KEY(CAPS_LOCK,      0x03a, "Caps Lock") \
    KEY(F1,             0x03b, "F1") \
    KEY(F2,             0x03c, "F2") \
    KEY(F3,             0x03d, "F3") \
    KEY(F4,             0x03e, "F4") \
    KEY(F5,             0x03f, "F5") \
    KEY(F6,             0x040, "F6") \
    KEY(F7,             0x041, "F7") \
    KEY(F8,             0x042, "F8") \
    KEY(F9,             0x043, "F9") \
    KEY(F10,            0x044, "F10") \
    KEY(NUM_LOCK,       0x045, "Num Lock") \
    KEY(SCROLL_LOCK,    0x046, "Scroll Lock") \
    KEY(KEYPAD_7,       0x047, "Keypad 7") \
    KEY(KEYPAD_8,       0x048, "Keypad 8") \
    KEY(KEYPAD_9,       0x049, "Keypad 9") \
    KEY(KEYPAD_MINUS,   0x04a, "Keypad -") \
    KEY(KEYPAD_4,       0x04b, "Keypad 4") \
    KEY(KEYPAD_5,       0x04c, "Keypad 5") \
    KEY(KEYPAD_6,       0x04d, "Keypad 6") \
    KEY(KEYPAD_PLUS,    0x04e, "Keypad +") \
    KEY(KEYPAD_1,       0x04f, "Keypad 1") \
    KEY(KEYPAD_2,       0x050, "Keypad 2") \
    KEY(KEYPAD_3,       0x051, "Keypad 3") \
    KEY(KEYPAD_0,       0x052, "Keypad 0") \
    KEY(KEYPAD_PERIOD,  0x053, "Keypad .") \
    KEY(SYSRQ,          0x054, "SysRq") \
    KEY(ISO,            0x056, "extra key beside Left Shift") \
    KEY(F11,            0x057, "F11") \
    KEY(F12,            0x058, "F12") \
    KEY(KEYPAD_ENTER,   0x11c, "Keypad Enter") \
    KEY(RIGHT_CTRL,     0x11d, "Right Ctrl") \
    KEY(KEYPAD_SLASH,   0x135, "Keypad /") \
    KEY(PRINT_SCREEN,   0x137, "Print Screen") \
    KEY(ALTGR,          0x138, "AltGr") \
    KEY(BREAK,          0x146, "Break") \
    KEY(HOME,           0x147, "Home") \
    KEY(UP,             0x148, "Up") \
    KEY(PAGE_UP,        0x149, "Page Up") \
    KEY(LEFT,           0x14b, "Left") \
    KEY(RIGHT,          0x14d, "Right") \
    KEY(END,            0x14f, "End") \
    KEY(DOWN,           0x150, "Down") \
    KEY(PAGE_DOWN,      0x151, "Page Down") \
    KEY(INSERT,         0x152, "Insert") \
    KEY(DELETE,         0x153, "Delete") \
    KEY(LEFT_META,      0x15b, "Left Meta") \
    KEY(RIGHT_META,     0x15c, "Right Meta") \
    KEY(MENU,           0x15d, "Menu") \
    KEY(PAUSE,          0x245, "Pause")
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
