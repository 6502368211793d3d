# SPDX-License-Identifier: MIT
"""Messages in Python: the same places as in the generated C (docs/interfaces.md, "On the wire").

A client is given a transport with one function:

    call(method, words, body, caps) -> (error, words, body, caps)

words: six numbers; body: bytes, empty for a message in registers; caps: whatever stands for capabilities.
"""

import struct as binary
from collections import namedtuple

from .errors import ERRORS

WORDS = 6
MASK = (1 << 64) - 1
SCALARS = {"u8": "B", "u16": "H", "u32": "I", "u64": "Q", "i8": "b", "i16": "h", "i32": "i", "i64": "q", "bool": "B"}
Field = namedtuple("Field", "name kind of max utf8", defaults=("", 0, False))
Struct = namedtuple("Struct", "name size align members")
Method = namedtuple("Method", "name number request reply")


class BadMessage(ValueError):
    """A message that breaks its interface's rules."""


class ServerError(Exception):
    """An error that came back instead of a reply; .code and .name as in abi/errors.h."""

    def __init__(self, method, code):
        self.method, self.code = method, code
        self.name, text = ERRORS.get(code, (str(code), "unknown error"))
        super().__init__(f"{method}: {self.name}, {text}")


class Client:
    """What the generated classes share."""

    METHODS = {}

    def __init__(self, transport):
        self.transport = transport

    def call(self, name, values, caps):
        """Call a method; the reply as a named tuple, None if the method has none."""
        method = self.METHODS[name]
        words, body = method.request.encode(values)
        error, words, body, caps = self.transport.call(method.number, words, body, caps)
        if error != 0:
            raise ServerError(name, error)
        return method.reply.result(name, method.reply.decode(words, body), caps)


def scalar_size(kind):
    return binary.calcsize(SCALARS[kind])


def to_word(name, kind, value):
    """A scalar as a 64-bit word; ValueError if it is out of range."""
    try:
        if kind == "bool" and value not in (0, 1):
            raise binary.error
        binary.pack("<" + SCALARS[kind], int(value))
    except (binary.error, TypeError):
        raise ValueError(f"{name}: {value!r} is no {kind}") from None
    return int(value) & MASK


def from_word(name, kind, word):
    signed = kind[0] == "i" and word >> 63
    value = word - (1 << 64) if signed else word
    try:
        to_word(name, kind, value)
    except ValueError as error:
        raise BadMessage(str(error)) from None
    return bool(value) if kind == "bool" else value


class Message:
    """One direction of a method: where its fields are, and how they get there and back."""

    def __init__(self, fields, caps, types):
        self.fields, self.caps, self.types = fields, caps, types
        scalars = [f for f in fields if f.kind in SCALARS]
        self.variable = [f for f in fields if f.kind in ("string", "bytes", "list")]
        length_words = (len(self.variable) + 3) // 4
        kept = min(len(scalars), WORDS - length_words)
        self.scalars, self.spilled = scalars[:kept], scalars[kept:]
        self.payload = [f for f in fields if f.kind not in SCALARS]
        self.first = kept + length_words
        self.tuple = None

    def layout(self, field):
        """Alignment and size of an element."""
        if field.kind in ("string", "bytes"):
            return 1, 1
        kind = field.of if field.kind == "list" else field.kind
        if kind in SCALARS:
            return scalar_size(kind), scalar_size(kind)
        return self.types[kind].align, self.types[kind].size

    def result(self, name, values, caps):
        """The values as a named tuple; capabilities that were not sent are None."""
        if len(caps) > len(self.caps):
            raise BadMessage(f"{len(caps)} capabilities came, at most {len(self.caps)} are expected")
        if not self.fields and not self.caps:
            return None
        if self.tuple is None:
            self.tuple = namedtuple(f"{name}_reply", [f.name for f in self.fields] + self.caps)
        given = dict(zip(self.caps, caps))
        return self.tuple(**values, **{cap: given.get(cap) for cap in self.caps})

    def encode(self, values):
        """(words, body) for a dict of values; ValueError if one does not fit its field."""
        words = [to_word(f.name, f.kind, values[f.name]) for f in self.scalars]
        payload = b"".join(to_word(f.name, f.kind, values[f.name]).to_bytes(8, "little") for f in self.spilled)
        lengths = []
        for field in self.payload:
            align, _ = self.layout(field)
            payload += bytes(-len(payload) % align)
            piece, length = self.pack(field, values[field.name])
            payload += piece
            if field in self.variable:
                lengths.append(length)
        for first in range(0, len(lengths), 4):
            words.append(sum(n << 16 * i for i, n in enumerate(lengths[first:first + 4])))
        if len(payload) > (WORDS - self.first) * 8:
            return words + [0] * (WORDS - len(words)), payload
        payload += bytes((WORDS - self.first) * 8 - len(payload))
        return words + list(binary.unpack(f"<{WORDS - self.first}Q", payload)), b""

    def pack(self, field, value):
        """The bytes of a field, and its length."""
        if field.kind == "string":
            raw = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else bytes(value)
            if b"\0" in raw:
                raise ValueError(f"{field.name}: a text has no NUL inside")
            self.check_length(field, len(raw))
            return raw + b"\0", len(raw)
        if field.kind == "bytes":
            value = value.encode("utf-8", "surrogateescape") if isinstance(value, str) else value
            self.check_length(field, len(value))
            return bytes(value), len(value)
        if field.kind == "list":
            self.check_length(field, len(value))
            return b"".join(self.pack_one(field.name, field.of, one) for one in value), len(value)
        return self.pack_one(field.name, field.kind, value), 0

    @staticmethod
    def check_length(field, length):
        if length > field.max:
            raise ValueError(f"{field.name}: {length} is more than {field.max}")

    def pack_one(self, name, kind, value):
        if kind in SCALARS:
            return to_word(name, kind, value).to_bytes(8, "little")[:scalar_size(kind)]
        raw = bytearray(self.types[kind].size)
        members = {member for member, _, _ in self.types[kind].members}
        if set(value) != members:
            raise ValueError(f"{name}: wants {', '.join(sorted(members))}")
        for member, scalar, offset in self.types[kind].members:
            word = to_word(f"{name}.{member}", scalar, value[member]).to_bytes(8, "little")
            raw[offset:offset + scalar_size(scalar)] = word[:scalar_size(scalar)]
        return bytes(raw)

    def decode(self, words, body):
        """A dict of values; BadMessage if the message breaks a rule that the generated C checks too."""
        values = {f.name: from_word(f.name, f.kind, words[i]) for i, f in enumerate(self.scalars)}
        lengths = {}
        for i, field in enumerate(self.variable):
            lengths[field.name] = words[len(self.scalars) + i // 4] >> 16 * (i % 4) & 0xFFFF
            if lengths[field.name] > field.max:
                raise BadMessage(f"{field.name}: {lengths[field.name]} is more than {field.max}")
        unused = len(self.variable) % 4
        if unused and words[self.first - 1] >> 16 * unused:
            raise BadMessage("there are more lengths than fields")
        places, size = self.places(lengths)
        room = (WORDS - self.first) * 8
        payload = bytes(body) or binary.pack(f"<{WORDS - self.first}Q", *words[self.first:])
        if len(body) not in (0, size) or (not body and size > room):
            raise BadMessage(f"a payload of {size} bytes came in {len(body)}")
        for i, field in enumerate(self.spilled):
            values[field.name] = from_word(field.name, field.kind, int.from_bytes(payload[8 * i:8 * i + 8], "little"))
        for field in self.payload:
            values[field.name] = self.unpack(field, payload, places[field.name], lengths.get(field.name, 1))
        return values

    def places(self, lengths):
        places, size = {}, 8 * len(self.spilled)
        for field in self.payload:
            align, unit = self.layout(field)
            size += -size % align
            places[field.name] = size
            size += lengths.get(field.name, 1) * unit + (field.kind == "string")
        return places, size

    def unpack(self, field, payload, at, length):
        if field.kind == "string":
            raw = payload[at:at + length + 1]
            if raw.find(b"\0") != length:
                raise BadMessage(f"{field.name}: the closing NUL is not where the length says")
            return raw[:-1].decode("utf-8", "strict" if field.utf8 else "surrogateescape")
        if field.kind == "bytes":
            return payload[at:at + length]
        kind = field.of if field.kind == "list" else field.kind
        unit = self.layout(field)[1]
        items = [self.unpack_one(field.name, kind, payload[at + i * unit:at + (i + 1) * unit]) for i in range(length)]
        return items if field.kind == "list" else items[0]

    def unpack_one(self, name, kind, raw):
        if kind in SCALARS:
            value = binary.unpack("<" + SCALARS[kind], raw)[0]
            return from_word(name, kind, value & MASK)
        values, covered = {}, bytearray(raw)
        for member, scalar, offset in self.types[kind].members:
            size = scalar_size(scalar)
            value = binary.unpack_from("<" + SCALARS[scalar], raw, offset)[0]
            values[member] = from_word(f"{name}.{member}", scalar, value & MASK)
            covered[offset:offset + size] = bytes(size)
        if any(covered):
            raise BadMessage(f"{name}: the gaps between its fields are not 0")
        return values
