# SPDX-License-Identifier: MIT
"""Time limits that a busy host does not shorten: what QEMU's threads wait for a processor is not counted. A guest that
hangs is found all the same, because what is not counted is limited too."""

import pathlib
import time

MOST = 4  # times the limit itself that may go uncounted


def delay_of(pid):
    """Seconds that the process was ready to run and did not (proc(5) and the kernel's sched-stats.rst: the second number
    of schedstat), of the thread that waited longest. 0 where that is not told."""
    longest = 0
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat"):
        try:
            longest = max(longest, int(task.read_text().split()[1]))
        except (OSError, ValueError, IndexError):
            continue  # the thread has ended
    return longest / 1e9


class Patience:
    def __init__(self, pid, seconds):
        self.pid, self.seconds = pid, seconds
        self.start, self.delay = time.monotonic(), delay_of(pid)

    def is_over(self):
        spent = time.monotonic() - self.start
        if spent < self.seconds:
            return False
        return spent - min(delay_of(self.pid) - self.delay, MOST * self.seconds) >= self.seconds

    def part(self, seconds):
        """A function that says whether a wait of so many seconds (None: no limit of its own), or all of it, is over."""
        own = self if seconds is None else Patience(self.pid, seconds)
        return lambda: own.is_over() or self.is_over()
