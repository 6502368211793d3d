# SPDX-License-Identifier: MIT
"""How long the kernel keeps the processor at a time: the plugin tools/plugins/entries.c counts the instructions of each
entry of each boot, and a machine in which one has more than LIMIT fails."""

import fcntl
import functools
import hashlib
import json
import os
import pathlib
import re
import struct
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIMIT = 5000
FILES = ("entries", "names")  # that a machine opens for them
WORDS, PAIRS_AT = 2 + 2 * 128, 2
NONE = "-"
GENERIC = ["trap_from_user", "irq_handle", "irq_while_idle"]  # their entries are called after what they do, where that has a name
NAMED = re.compile(r"sys_\w+|clock_tick|log_drain|fault_raise|fpu_first_use|endpoint_signal")


@functools.cache
def _symbols(path, _changed):
    listing = subprocess.run(["nm", str(path)], capture_output=True, text=True, check=True).stdout
    return {name: int(address, 16) for address, name in re.findall(r"^(\w+) \w (\S+)$", listing, re.MULTILINE)}


def fingerprint(kernel):
    return hashlib.sha256(pathlib.Path(kernel).read_bytes()).hexdigest()


def record_path(build):
    return build / "log" / "entries.json"


def recorded(build, kernel):
    """What all boots of this kernel have shown until now: {name: [instructions, machine]}."""
    try:
        found = json.loads(record_path(build).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found["entries"] if found["kernel"] == fingerprint(kernel) else {}


class Entries:
    """The figures of one machine that runs this kernel, in its files; `options` are QEMU's, none without the plugin or the kernel's
    symbols, and none for the debug kernel."""

    def __init__(self, build, files, kernel):
        self.options, self.build, self.kernel = [], build, pathlib.Path(kernel or "none")
        plugin, debug = build / "entries.so", self.kernel.with_suffix(".debug")
        # The debug kernel looks at all its books in one entry.
        if not kernel or self.kernel.name == "kernel-debug.elf" or not plugin.is_file() or not debug.is_file():
            return
        symbols = _symbols(debug, debug.stat().st_mtime_ns)
        self.names = [NONE, *GENERIC, *sorted(name for name in symbols if NAMED.fullmatch(name))]
        self.file = files["entries"]
        os.pwrite(files["names"], "".join(f"{symbols[name]:x} {name}\n" for name in self.names[1:]).encode(), 0)
        self.options = ["-plugin", f"{plugin},out=/proc/self/fd/{self.file},names=/proc/self/fd/{files['names']},"
                                   f"idle={symbols['idle_halt'] - 1:#x},nested={symbols['trap_kernel']:#x}"]

    def read(self):
        """{name: instructions of the longest entry called so}."""
        data = os.pread(self.file, 8 * WORDS, 0) if self.options else b""
        if len(data) < 8 * WORDS:
            return {}
        longest = struct.unpack_from(f"<{WORDS}Q", data)[PAIRS_AT + 1::2]
        return {name: longest[i] for i, name in enumerate(self.names) if longest[i]}

    def too_long(self):
        """A sentence if the kernel kept the processor for too long, otherwise nothing."""
        return "; ".join(f"{value} instructions in {name}, {LIMIT} are allowed"
                         for name, value in self.read().items() if value > LIMIT)

    def record(self, machine):
        """Adds the figures to those that other machines had with this kernel. The last that is read of them."""
        figures = self.read()
        self.options = []
        if not figures:
            return
        with open(self.build / "log" / "entries.lock", "w", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            known = recorded(self.build, self.kernel)
            for name, value in figures.items():
                if value > known.get(name, [0])[0]:
                    known[name] = [value, machine]
            record_path(self.build).write_text(
                json.dumps({"kernel": fingerprint(self.kernel), "entries": known}, indent=1, sort_keys=True) + "\n",
                encoding="utf-8")
