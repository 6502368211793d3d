# SPDX-License-Identifier: MIT
"""What can go wrong with a machine under test. Each has its own words, and shows the end of the log and the screen."""

TAIL_LINES = 25


class Verdict(Exception):
    """A run that did not do what the test asked for."""

    words = "failed"

    def __init__(self, reason="", log="", screen=""):
        self.reason = reason
        lines = log.splitlines()
        text = f"{self.words}: {reason}" if reason else self.words
        if lines:
            text += f"\n--- end of the log ({len(lines)} lines) ---\n" + "\n".join(lines[-TAIL_LINES:])
        else:
            text += "\n--- the log is empty ---"
        if screen.strip():
            text += "\n--- screen ---\n" + screen
        super().__init__(text)


class Hang(Verdict):
    words = "hang"


class TripleFault(Verdict):
    words = "triple fault"


class KernelPanic(Verdict):
    words = "kernel panic"


class PoweredOff(Verdict):
    """The machine switched itself off or restarted while the test still wanted something of it."""

    words = "the machine went off"


class GuestFailed(Verdict):
    """The guest said through the exit device that it failed, or something that means nothing."""

    words = "the guest reports failure"


class CutLog(Verdict):
    words = "cut log"


class LongEntry(Verdict):
    """Everything went as the test wanted, but the kernel kept the processor for too long."""

    words = "a kernel entry that is too long"


class QemuMissing(Verdict):
    words = "QEMU is missing"


class QemuKilled(Verdict):
    words = "QEMU was killed"


class QemuFailed(Verdict):
    """QEMU itself ended with an error: a wrong option, a missing file."""

    words = "QEMU failed"
