# SPDX-License-Identifier: MIT
"""Every key of a US keyboard with 104 keys, alone and with each modifier and lock, against the table below: QEMU presses,
kbd says what it was. The shell is left out, which would take the keys."""

import re
import time

import bridged
import pytest

# The rows of the keyboard: QEMU's name, code of set 1 (0x100: behind 0xe0; Pause: behind 0xe1), what is printed on it:
# nothing, one character, or two (the second with Shift).
TABLE = """
esc 01 \\e  f1 3b  f2 3c  f3 3d  f4 3e  f5 3f  f6 40  f7 41  f8 42  f9 43  f10 44  f11 57  f12 58
print 137  scroll_lock 46  pause 245
grave_accent 29 `~  1 02 1!  2 03 2@  3 04 3#  4 05 4$  5 06 5%  6 07 6^  7 08 7&  8 09 8*  9 0a 9(  0 0b 0)
minus 0c -_  equal 0d =+  backspace 0e \\b  insert 152  home 147  pgup 149  num_lock 45
kp_divide 135 /  kp_multiply 37 *  kp_subtract 4a -
tab 0f \\t  q 10 qQ  w 11 wW  e 12 eE  r 13 rR  t 14 tT  y 15 yY  u 16 uU  i 17 iI  o 18 oO  p 19 pP
bracket_left 1a [{  bracket_right 1b ]}  backslash 2b \\|  delete 153 \\d  end 14f  pgdn 151
kp_7 47 7  kp_8 48 8  kp_9 49 9  kp_add 4e +
caps_lock 3a  a 1e aA  s 1f sS  d 20 dD  f 21 fF  g 22 gG  h 23 hH  j 24 jJ  k 25 kK  l 26 lL
semicolon 27 ;:  apostrophe 28 '"  ret 1c \\n  kp_4 4b 4  kp_5 4c 5  kp_6 4d 6
shift 2a  z 2c zZ  x 2d xX  c 2e cC  v 2f vV  b 30 bB  n 31 nN  m 32 mM  comma 33 ,<  dot 34 .>  slash 35 /?
shift_r 36  up 148  kp_1 4f 1  kp_2 50 2  kp_3 51 3  kp_enter 11c \\n
ctrl 1d  meta_l 15b  alt 38  spc 39 \\s  alt_r 138  meta_r 15c  compose 15d  ctrl_r 11d
left 14b  down 150  right 14d  kp_0 52 0  kp_decimal 53 .
"""
PRINTED = {"\\e": "\x1b", "\\b": "\b", "\\t": "\t", "\\n": "\n", "\\s": " ", "\\d": "\x7f"}
SHIFT, CTRL, ALT, ALTGR, CAPS, NUM, SCROLL = (1 << i for i in range(7))
MODIFIERS = {"shift": SHIFT, "shift_r": SHIFT, "ctrl": CTRL, "ctrl_r": CTRL, "alt": ALT, "alt_r": ALTGR}
LOCKS = {"caps_lock": CAPS, "num_lock": NUM, "scroll_lock": SCROLL}
# What is held or locked while all the other keys are pressed.
HELD = [(), ("shift",), ("shift_r",), ("ctrl",), ("alt",), ("alt_r",), ("caps_lock",), ("caps_lock", "shift"),
        ("num_lock",), ("num_lock", "shift"), ("ctrl_r", "alt")]
AT_ONCE = 3  # keys: the keyboard keeps 16 bytes, Pause has six and other keys up to four
# With Alt it is another key, with Ctrl Pause is: QEMU sends what a keyboard does, and that releases and presses modifiers.
ELSEWHERE = {"print": {"alt", "alt_r"}, "pause": {"ctrl", "ctrl_r"}}


def table():
    """{name: (code, plain, shifted)}; characters are "" where nothing is printed."""
    keys = {}
    for entry in re.split(r"  |\n", TABLE.strip()):
        name, code, *printed = entry.split(" ")
        printed = PRINTED.get(printed[0], printed[0]) if printed else ""
        keys[name] = (int(code, 16), printed[:1], printed[1:] or printed[:1])
    return keys


KEYS = table()


def character(name, modifiers):
    """What a US keyboard means by it."""
    _, plain, shifted = KEYS[name]
    shift = bool(modifiers & SHIFT)
    if plain.isalpha():
        shift ^= bool(modifiers & CAPS)
    if name.startswith("kp_") and (plain.isdigit() or plain == "."):
        return plain if bool(modifiers & NUM) != shift else ""
    return shifted if shift else plain


@pytest.fixture(scope="module")
def system():
    with bridged.connected("kbd-layout", without=("shell",)) as connected:
        yield connected


def events(system, count):
    """The next events: (code, down, modifiers, character)."""
    from interfaces.wire import ServerError
    found, limit = [], time.monotonic() + 10
    while len(found) < count:
        try:
            event = system.kbd.poll().event
            found.append((event["code"], event["down"], event["modifiers"], event["character"]))
        except ServerError as error:
            assert error.name == "ERR_EMPTY" and time.monotonic() < limit, found
            time.sleep(0.005)
    return found


def test_the_table_has_104_keys():
    assert len(KEYS) == 104
    assert len({code for code, _, _ in KEYS.values()}) == 104
    assert {p for _, plain, shifted in KEYS.values() for p in (plain, shifted)} >= {chr(c) for c in range(0x20, 0x7F)}


@pytest.mark.parametrize("held", HELD, ids=lambda held: "+".join(held) or "alone")
def test_every_key_means_what_is_printed_on_it(system, held):
    modifiers = NUM
    for name in held:
        if name in LOCKS:
            modifiers ^= LOCKS[name]
            system.machine.send_key(name)
        else:
            modifiers |= MODIFIERS[name]
            system.machine.key_down(name)
        events(system, 1 + (name in LOCKS))
    names = [name for name in KEYS if name not in held and name not in LOCKS
             and not ELSEWHERE.get(name, set()) & set(held)]
    assert len(names) >= 97
    for start in range(0, len(names), AT_ONCE):
        wanted = []
        for name in names[start:start + AT_ONCE]:
            mine = MODIFIERS.get(name, 0)
            down = character(name, modifiers | mine)
            wanted += [(KEYS[name][0], True, modifiers | mine, ord(down) if down else 0),
                       (KEYS[name][0], False, modifiers, 0)]
            system.machine.send_key(name)
        assert events(system, len(wanted)) == wanted
    for name in reversed(held):
        if name in LOCKS:
            system.machine.send_key(name)
        else:
            system.machine.key_up(name)
        events(system, 1 + (name in LOCKS))
    assert system.kbd.state().modifiers == NUM
    assert system.kbd.state().queued == 0


@pytest.mark.parametrize("modifier, name, code", [("ctrl", "pause", 0x146), ("alt", "print", 0x54)])
def test_two_keys_are_others_behind_a_modifier(system, modifier, name, code):
    system.machine.key_down(modifier)
    system.machine.send_key(name)
    system.machine.key_up(modifier)
    seen = events(system, 1)
    while seen[-1][:2] != (KEYS[modifier][0], False) or system.kbd.state().queued:
        seen += events(system, 1)
    assert [event[:2] for event in seen if event[0] not in (KEYS[modifier][0],)] == [(code, True), (code, False)]
