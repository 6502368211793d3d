# SPDX-License-Identifier: MIT
"""Types `make run` at a pseudo-terminal, as a person on a machine without a DISPLAY does, and waits for the prompt in
what QEMU's curses display draws; then types `echo` and `poweroff`. Exits with 0 when all of it was seen."""

import os
import pty
import re
import select
import signal
import sys
import time

INSTALLING = 1200  # seconds for packages and the build
BOOTING = 60
PROMPT = b"annulet>"


class Terminal:
    def __init__(self, command):
        self.child, self.line = pty.fork()
        if self.child == 0:
            os.environ.update(TERM="xterm", LINES="50", COLUMNS="132", LC_ALL="C.UTF-8")
            os.environ.pop("DISPLAY", None)
            os.execvp(command[0], command)
        import fcntl
        import struct
        import termios
        fcntl.ioctl(self.line, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 132, 0, 0))
        self.seen = b""
        self.mark = 0

    def text(self):
        """What came since the last wait, without the escape sequences that move the cursor."""
        return re.sub(rb"\x1b(?:\[[0-9;?]*[A-Za-z]|[()][A-Z0-9]|[=>])", b"", self.seen[self.mark:])

    def wait(self, what, seconds):
        limit = time.monotonic() + seconds
        while what not in self.text():
            ready, _, _ = select.select([self.line], [], [], max(0.0, min(1.0, limit - time.monotonic())))
            if ready:
                try:
                    data = os.read(self.line, 65536)
                except OSError:
                    data = b""
                if not data:
                    raise EOFError(f"ended before {what!r} was seen")
                self.seen += data
            if time.monotonic() > limit:
                raise TimeoutError(f"{what!r} was not seen within {seconds} s")
        self.mark = len(self.seen)

    def type(self, text):
        for character in text:
            os.write(self.line, character.encode())
            time.sleep(0.05)

    def wait_end(self, seconds):
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            ready, _, _ = select.select([self.line], [], [], 0.2)
            if ready:
                try:
                    self.seen += os.read(self.line, 65536)
                except OSError:
                    pass
            ended, status = os.waitpid(self.child, os.WNOHANG)
            if ended:
                return os.waitstatus_to_exitcode(status)
        raise TimeoutError("make run did not end after poweroff")


def main():
    terminal = Terminal(["make", *(sys.argv[1:] or ["run"])])
    try:
        terminal.wait(b"To leave:", INSTALLING)
        terminal.wait(b"Press Enter", BOOTING)
        terminal.type("\r")
        terminal.wait(PROMPT, BOOTING)
        print("the prompt is there", flush=True)
        terminal.type("echo typed at a terminal\r")
        terminal.wait(PROMPT, BOOTING)
        terminal.type("poweroff\r")
        code = terminal.wait_end(BOOTING)
    except (TimeoutError, EOFError) as error:
        os.kill(terminal.child, signal.SIGTERM)
        sys.exit(f"{error}; the last that was seen:\n{terminal.seen[-3000:].decode('utf-8', 'replace')}")
    print(f"make run ended with {code}")
    sys.exit(code)


main()
