# SPDX-License-Identifier: MIT
"""What a process that runs under the tests does before it becomes QEMU."""

import ctypes
import signal

PR_SET_PDEATHSIG = 1  # prctl(2)
LIBC = ctypes.CDLL(None)


def die_with_parent():
    """In the child, before QEMU: a test run that is killed leaves no machine behind."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
