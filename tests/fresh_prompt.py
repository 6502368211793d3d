# SPDX-License-Identifier: MIT
"""Types `make run` at a pseudo-terminal, as a person on a machine without a DISPLAY does, and waits for the prompt in
what QEMU's curses display draws; then types `echo` and `poweroff`. Exits with 0 when all of it was seen."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
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
        fcntl.ioctl(self.line, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 132, 0, 0))
        self.seen = b""  # without the escape sequences that move the cursor
        self.unread = b""

    def read(self, seconds):
        """Takes what comes within the time; False at the end."""
        ready, _, _ = select.select([self.line], [], [], seconds)
        if not ready:
            return True
        try:
            data = os.read(self.line, 65536)
        except OSError:
            data = b""
        ended = not data
        data = re.sub(rb"\x1b(?:\[[0-9;?]*[A-Za-z]|[()][A-Z0-9]|[=>])", b"", data)
        self.seen += data
        self.unread += data
        return not ended

    def wait(self, what, seconds):
        limit = time.monotonic() + seconds
        while what not in self.unread:
            if not self.read(0.5) and what not in self.unread:
                raise EOFError(f"ended before {what!r} was seen")
            if time.monotonic() > limit:
                raise TimeoutError(f"{what!r} was not seen within {seconds} s")
        self.unread = self.unread.split(what, 1)[1]

    def type(self, text):
        for character in text:
            os.write(self.line, character.encode())
            time.sleep(0.05)

    def wait_end(self, seconds):
        limit = time.monotonic() + seconds
        while time.monotonic() < limit:
            self.read(0.2)
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
