# SPDX-License-Identifier: MIT
"""The processor of a machine under test in the hands of gdb: registers and code places, without a hook in the system."""

import re
import subprocess

from .machine import Machine


class Debugger:
    """A machine that waits for gdb before its first instruction. run(commands) attaches, runs gdb's commands in batch
    mode and detaches, so the machine goes on; returns what gdb printed."""

    def __init__(self, boot, tmp_path, **options):
        self.socket = tmp_path / "gdb"
        self.machine: Machine = boot(extra=["-S", "-gdb", f"unix:{self.socket},server=on,wait=off"], **options)

    def run(self, *commands, timeout=120):  # gdb and its symbols are slow on a busy host
        words = ["set confirm off", "set pagination off", "set architecture i386:x86-64",
                 f"target remote {self.socket}", *commands, "detach"]
        arguments = ["gdb", "-q", "-nx", "-batch", str(self.machine.symbols_file)]
        for word in words:
            arguments += ["-ex", word]
        done = subprocess.run(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                              text=True, timeout=timeout, check=False)
        return done.stdout


def symbols(file):
    """{name: address} of a kernel with its symbols."""
    listing = subprocess.run(["nm", str(file)], capture_output=True, text=True, check=True).stdout
    return {name: int(address, 16) for address, name in re.findall(r"^(\w+) \w (\S+)$", listing, re.MULTILINE)}
