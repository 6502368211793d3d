# SPDX-License-Identifier: MIT
"""An interface as interface.toml describes it, checked, with the place of every value in a message.

A message is six words in registers and, where they are not enough, a body of up to 4064 bytes:

    scalars, one word each, in the order of declaration
    lengths of texts, byte strings and lists: 16 bits each, four to a word
    payload: everything else, each item at a multiple of its alignment; in the words that are left
             if it fits there, otherwise in the body

If there are more scalars than words, the last of them go to the front of the payload, 8 bytes each.
"""

from dataclasses import dataclass, field

import names

WORDS = 6
BODY_MAX = 4064
CAPS_MAX = 4
SCALARS = {f"{sign}{bits}": bits // 8 for bits in (8, 16, 32, 64) for sign in "ui"} | {"bool": 1}


@dataclass
class Field:
    name: str
    doc: str
    kind: str  # "scalar", "struct", "string", "bytes" or "list"
    type: str  # a scalar's or struct's name; of a list: its elements'
    struct: object = None  # the Struct of a struct or a list of them
    max: int = 0  # bytes, or elements of a list
    utf8: bool = False

    @property
    def variable(self):
        return self.kind in ("string", "bytes", "list")

    @property
    def length_name(self):
        return self.name + ("_count" if self.kind == "list" else "_length")

    @property
    def align(self):
        if self.kind in ("string", "bytes"):
            return 1
        return self.struct.align if self.struct else SCALARS[self.type]

    @property
    def unit(self):
        """Bytes of one element; of a struct, the whole."""
        if self.kind in ("string", "bytes"):
            return 1
        return self.struct.size if self.struct else SCALARS[self.type]

    @property
    def most(self):
        """Bytes in the payload at most; a text's closing NUL included."""
        if self.kind == "struct":
            return self.unit
        return self.max * self.unit + (self.kind == "string")


@dataclass
class Member:
    name: str
    type: str  # a scalar's name; "" for padding
    doc: str
    offset: int
    size: int


@dataclass
class Struct:
    name: str
    doc: str
    members: list
    size: int = 0
    align: int = 1

    @property
    def padded(self):
        return any(not m.type for m in self.members)

    @property
    def any_bytes(self):
        """Every byte string of the right size is a valid value."""
        return all(m.type and m.type != "bool" for m in self.members)


@dataclass
class Message:
    """One direction of a method."""

    fields: list
    caps: list
    # where things are; see the top of this file
    scalars: list = field(default_factory=list)  # in words
    spilled: list = field(default_factory=list)  # scalars at the front of the payload
    variable: list = field(default_factory=list)
    payload: list = field(default_factory=list)  # structs and variable fields
    first: int = 0  # word where the payload starts
    most: int = 0  # bytes of the payload at most

    @property
    def length_word(self):
        return len(self.scalars)

    @property
    def words_only(self):
        """Nothing but numbers that fit the words."""
        return not (self.caps or self.payload or self.spilled)

    @property
    def room(self):
        """Bytes of payload that travel in words."""
        return (WORDS - self.first) * 8

    def __bool__(self):
        return bool(self.fields or self.caps)


@dataclass
class Method:
    name: str
    number: int
    doc: str
    idempotent: bool
    request: Message
    reply: Message
    errors: list

    @property
    def words_only(self):
        return self.request.words_only and self.reply.words_only


@dataclass
class Interface:
    file: str
    name: str
    doc: str
    structs: list
    methods: list


def align_up(offset, align):
    return (offset + align - 1) // align * align


def read_name(table, key, name):
    reason = names.refusal(name)
    if reason:
        raise table.wrong(key, reason)
    return name


def read_interface(root):
    """The Interface in a Table of a whole file."""
    head = root.table("interface")
    name = read_name(head, "name", head.text("name"))
    if len(name) > names.NAME_BYTES:
        raise head.wrong("name", f"a service's name has at most {names.NAME_BYTES} characters")
    if name in ("wire", "errors"):
        raise head.wrong("name", f'"{name}" is the name of a file that all interfaces share')
    doc = read_doc(head)
    head.close()
    taken = names.Taken()
    for function in names.system_functions():
        taken.origin[function] = "a function of libsys"
    claim_loop(head, taken, name)
    types = root.table("types", {})
    structs = {}
    for key in types.values:
        read_name(types, key, key)
        if key in SCALARS or key in ("string", "bytes", "list"):
            raise types.wrong(key, f'"{key}" is a built-in type')
        taken.claim(types, key, f"{name}_{key}", f"the type {key}")
        structs[key] = read_struct(types.table(key), key)
    methods = root.table("methods")
    result = []
    for key in methods.values:
        method = read_method(methods.table(key), key, structs, name)
        claim_method(methods, taken, name, method)
        for other in result:
            if other.number == method.number:
                raise methods.wrong(f"{key}.number", f"{method.number} is already the number of {other.name}")
        result.append(method)
    if not result:
        raise root.wrong("methods", "an interface has at least one method")
    root.close()
    return Interface(root.file, name, doc, list(structs.values()), sorted(result, key=lambda m: m.number))


def read_doc(table):
    doc = " ".join(table.get("doc", str).split())
    if not doc:
        raise table.wrong("doc", "is empty")
    if any(ord(c) < 32 or ord(c) == 127 for c in doc):
        raise table.wrong("doc", "has control characters")
    return doc


def claim_loop(head, taken, name):
    for suffix, what in (("serve", "the server's loop"), ("server", "the server's handlers"),
                         ("dispatch", "the server's dispatch")):
        taken.claim(head, "name", f"{name}_{suffix}", what)


def claim_method(methods, taken, name, method):
    key = method.name
    if key in ("notified", "fault", "timeout", "deadline"):
        raise methods.wrong(key, f'"{key}" is a member of struct {name}_server')
    if key in ("call", "transport"):
        raise methods.wrong(key, f'"{key}" is a member of every Python client')
    taken.claim(methods, key, f"{name}_{key}", f"the method {key}")
    taken.claim(methods, key, f"{name}_{key}_answer", f"the deferred answer of {key}")
    taken.claim(methods, key, f"{name}_{key}_reply", f"the reply of {key}")
    taken.claim(methods, key, f"{name}_method_{key}".upper(), f"the number of {key}")
    for message, middle in ((method.request, ""), (method.reply, "reply_")):
        for item in message.variable:
            taken.claim(methods, key, f"{name}_{key}_{middle}{item.name}_max".upper(), f"a limit of {key}")
    for i, cap in enumerate(method.request.caps):
        taken.claim(methods, key, f"{name}_{key}_{cap}".upper(), f"the place of {key}'s capability {cap}")


def read_struct(table, name):
    struct = Struct(name, read_doc(table), [])
    padding = 0
    for item in table.tables("fields"):
        member = read_name(item, "name", item.text("name"))
        if member.startswith("padding"):
            raise item.wrong("name", '"padding…" names the gaps that the compiler fills')
        if any(m.name == member for m in struct.members):
            raise item.wrong("name", f'"{member}" is there twice')
        kind = item.text("type")
        if kind not in SCALARS:
            raise item.wrong("type", f'"{kind}" is not a number or bool: {", ".join(SCALARS)}')
        size = SCALARS[kind]
        at = align_up(struct.size, size)
        if at > struct.size:
            struct.members.append(Member(f"padding{padding}", "", "", struct.size, at - struct.size))
            padding += 1
        struct.members.append(Member(member, kind, read_doc(item), at, size))
        struct.size, struct.align = at + size, max(struct.align, size)
        item.close()
    if not struct.members:
        raise table.wrong("fields", "a type has at least one field")
    end = align_up(struct.size, struct.align)
    if end > struct.size:
        struct.members.append(Member(f"padding{padding}", "", "", struct.size, end - struct.size))
    struct.size = end
    if end > BODY_MAX:
        raise table.wrong("fields", f"{end} bytes are more than the {BODY_MAX} of a message")
    table.close()
    return struct


def read_method(table, name, structs, interface):
    reason = names.refusal(name)
    if reason:
        raise table.wrong("", reason)
    number = table.number("number", 1, 0xFFFF)
    doc = read_doc(table)
    idempotent = table.get("idempotent", bool)
    request = read_message(table, "in", structs, {interface, "reply"})
    reply = read_message(table, "out", structs, set())
    errors = table.texts("errors", [])
    for i, error in enumerate(errors):
        if error not in names.errors() or error == "OK":
            raise table.wrong(f"errors[{i}]", f'"{error}" is no error of abi/errors.h')
    table.close()
    return Method(name, number, doc, idempotent, request, reply, errors)


def read_message(table, key, structs, forbidden):
    fields, taken = [], {}

    def claim(where, place, name):
        if name in taken:
            raise where.wrong(place, f'"{name}" is there twice, as {taken[name]}')
        if name in forbidden:
            raise where.wrong(place, f'"{name}" clashes with a parameter of the stub')
        taken[name] = f"{place} of {where.path}"

    for item in table.tables(key, []):
        entry = read_field(item, structs)
        claim(item, "name", entry.name)
        if entry.variable:
            claim(item, "name", entry.length_name)
        fields.append(entry)
    caps = table.texts(f"{key}_caps", [])
    if len(caps) > CAPS_MAX:
        raise table.wrong(f"{key}_caps", f"{len(caps)} capabilities are more than the {CAPS_MAX} of a message")
    for i, cap in enumerate(caps):
        claim(table, f"{key}_caps[{i}]", read_name(table, f"{key}_caps[{i}]", cap))
    return place(table, key, Message(fields, caps))


def read_field(item, structs):
    name = read_name(item, "name", item.text("name"))
    kind = item.text("type")
    doc = read_doc(item)
    if kind in SCALARS:
        entry = Field(name, doc, "scalar", kind)
    elif kind in structs:
        entry = Field(name, doc, "struct", kind, structs[kind])
    elif kind in ("string", "bytes"):
        entry = Field(name, doc, kind, kind, max=item.number("max", 1, BODY_MAX))
        if kind == "string":
            entry.utf8 = item.get("utf8", bool, False)
    elif kind == "list":
        of = item.text("of")
        if of not in SCALARS and of not in structs:
            raise item.wrong("of", f'unknown type "{of}"; known: {", ".join([*SCALARS, *structs])}')
        entry = Field(name, doc, "list", of, structs.get(of), item.number("max", 1, BODY_MAX))
    else:
        known = ", ".join([*SCALARS, "string", "bytes", "list", *structs])
        raise item.wrong("type", f'unknown type "{kind}"; known: {known}')
    item.close()
    return entry


def place(table, key, message):
    """Give every field its place; a Problem if they do not fit a message."""
    message.variable = [f for f in message.fields if f.variable]
    message.payload = [f for f in message.fields if f.kind != "scalar"]
    scalars = [f for f in message.fields if f.kind == "scalar"]
    length_words = (len(message.variable) + 3) // 4
    if length_words > WORDS:
        raise table.wrong(key, f"{len(message.variable)} texts, byte strings and lists are more than {WORDS * 4}")
    kept = min(len(scalars), WORDS - length_words)
    message.scalars, message.spilled = scalars[:kept], scalars[kept:]
    message.first = kept + length_words
    size = 8 * len(message.spilled)
    for item in message.payload:
        size = align_up(size, item.align) + item.most
    if size > BODY_MAX:
        raise table.wrong(key, f"up to {size} bytes are more than the {BODY_MAX} of a message")
    message.most = size
    return message
