# SPDX-License-Identifier: MIT
"""Frames on the line, as in servers/bridge/protocol.h."""

import struct
import zlib

FLAG, ESCAPE, TURNED = 0x7E, 0x7D, 0x20
VERSION = 1
HEAD = struct.Struct("<BBHI")
HELLO, CALL, CANCEL = 1, 2, 3
WELCOME, RESULT, NOTIFIED, REFUSED = 0x81, 0x82, 0x84, 0x85


def escape(data):
    return data.replace(b"\x7d", b"\x7d\x5d").replace(b"\x7e", b"\x7d\x5e")


def encode(kind, sequence, content=b"", version=VERSION, length=None, crc=None):
    """A frame as it goes on the line. The last three are for tests that spoil it."""
    raw = HEAD.pack(kind, version, len(content) if length is None else length, sequence) + content
    raw += struct.pack("<I", zlib.crc32(raw) if crc is None else crc)
    return b"\x7e" + escape(raw) + b"\x7e"


class Decoder:
    """Bytes in, frames out: (kind, sequence, content). What is no good frame is counted."""

    def __init__(self):
        self.data, self.escaped, self.bad = bytearray(), False, 0

    def take(self, data):
        frames = []
        for byte in data:
            if byte == FLAG:
                if self.data or self.escaped:
                    frame = self.judge()
                    frames += [frame] if frame else []
                self.data, self.escaped = bytearray(), False
            elif byte == ESCAPE and not self.escaped:
                self.escaped = True
            else:
                self.data.append(byte ^ TURNED if self.escaped else byte)
                self.escaped = False
        return frames

    def judge(self):
        raw = bytes(self.data)
        if len(raw) >= HEAD.size + 4 and not self.escaped:
            kind, version, length, sequence = HEAD.unpack_from(raw)
            if (version == VERSION and length == len(raw) - HEAD.size - 4
                    and zlib.crc32(raw[:-4]) == int.from_bytes(raw[-4:], "little")):
                return kind, sequence, raw[HEAD.size:-4]
        self.bad += 1
        return None
