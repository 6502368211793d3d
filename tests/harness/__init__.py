# SPDX-License-Identifier: MIT
"""Boots the system in QEMU and looks at it from outside: machine.py; what can go wrong, each by name: verdict.py."""

from .machine import Machine
from .verdict import (CutLog, GuestFailed, Hang, KernelPanic, PoweredOff, QemuFailed, QemuKilled, QemuMissing,
                      TripleFault, Verdict)

__all__ = ["Machine", "Verdict", "CutLog", "GuestFailed", "Hang", "KernelPanic", "PoweredOff", "QemuFailed",
           "QemuKilled", "QemuMissing", "TripleFault"]
