# SPDX-License-Identifier: MIT
"""Constants and structs of abi/*.h, read from the headers themselves, so that each fact stands once.

What it understands is what those headers use: #define NAME number-expression, and structs of fixed-width numbers,
arrays of them, chars and other structs of the same kind, naturally aligned.
"""

import ast
import re
from pathlib import Path

ABI = Path(__file__).resolve().parents[2] / "abi"
SIZES = {"uint8_t": 1, "uint16_t": 2, "uint32_t": 4, "uint64_t": 8, "char": 1}


def strip(text):
    return re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.S)


def read(name):
    return strip((ABI / name).read_text(encoding="utf-8"))


def evaluate(text, known):
    """The value of a constant expression; ValueError if it is none."""
    text = re.sub(r"\b(0[xX][0-9a-fA-F]+|\d+)[uUlL]+\b", r"\1", text)

    def value(node):
        if isinstance(node, ast.Constant) and isinstance(node.value, int):
            return node.value
        if isinstance(node, ast.Name) and node.id in known:
            return known[node.id]
        if isinstance(node, ast.BinOp):
            left, right = value(node.left), value(node.right)
            return {ast.BitOr: lambda: left | right, ast.LShift: lambda: left << right, ast.Add: lambda: left + right,
                    ast.Sub: lambda: left - right, ast.Mult: lambda: left * right}[type(node.op)]()
        raise ValueError(text)

    try:
        return value(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, KeyError):
        raise ValueError(text) from None


def constants(*names):
    """Every #define and enumerator of those headers that is a number."""
    known = {}
    for name in names:
        text = read(name)
        for key, expression in re.findall(r"^#define (\w+) (.+)$", text, re.M):
            try:
                known[key] = evaluate(expression, known)
            except ValueError:
                continue
        for body in re.findall(r"enum \w* ?\{([^}]*)\}", text):
            following = 0
            for item in filter(None, (part.strip() for part in body.split(","))):
                key, _, expression = item.partition("=")
                try:
                    following = evaluate(expression, known) if expression else following
                except ValueError:
                    continue
                known[key.strip()] = following
                following += 1
    return known


class Layout:
    """A struct's fields in order: name -> (offset, type, count). count is None for a plain field, 0 for `[]`."""

    def __init__(self, structs, name, known):
        text = re.search(rf"struct {name} \{{(.*?)\n\}};", structs, re.S).group(1)
        self.fields, self.size, self.align = {}, 0, 1
        for kind, field, length in re.findall(r"(?:struct )?(\w+) (\w+)(?:\[(\w*)\])?;", text):
            self.add(structs, kind, field, length, f"{field}[" in text, known)
        self.size += -self.size % self.align

    def add(self, structs, kind, field, length, is_array, known):
        inner = kind if kind in SIZES else Layout(structs, kind, known)
        size, align = (SIZES[kind],) * 2 if kind in SIZES else (inner.size, inner.align)
        count = None if not is_array else evaluate(length, known) if length else 0
        self.size += -self.size % align
        self.fields[field] = (self.size, inner, count)
        self.size += size * (1 if count is None else count)
        self.align = max(self.align, align)

    def pack(self, values):
        """The bytes of the struct; what is not given is 0."""
        raw = bytearray(self.size)
        for name, value in values.items():
            offset, inner, count = self.fields[name]
            piece = pack_field(name, inner, count, value)
            raw[offset:offset + len(piece)] = piece
        return bytes(raw)


def pack_field(name, inner, count, value):
    if isinstance(value, str):
        value = value.encode()
    if isinstance(value, bytes):
        if len(value) >= count + (inner == "uint8_t"):
            raise ValueError(f"{name}: {len(value)} bytes do not fit")
        return value
    if count is None:
        return value.to_bytes(SIZES[inner], "little") if inner in SIZES else inner.pack(value)
    if len(value) > count:
        raise ValueError(f"{name}: {len(value)} do not fit {count}")
    return b"".join(pack_field(name, inner, None, one) for one in value)


def layout(header, name, known):
    return Layout(read(header), name, known)
