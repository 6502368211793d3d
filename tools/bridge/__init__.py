# SPDX-License-Identifier: MIT
"""Typed calls of a running test system from this machine: docs/testing.md, "Test your server"."""

from .system import (Background, BridgeDied, Busy, CallEnded, KernelRefused, NoAnswer, NoService, Notification, ServerDied,
                     System)

__all__ = ["Background", "BridgeDied", "Busy", "CallEnded", "KernelRefused", "NoAnswer", "NoService", "Notification",
           "ServerDied", "System"]
