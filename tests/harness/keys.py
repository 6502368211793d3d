# SPDX-License-Identifier: MIT
"""Which keys of a US keyboard make a character: QEMU's names of keys (QKeyCode)."""

PLAIN = {
    " ": "spc", "\n": "ret", "\t": "tab", "\b": "backspace", "\x1b": "esc", "-": "minus", "=": "equal",
    "[": "bracket_left", "]": "bracket_right", "\\": "backslash", ";": "semicolon", "'": "apostrophe",
    "`": "grave_accent", ",": "comma", ".": "dot", "/": "slash",
    **{c: c for c in "abcdefghijklmnopqrstuvwxyz0123456789"},
}
SHIFTED = {
    **dict(zip(")!@#$%^&*(", "0123456789")), **{c.upper(): c for c in "abcdefghijklmnopqrstuvwxyz"},
    "_": "minus", "+": "equal", "{": "bracket_left", "}": "bracket_right", "|": "backslash", ":": "semicolon",
    '"': "apostrophe", "~": "grave_accent", "<": "comma", ">": "dot", "?": "slash",
}


def keys_of(character):
    """The keys to hold and press, in order."""
    if character in PLAIN:
        return [PLAIN[character]]
    if character in SHIFTED:
        return ["shift", SHIFTED[character]]
    raise ValueError(f"no key of a US keyboard makes {character!r}")


def key_event(name, down):
    return {"type": "key", "data": {"down": down, "key": {"type": "qcode", "data": name}}}
