#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes a small corpus for each fuzz target: sound inputs, made here, that the fuzzer then spoils.

usage: seeds.py FOLDER    (writes FOLDER/multiboot2/…, FOLDER/elf/… and so on; `make fuzz` and `make test` run it)
"""
import pathlib
import struct
import sys

USER_BASE = 0x400000


def tag(kind, data):
    size = 8 + len(data)
    return struct.pack("<II", kind, size) + data + bytes(-size % 8)


def boot_information(*tags):
    body = b"".join(tags) + tag(0, b"")
    return struct.pack("<II", 8 + len(body), 0) + body


def map_entries(*entries):
    return b"".join(struct.pack("<QQII", start, size, kind, 0) for start, size, kind in entries)


PC = map_entries((0, 0x9FC00, 1), (0x9FC00, 0x400, 2), (0xF0000, 0x10000, 2), (0x100000, 0x7EE0000, 1),
                 (0x7FE0000, 0x20000, 3), (0xFFFC0000, 0x40000, 2))


def multiboot2():
    module = struct.pack("<II", 0x200000, 0x201234) + b"init\0"
    screen = struct.pack("<QIIIBB2x", 0xB8000, 160, 80, 25, 16, 2)
    yield boot_information()
    yield boot_information(tag(1, b"quiet\0"), tag(2, b"GRUB\0"), tag(3, module), tag(3, module),
                           tag(6, struct.pack("<II", 24, 0) + PC), tag(8, screen), tag(14, b"RSD PTR ".ljust(20)),
                           tag(15, b"RSD PTR ".ljust(36)))


def memory_map():
    yield b"\x0f" + PC
    yield b"\x02" + PC[::-1]
    yield b"\x03" + map_entries((0, 1 << 63, 1), (1 << 63, (1 << 64) - 1, 2), ((1 << 64) - 4096, 4096, 1))


def elf():
    def program(kind, flags, offset, vaddr, filesz, memsz):
        return struct.pack("<IIQQQQQQ", kind, flags, offset, vaddr, 0, filesz, memsz, 0x1000)

    def symbol(name, info, value, size):
        return struct.pack("<IBBHQQ", name, info, 0, 1, value, size)

    names = b"\0_start\0main\0"
    symbols = bytes(24) + symbol(1, 0x10, USER_BASE + 0x1010, 0) + symbol(8, 0x12, USER_BASE + 0x1100, 0x80)
    programs = (program(1, 4, 0, USER_BASE, 0x200, 0x200) + program(1, 5, 0x1000, USER_BASE + 0x1000, 0x100, 0x200) +
                program(1, 6, 0x1100, USER_BASE + 0x2100, 0x10, 0x3000))
    sections_at = 64 + len(programs) + len(symbols) + len(names)
    sections = bytes(64) + struct.pack("<IIQQQQIIQQ", 0, 2, 0, 0, 64 + len(programs), len(symbols), 2, 1, 8, 24) + \
        struct.pack("<IIQQQQIIQQ", 0, 3, 0, 0, 64 + len(programs) + len(symbols), len(names), 0, 0, 1, 0)
    header = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\2\1\1", 2, 62, 1, USER_BASE + 0x1010, 64, sections_at, 0, 64,
                         56, 3, 64, 3, 0)
    image = (header + programs + symbols + names + sections).ljust(0x1110, b"\x90")
    yield image


def acpi():
    def table(signature, body):
        whole = bytearray(signature + struct.pack("<IBB", 36 + len(body), 1, 0) + b"ANNULET".ljust(26) + body)
        whole[9] = -sum(whole) % 256
        return bytes(whole)

    base = 0x10000
    dsdt = table(b"DSDT", b"\x08_S5_\x12\x06\x04\x00\x00\x00\x00")
    facp = table(b"FACP", struct.pack("<II", 0, base).ljust(28, b"\0") + struct.pack("<II", 0x604, 0).ljust(52, b"\0"))
    rsdt = table(b"RSDT", struct.pack("<I", base + len(dsdt)))
    pointer = bytearray(b"RSD PTR \0ANNULE\0" + struct.pack("<I", base + len(dsdt) + len(facp)) + bytes(16))
    pointer[8] = -sum(pointer[:20]) % 256
    yield bytes(pointer) + dsdt + facp + rsdt


def utf8():
    yield "plain, ö, €, 😀".encode()
    yield b"\xc0\x80\xed\xa0\x80\xf4\x90\x80\x80\xff"


def format():
    yield b"\x20%5d %-08lx|%+.3i %#o%c%%"
    yield b"\x08%*.*u %p %hhx %q"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__.strip())
    for make in (multiboot2, memory_map, elf, acpi, utf8, format):
        folder = pathlib.Path(sys.argv[1], make.__name__)
        folder.mkdir(parents=True, exist_ok=True)
        for number, seed in enumerate(make()):
            (folder / f"seed{number}").write_bytes(seed)


if __name__ == "__main__":
    main()
