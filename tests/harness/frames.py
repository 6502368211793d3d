# SPDX-License-Identifier: MIT
"""The kernel's tables as they lie in physical memory, read from outside: address translation and the frame table."""

import struct

from .gdb import symbols

PRESENT, LARGE = 1 << 0, 1 << 7
ADDRESS = ((1 << 52) - 1) & ~0xFFF
KERNEL, FRAMES = 0xFFFFFFFF80000000, 0xFFFFFF0000000000  # abi/layout.h
DESCRIPTOR = struct.Struct("<QQQLL")  # struct frame: stamp, head or process, counts or donated run, pages, run_maps
NONE, MEMORY, DEVICE, PROCESS, POOL, PAGE_TABLE = 0, 1, 2, 3, 17, 18  # abi/object.h
CHUNK = 1 << 20


class FrameTable:
    """table[n] is (type, pages of the run that starts there) of frame n."""

    def __init__(self, machine):
        self.machine = machine
        self.known = symbols(machine.symbols_file)
        self.root = self.kernel_word("kernel_page_table")
        self.count = self.kernel_word("frame_count")
        self.chunk_at, self.chunk = None, b""

    def kernel_word(self, name):
        return int.from_bytes(self.machine.physical(self.known[name] - KERNEL, 8), "little")

    def translate(self, address):
        """Where the kernel's tables say that an address lies, and how much from there on lies behind it."""
        table = self.root
        for level in (3, 2, 1, 0):
            size = 1 << (12 + 9 * level)
            entry = int.from_bytes(self.machine.physical(table + (address // size % 512) * 8, 8), "little")
            assert entry & PRESENT, f"{address:#x} is not mapped"
            if level == 0 or entry & LARGE:
                return (entry & ADDRESS & ~(size - 1)) + address % size, size - address % size
            table = entry & ADDRESS
        return None

    def __getitem__(self, number):
        at = number * DESCRIPTOR.size
        start = at & ~(CHUNK - 1)
        if start != self.chunk_at:
            self.chunk_at, self.chunk = start, self._read(start, min(CHUNK, self.count * DESCRIPTOR.size - start))
        stamp, _, counts, pages, _ = DESCRIPTOR.unpack_from(self.chunk, at - start)
        kind = stamp >> 8 & 0xFF
        # A run in a process's pool has its size in its first frame, whatever that is used for.
        return kind, pages if kind in (MEMORY, DEVICE, PROCESS) else counts & 0xFFFFFFFF or 1

    def _read(self, start, size):
        data = b""
        while len(data) < size:
            physical, room = self.translate(FRAMES + start + len(data))
            data += self.machine.physical(physical, min(room, size - len(data)))
        return data

    def runs(self):
        """(first frame, pages, type) of every run, in ascending order; frames that are in none count as one each."""
        number = 0
        while number < self.count:
            kind, pages = self[number]
            assert pages > 0, f"a run without a page at frame {number:#x}"
            yield number, pages, kind
            number += pages
