# SPDX-License-Identifier: MIT
"""The keyboard, from the key that QEMU presses to what programs see: bytes, events, characters, LEDs."""

import re

import pytest
import session
from harness import Machine
from harness.images import ROOT, BootList, build_folder
from harness.keys import PLAIN

# Names of common/keys.h -> what QEMU calls the key, where lower-casing is not enough.
QEMU_NAMES = {
    "ESCAPE": "esc", "EQUALS": "equal", "LEFT_BRACKET": "bracket_left", "RIGHT_BRACKET": "bracket_right",
    "ENTER": "ret", "LEFT_CTRL": "ctrl", "BACKTICK": "grave_accent", "LEFT_SHIFT": "shift", "PERIOD": "dot",
    "RIGHT_SHIFT": "shift_r", "KEYPAD_STAR": "kp_multiply", "LEFT_ALT": "alt", "SPACE": "spc",
    "KEYPAD_MINUS": "kp_subtract", "KEYPAD_PLUS": "kp_add", "KEYPAD_PERIOD": "kp_decimal", "ISO": "less",
    "KEYPAD_ENTER": "kp_enter", "RIGHT_CTRL": "ctrl_r", "KEYPAD_SLASH": "kp_divide", "PRINT_SCREEN": "print",
    "ALTGR": "alt_r", "MENU": "compose", "PAGE_UP": "pgup", "PAGE_DOWN": "pgdn", "LEFT_META": "meta_l",
    "RIGHT_META": "meta_r",
    **{f"KEYPAD_{digit}": f"kp_{digit}" for digit in range(10)},
}
NOT_PRESSED = {"BREAK", "SYSRQ"}  # what Ctrl-Pause and Alt-Print Screen send: not keys of their own
CHARACTERS = {name: ord(character) for character, name in PLAIN.items()} | {"less": ord("\\"), "delete": 0x7F}
CHARACTERS |= {f"kp_{digit}": ord(str(digit)) for digit in range(10)}
CHARACTERS |= {f"kp_{name}": ord(character) for name, character in
               (("multiply", "*"), ("subtract", "-"), ("add", "+"), ("decimal", "."), ("divide", "/"), ("enter", "\n"))}
MODIFIERS = {"shift": 0x01, "shift_r": 0x01, "ctrl": 0x02, "ctrl_r": 0x02, "alt": 0x04, "alt_r": 0x08}
LOCKS = {"caps_lock": 0x10, "num_lock": 0x20, "scroll_lock": 0x40}
NUM_LOCK = 0x20


def keys():
    """[(QEMU's name, code)] of every key in common/keys.h."""
    text = (ROOT / "common" / "keys.h").read_text(encoding="utf-8")
    found = re.findall(r"^    KEY\((\w+), +(0x[0-9a-f]+),", text, re.MULTILINE)
    return [(QEMU_NAMES.get(name, name.lower()), int(code, 16)) for name, code in found if name not in NOT_PRESSED]


@pytest.fixture(scope="module")
def shell():
    with session.start("kbd", system=session.test_system()) as running:
        yield running


def listen(shell, what):
    """Starts `keys raw` or `keys events` and waits until it listens."""
    shell.enter(f"keys {what}")
    shell.machine.wait(lambda: heard(shell) is not None, "the program that listens", 10)


def heard(shell):
    """What the program has printed behind its first word, until now or up to "end"; rows joined where they wrapped."""
    text = "".join(row.ljust(80) for row in shell.rows())
    found = re.search(r"(?:bytes|events):(.*? end|.*)", text)
    return found[1].rstrip() if found else None


def forget_typed(shell):
    """Takes away what the shell has been typed meanwhile."""
    shell.machine.wait(lambda: shell.last_row().startswith(session.PROMPT.rstrip()), "a prompt", 10)
    shell.press("ctrl", "u")
    shell.wait_prompt()


def events_heard(shell):
    """The events behind F12."""
    return heard(shell).split("058-0/", 1)[1].split()[1:]


def test_keys_1_2_3_give_their_scancodes_and_the_same_plus_0x80(shell):
    listen(shell, "raw")
    for key in ("1", "2", "3", "esc"):
        shell.press(key)
    shell.machine.wait(lambda: heard(shell).endswith("end"), "the bytes", 10)
    assert heard(shell).endswith(" 02 82 03 83 04 84 01 81 end")
    forget_typed(shell)


def events_of(name, code):
    """What pressing and releasing a key gives, as `keys events` shows it; a lock is pressed twice, so that it ends off."""
    if name in LOCKS:
        first = NUM_LOCK ^ LOCKS[name]
        return [f"{code:03x}+0/{first:02x}", f"{code:03x}-0/{first:02x}", f"{code:03x}+0/20", f"{code:03x}-0/20"]
    return [f"{code:03x}+{CHARACTERS.get(name, 0):x}/{NUM_LOCK | MODIFIERS.get(name, 0):02x}", f"{code:03x}-0/20"]


def test_every_key_goes_down_and_up_with_its_code_and_character(shell):
    every = [key for key in keys() if key[0] != "esc"]
    assert len(every) >= 103
    for start in range(0, len(every), 30):  # as many as a screen has room for
        listen(shell, "events")
        shell.press("f12")  # what comes before it may be the end of Enter, or not
        shell.machine.wait(lambda: "058-" in heard(shell), "the first key", 5)
        wanted = []
        for name, code in every[start:start + 30]:
            wanted += events_of(name, code)
            for _ in range(2 if name in LOCKS else 1):
                shell.press(name)
            shell.machine.wait(lambda: len(events_heard(shell)) >= len(wanted), f"the events of {name}", 5)
        shell.press("esc")
        shell.machine.wait(lambda: heard(shell).endswith("end"), "the end", 10)
        assert events_heard(shell)[:-3] == wanted
        forget_typed(shell)


def test_hello_world_is_typed_at_the_prompt(shell):
    assert shell.run("echo Hello World!") == ["Hello World!"]


def test_every_printable_character_can_be_typed(shell):
    letters = "abcdefghijklmnopqrstuvwxyz"
    for text in (letters, letters.upper(), "0123456789", "!@#$%^*()-_=+[]{};:,./?~`"):
        assert shell.run(f"echo {text}") == [text]


def state(shell):
    words = " ".join(shell.run("keys state")).split()
    return dict(zip(words[::2], words[1::2]))


def test_caps_lock_turns_letters_and_only_letters(shell):
    shell.clear()
    for key in ("caps_lock", "a", "1", "b", "caps_lock", "c"):
        shell.press(key)
    shell.machine.wait(lambda: shell.last_row() == session.PROMPT + "A1Bc", "letters turned", 5)
    forget_typed(shell)


def test_the_leds_are_lit_as_the_keyboard_acknowledges(shell):
    assert state(shell)["leds"] == "2"  # Num Lock
    for lock, leds in (("num_lock", "0"), ("scroll_lock", "1"), ("num_lock", "3"), ("scroll_lock", "2")):
        shell.press(lock)
        assert state(shell)["leds"] == leds
    assert state(shell)["failed"] == "0"


def test_the_caps_lock_led_is_lit_as_the_keyboard_acknowledges(shell):
    shell.clear()
    for key in "keys state":
        shell.press("spc" if key == " " else key)
    shell.press("caps_lock")
    shell.press("ret")
    assert shell.wait_row(r"present 1 leds (\d)")[1] == "6"
    shell.press("caps_lock")
    assert state(shell)["leds"] == "2"


def test_a_burst_of_keys_comes_whole_and_in_order(shell):
    shell.clear()
    for key in "abcdefg":  # 14 bytes of the 16 that the keyboard keeps; Ctrl-L may be on its way up
        shell.machine.send_key(key)
    shell.machine.wait(lambda: shell.last_row() == session.PROMPT + "abcdefg", "all seven letters", 5)
    forget_typed(shell)


def test_the_101st_unread_event_is_dropped_counted_and_told_of_once(shell):
    mark = shell.log_mark()
    shell.enter("keys hold 120")
    shell.wait_row(r"^hold: [01]\b")  # Enter may come up before or after it begins
    for sent in range(6, 66, 6):
        for _ in range(6):
            shell.press("a")
        shell.wait_row(rf"^hold: ({2 * sent}|{2 * sent + 1})\b" if sent < 60 else "^hold: .* end")
    queued, dropped = shell.wait_row(r"queued (\d+) dropped (\d+) end").groups()
    assert int(queued) == 100 and 20 <= int(dropped) <= 21
    warning = "kbd: WARNING: scancode queue full; dropping keyboard input"
    shell.machine.wait(lambda: warning in shell.log_since(mark), "the warning", 5)
    shell.machine.wait(lambda: shell.last_row().endswith("a" * 49), "the keys that were kept", 5)
    forget_typed(shell)
    assert shell.log_since(mark).count(warning) == 1
    assert int(state(shell)["queued"]) <= 1  # Enter coming up


def test_keys_that_nobody_listens_to_are_warned_of_once_and_kept(boot):
    listed = BootList(build_folder()).modules
    machine = boot(modules=[module for module in listed if module[1] != "shell"])
    machine.wait_log("^kbd: PS/2 keyboard", 20)
    for key in "abc":
        machine.send_key(key)
    machine.wait_log("^kbd: WARNING: nobody listens to the keyboard yet$", 10)
    session.Session(machine).drain()
    assert machine.log().count("nobody listens") == 1 and "dropping" not in machine.log()


def test_a_keyboard_server_that_is_killed_comes_back_and_types_on(shell):
    shell.enter("kill kbd")
    shell.machine.wait(lambda: shell.machine.log().count("kbd: PS/2 keyboard") == 2, "the successor", 10)
    assert shell.run("echo still here") == ["still here"]
    assert state(shell)["subscribers"] == "1"  # the shell has asked again
    assert state(shell)["leds"] == "2"


def test_what_kbd_must_refuse_is_refused_and_kbd_lives_on(shell):
    assert "refuse: 0 wrong" in shell.run("keys refuse")


def test_a_machine_without_a_keyboard_controller_is_told_of_and_boots():
    with Machine(name="kbd-absent", system=session.test_system(), extra=("-machine", "i8042=off")) as machine:
        machine.wait_log("no keyboard: its controller is absent or does not answer", 30)
        machine.wait_screen(session.PROMPT.rstrip(), 30)
